/**
 * Registered agents: kept by version, held to what they claim, known to every node.
 *
 * @module
 */
export { withPlainEquality } from "./plain_equality.ts";
export type {
  AgentPage,
  AgentRegistry,
  AgentSource,
  RegisterAgentOptions,
  Registrant,
} from "./agent_registry.ts";
export type { AgentRoster, Offer, RosterAgent } from "./agent_roster.ts";
export { HANDSHAKE_LIMITS, type HandshakeLimits } from "./handshake.ts";
export { type InputCheck, InputChecks } from "./input_check.ts";
export { type AgentRegistryOptions, openAgentRegistry } from "./open_agent_registry.ts";
export type {
  AgentDetail,
  AgentFinding,
  AgentStatus,
  RegisteredAgent,
  RegisteredCapability,
} from "./registered_agent.ts";
