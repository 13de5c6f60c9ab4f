/**
 * Who can take the tasks of an agent that failed too often: whether there is anybody decides when it
 * is tried again.
 *
 * @module
 */
import { agentIdOf } from "../../core/assignment.ts";
import type { AgentRoster } from "../agents/mod.ts";
import type { ReadRecord } from "./agent_records.ts";

/** Those that are named. */
const NAMED_MAX = 3;

/** Where they are looked for. */
export interface StandInSources {
  roster: Pick<AgentRoster, "offering">;
  /** Of the runs that the tasks are of. */
  tenant: string | null;
  read: ReadRecord;
  /** Agents of the same workflow file. */
  own: readonly StandIn[];
}

/** An agent of a file. */
export interface StandIn {
  id: string;
  name: string;
  capabilities: readonly string[];
}

/**
 * Agents that offer the capability, or something narrower, and get tasks of it: three at most. Those
 * of other workflow files are not looked at.
 *
 * @param id of the agent that they stand in for
 */
export function findStandIns(
  id: string,
  capability: string,
  { roster, tenant, read, own }: StandInSources,
): string[] {
  const found: string[] = [];
  const take = (otherId: string, name: string) => {
    if (found.length === NAMED_MAX || otherId === id) return;
    if (read(otherId, capability).breaker === "closed") found.push(name);
  };
  for (const one of own) if (one.capabilities.includes(capability)) take(one.id, one.name);
  for (const { agent } of roster.offering(capability, tenant)) {
    if (found.length === NAMED_MAX) break;
    if (agent.status === "ready") take(agentIdOf(tenant, "", agent.ref), agent.ref);
  }
  return found;
}
