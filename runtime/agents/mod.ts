/**
 * Registered agents: kept by version, held to what they claim, known to every node.
 *
 * @module
 */
export type {
  AgentPage,
  AgentRegistry,
  AgentSource,
  RegisterAgentOptions,
  Registrant,
} from "./agent_registry.ts";
export type { AgentRoster, Offer, RosterAgent } from "./agent_roster.ts";
export type {
  AgentDetail,
  AgentFinding,
  AgentStatus,
  RegisteredAgent,
  RegisteredCapability,
} from "./registered_agent.ts";
