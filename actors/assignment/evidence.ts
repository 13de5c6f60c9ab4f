import type { AttemptFact } from "../../core/assignment.ts";
import { type BreakerState, breakerState, retryAt } from "./breaker.ts";
import { CapabilityRecord } from "./capability_record.ts";
import { driftOf } from "./estimate.ts";
import { EvidenceView } from "./evidence_view.ts";
import { readOutcome } from "./outcome.ts";

/** Which capabilities are akin, and by how many steps of `isA`. */
export interface CapabilityKin {
  /** Each at most once; the capability itself does not count. */
  kin(capability: string): readonly { capability: string; distance: number }[];
}

/** What is known of an agent at a capability. */
export interface AgentRecord {
  /** Outcomes that are remembered, and those of them that succeeded. */
  tasks: number;
  successes: number;
  /** Of the others: results that lost to another's, by a vote or a judge. */
  outvoted: number;
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
  /** Chance that it changed within what is remembered, by its own outcomes, 0 to 1. */
  drift: number;
  breaker: BreakerState;
  /** When a breaker that opened lets one task through; `null` when it is closed. */
  retryAt: number | null;
  /** The same where no other agent can take the task: it is tried sooner then. */
  alone: { breaker: BreakerState; retryAt: number | null };
  /** Of bids that promised success: how many, and what such promises are worth, 0 to 1. */
  bidding: { bids: number; standing: number } | null;
}

/** Bounds of what is remembered. */
export interface EvidenceLimits {
  /** Pairs of agent and capability. */
  pairsMax: number;
  /** Capabilities of one agent. */
  agentPairsMax: number;
}

/** What holds unless said otherwise. */
export const EVIDENCE_LIMITS: EvidenceLimits = { pairsMax: 100_000, agentPairsMax: 512 };

/** Beyond a bound so much more is kept, so that the oldest go many at once. */
const SLACK = 1.1;

/** Nothing is akin to anything. */
const NO_KIN: CapabilityKin = { kin: () => [] };

/**
 * What is known of each agent at each capability: a function of the set of facts, whatever the order
 * in which they came. Of a pair some 512 outcomes are kept; beyond the bounds on pairs those go that
 * were not used for longest.
 */
export class Evidence {
  readonly #limits: EvidenceLimits;
  readonly #records = new Map<string, CapabilityRecord>();
  readonly #capabilitiesOf = new Map<string, Set<string>>();
  readonly #kin = new Map<string, readonly { capability: string; distance: number }[]>();
  #tree: CapabilityKin;
  #pairs = 0;
  /** Stands for all that is known now: another object as soon as anything changes. */
  #state = {};

  /** Nothing known yet. */
  constructor(tree: CapabilityKin | null = null, limits: Partial<EvidenceLimits> = {}) {
    this.#tree = tree ?? NO_KIN;
    this.#limits = { ...EVIDENCE_LIMITS, ...limits };
  }

  /** Pairs of agent and capability of which something is known. */
  get pairs(): number {
    return this.#pairs;
  }

  /** Learns from a fact; `false` when it was known or says nothing about an agent. */
  add(fact: AttemptFact): boolean {
    const { capability, agent } = fact;
    const outcome = capability === null ? null : readOutcome(fact);
    if (capability === null || outcome === null) return false;
    let record = this.#records.get(capability);
    if (record === undefined) this.#records.set(capability, record = new CapabilityRecord());
    if (!record.has(agent)) this.#notePair(agent, capability);
    const isNew = record.add(agent, outcome);
    if (isNew) this.#state = {};
    this.#forgetBeyondBounds(agent);
    return isNew;
  }

  /**
   * Learns in steps what the next question would learn at once: after very many facts that takes a
   * while, and whoever takes the steps may let others have their turn between them.
   */
  *learn(): Generator<void> {
    for (const record of this.#records.values()) yield* record.learn();
  }

  /**
   * Forgets what came from runs, in steps, as if they had not been: but for what had gone already
   * because of them.
   */
  *forgetRuns(runIds: ReadonlySet<string>): Generator<void> {
    for (const [capability, record] of this.#records) {
      for (
        const _ of record.forgetRuns(runIds, (agent) => this.#forgetPair(agent, capability))
      ) {
        this.#state = {};
        yield;
      }
      this.#state = {};
    }
  }

  /** Forgets all but so many pairs: those that were not used for longest. */
  keepNewest(count: number): void {
    const all: [string, string][] = [];
    for (const [agent, capabilities] of this.#capabilitiesOf) {
      for (const capability of capabilities) all.push([agent, capability]);
    }
    this.#forgetOldest(all, count);
  }

  /** Says which capabilities are akin from now on. */
  setTree(tree: CapabilityKin | null): void {
    this.#tree = tree ?? NO_KIN;
    this.#kin.clear();
    this.#state = {};
  }

  /** What is known about a capability by an instant, in epoch milliseconds. */
  view(capability: string, at: number): EvidenceView {
    const kin = this.#kinOf(capability).flatMap((one) => {
      const record = this.#records.get(one.capability);
      return record === undefined ? [] : [{ record, distance: one.distance }];
    });
    return new EvidenceView(this.#records.get(capability) ?? EMPTY, kin, at, this.#state);
  }

  /** What is known of an agent at a capability, at an instant in epoch milliseconds. */
  record(agent: string, capability: string, now: number): AgentRecord {
    const view = this.view(capability, now);
    const { lesson, estimate } = view.assess(agent);
    const probeAt = lesson === null ? null : retryAt(lesson.breaker, view.paceMs, false);
    const aloneAt = lesson === null ? null : retryAt(lesson.breaker, view.paceMs, true);
    const promises = lesson?.promises;
    return {
      tasks: lesson?.outcomes ?? 0,
      successes: lesson?.successes ?? 0,
      outvoted: lesson?.outvoted ?? 0,
      success: estimate.mean,
      ...intervalOf(estimate.mean, estimate.variance),
      effectiveTasks: estimate.outcomes,
      latencyMs: lesson === null ? null : lesson.latencyMs,
      costUsd: lesson?.costUsd ?? 0,
      drift: lesson === null ? 0 : driftOf(lesson),
      breaker: breakerState(probeAt, now),
      retryAt: probeAt,
      alone: { breaker: breakerState(aloneAt, now), retryAt: aloneAt },
      bidding: promises === undefined || promises.bids === 0
        ? null
        : { bids: promises.bids, standing: promises.standing },
    };
  }

  #kinOf(capability: string): readonly { capability: string; distance: number }[] {
    let kin = this.#kin.get(capability);
    if (kin === undefined) {
      kin = this.#tree.kin(capability).filter((one) => one.capability !== capability);
      if (this.#kin.size >= this.#limits.pairsMax) this.#kin.clear();
      this.#kin.set(capability, kin);
    }
    return kin;
  }

  #notePair(agent: string, capability: string): void {
    const capabilities = this.#capabilitiesOf.get(agent) ?? new Set();
    this.#capabilitiesOf.set(agent, capabilities.add(capability));
    this.#pairs++;
  }

  #forgetBeyondBounds(agent: string): void {
    const { pairsMax, agentPairsMax } = this.#limits;
    const own = this.#capabilitiesOf.get(agent)!;
    if (own.size > agentPairsMax * SLACK) {
      this.#forgetOldest([...own].map((capability) => [agent, capability]), agentPairsMax);
    }
    if (this.#pairs > pairsMax * SLACK) this.keepNewest(pairsMax);
  }

  #forgetOldest(pairs: [agent: string, capability: string][], keep: number): void {
    this.#state = {};
    const aged = pairs.map(([agent, capability]) => ({
      agent,
      capability,
      lastAt: this.#records.get(capability)!.lastAt(agent),
    })).sort((a, b) =>
      b.lastAt - a.lastAt || (a.agent < b.agent ? -1 : a.agent > b.agent ? 1 : 0) ||
      (a.capability < b.capability ? -1 : 1)
    );
    for (const { agent, capability } of aged.slice(keep)) {
      this.#records.get(capability)!.forget(agent);
      this.#forgetPair(agent, capability);
    }
  }

  /** Of a pair whose outcomes are gone. */
  #forgetPair(agent: string, capability: string): void {
    if (this.#records.get(capability)!.isEmpty) this.#records.delete(capability);
    const capabilities = this.#capabilitiesOf.get(agent)!;
    capabilities.delete(capability);
    if (capabilities.size === 0) this.#capabilitiesOf.delete(agent);
    this.#pairs--;
  }
}

const EMPTY = new CapabilityRecord();

/** Interval that holds a rate with 90 %, by its mean and variance. */
export function intervalOf(mean: number, variance: number): { low: number; high: number } {
  const half = 1.645 * Math.sqrt(variance);
  return { low: Math.max(0, mean - half), high: Math.min(1, mean + half) };
}
