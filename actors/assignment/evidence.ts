import { type AttemptFact, compareFacts } from "../../core/assignment.ts";

/** Which capabilities are akin, and by how many steps of `isA`. */
export interface CapabilityKin {
  /** Never names the capability itself; each other one at most once. */
  kin(capability: string): readonly { capability: string; distance: number }[];
}

/** Whether an agent gets tasks: `open` none, `half-open` one to see whether it works again. */
export type BreakerState = "closed" | "open" | "half-open";

/** What is known of an agent at a capability. */
export interface AgentRecord {
  /** Outcomes that are remembered. */
  tasks: number;
  successes: number;
  /** Expected share of successes now, 0 to 1, with an interval that holds it with 90 %. */
  success: number;
  low: number;
  high: number;
  /** Outcomes that this rests on, weighted by age and likeness. */
  effectiveTasks: number;
  /** `null` when nothing is known. */
  latencyMs: number | null;
  /** Mean cost of an attempt, in US dollars. */
  costUsd: number;
  /** How surely it changed within what is remembered, 0 to 1. */
  drift: number;
  breaker: BreakerState;
  /** When a breaker that is open lets one task through; `null` when it is closed. */
  retryAt: number | null;
  /** Of those that bid: what their promises are worth. */
  bidding: { bids: number; standing: number } | null;
}

/** Bounds of what is remembered. */
export interface EvidenceLimits {
  /** Pairs of agent and capability. */
  pairsMax: number;
}

/**
 * What is known of each agent at each capability: a function of the set of facts, whatever the order
 * in which they came.
 */
export class Evidence {
  #pairs = new Map<string, Map<string, AttemptFact[]>>();
  readonly limits: EvidenceLimits;

  /** Nothing known yet. */
  constructor(_tree: CapabilityKin | null = null, limits: Partial<EvidenceLimits> = {}) {
    this.limits = { pairsMax: 100_000, ...limits };
  }

  /** Learns from a fact; `false` when it was known or says nothing about an agent. */
  add(fact: AttemptFact): boolean {
    if (fact.capability === null) return false;
    const byAgent = this.#pairs.get(fact.capability) ?? new Map<string, AttemptFact[]>();
    this.#pairs.set(fact.capability, byAgent);
    const facts = byAgent.get(fact.agent) ?? [];
    byAgent.set(fact.agent, facts);
    let place = facts.length;
    while (place > 0 && compareFacts(facts[place - 1]!, fact) > 0) place--;
    if (place > 0 && compareFacts(facts[place - 1]!, fact) === 0) return false;
    facts.splice(place, 0, fact);
    if (facts.length > 512) facts.splice(0, facts.length - 512);
    return true;
  }

  /** Says which capabilities are akin from now on. */
  setTree(_tree: CapabilityKin | null): void {}

  /** What is known of an agent at a capability, at an instant in epoch milliseconds. */
  record(agent: string, capability: string, _now: number): AgentRecord {
    const facts = (this.#pairs.get(capability)?.get(agent) ?? [])
      .filter((fact) => fact.outcome !== "neutral");
    const successes = facts.filter((fact) => fact.outcome === "completed").length;
    const mean = (successes + 1) / (facts.length + 2);
    const spread = 1.645 * Math.sqrt(mean * (1 - mean) / (facts.length + 3));
    const latency = facts.reduce((sum, fact) => sum + fact.finishedAt - fact.startedAt, 0);
    return {
      tasks: facts.length,
      successes,
      success: mean,
      low: Math.max(0, mean - spread),
      high: Math.min(1, mean + spread),
      effectiveTasks: facts.length,
      latencyMs: facts.length === 0 ? null : latency / facts.length,
      costUsd: facts.length === 0 ? 0 : facts.at(-1)!.costUsd,
      drift: 0,
      breaker: "closed",
      retryAt: null,
      bidding: null,
    };
  }
}
