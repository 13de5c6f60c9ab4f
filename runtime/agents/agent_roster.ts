/**
 * The registered agents as whoever assigns tasks knows them: in memory, at most a second old.
 *
 * @module
 */
import type { CapabilityTree } from "../../actors/knowledge/mod.ts";
import type { InputCheck } from "./input_check.ts";
import type { RegisteredAgent } from "./registered_agent.ts";

/** A registered agent with what it takes to give it work. */
export interface RosterAgent extends RegisteredAgent {
  /** In the cells of this node; `null` as long as its code is not at hand: see {@linkcode AgentRoster.ensure}. */
  readonly agentKey: string | null;
  /**
   * Whether its input schema takes a value. An approximation from above: what it refuses the
   * agent refuses, what it takes the agent may still refuse. The same for agents of one schema.
   */
  checkOf(capability: string): InputCheck;
}

/** An agent that offers what was asked for. */
export interface Offer {
  agent: RosterAgent;
  /** What it offers: the capability itself, or a narrower one. */
  capability: string;
  /** Steps of `isA` between the two; 0 for the capability itself. */
  distance: number;
}

/** Knows the registered agents. What it answers is never changed afterwards. */
export interface AgentRoster {
  /** Grows with each change. */
  readonly version: number;
  /**
   * Agents of the tenant, and shared ones, that offer the capability or a narrower one, nearest
   * first; ready or not. Each agent once. The same list until something changes.
   *
   * @param tenant `null`: shared ones only
   */
  offering(capability: string, tenant: string | null): readonly Offer[];
  /** By `name@version` exactly. A tenant's own comes before a shared one. */
  find(ref: string, tenant: string | null): RosterAgent | null;
  /**
   * What `agent: NAME` of a workflow file means when the file has no such agent: the newest ready
   * version that `name@range` takes, or of the name.
   */
  resolve(reference: string, tenant: string | null): RosterAgent | null;
  all(): readonly RosterAgent[];
  /** What the manifests of all registered agents say; another object after each change of it. */
  readonly tree: CapabilityTree;
  /** Of the shared agents and those of a tenant alone. */
  treeSeenBy(tenant: string | null): CapabilityTree;
  /** Brings the code to this node, so that `agentKey` is set. */
  ensure(ref: string, tenant: string | null): Promise<RosterAgent>;
  /** Looks for changes of other nodes now; else it happens every second. */
  refresh(): Promise<void>;
  /** @returns what ends it */
  onChange(listener: () => void): () => void;
}
