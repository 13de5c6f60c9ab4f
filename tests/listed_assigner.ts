/**
 * An assigner that takes the agents in the order in which they are listed: for tests in which it
 * matters what the decider makes of a choice, not how one is made.
 *
 * @module
 */
import type { Abstention, AssignmentRecord } from "../core/assignment.ts";
import type {
  Assigner,
  AssignmentChoice,
  AssignmentRequest,
  ReusedResult,
} from "../workflows/mod.ts";

/** Agents by capability; the first with a place gets the task, but none that failed at it. */
export class ListedAssigner implements Assigner {
  /** All that was asked. */
  readonly requests: AssignmentRequest[] = [];
  /** Results that stand for the work, by text of the input. */
  readonly results = new Map<string, ReusedResult>();
  /** Agents that are not registered any more. */
  readonly gone = new Set<string>();

  constructor(
    readonly agents: Record<string, string[]>,
    readonly refuses: (request: AssignmentRequest, agent: string) => boolean = () => false,
  ) {}

  hasRoom(
    capability: string,
    _own: readonly string[],
    free: (agent: string) => number,
  ): boolean {
    const agents = this.agents[capability] ?? [];
    return agents.length === 0 || agents.some((agent) => free(agent) > 0);
  }

  choose(request: AssignmentRequest): AssignmentChoice {
    this.requests.push(request);
    const offering = this.agents[request.capability] ?? [];
    if (offering.length === 0) return abstain({ code: "NOBODY_OFFERS", excluded: [] });
    const able = this.#able(request);
    if (able.length === 0) {
      const taken = offering.every((agent) => request.taken.has(agent));
      const code = taken ? "TAKEN" : "INPUT_REFUSED";
      const excluded = [{ code, count: offering.length, agents: offering } as const];
      return abstain({ code: "NOBODY_CAN", excluded });
    }
    const free = able.filter((agent) => request.free(agent) > 0);
    const agent = free.find((each) => !request.failed.has(each)) ?? free[0];
    if (agent === undefined) return abstain({ code: "ALL_BUSY", excluded: [] });
    return { agent, record: recordOf(request, agent, able.length) };
  }

  isGone(agent: string): boolean {
    return this.gone.has(agent);
  }

  invite(request: AssignmentRequest): string[] {
    return this.#able(request);
  }

  reuse(request: AssignmentRequest): ReusedResult | null {
    return this.results.get(JSON.stringify(request.input)) ?? null;
  }

  /** Who bid least goes first, where there was an auction. */
  #able(request: AssignmentRequest): string[] {
    const priceOf = (agent: string) =>
      request.bids?.find((bid) => bid.agent === agent)?.costUsd ?? Infinity;
    return (this.agents[request.capability] ?? [])
      .filter((agent) => !request.taken.has(agent) && !this.refuses(request, agent))
      .toSorted((a, b) => priceOf(a) === priceOf(b) ? 0 : priceOf(a) - priceOf(b));
  }
}

function abstain(why: Abstention): AssignmentChoice {
  return { agent: null, why };
}

function recordOf(
  { capability, bids }: AssignmentRequest,
  agent: string,
  considered: number,
): AssignmentRecord {
  return {
    way: bids !== undefined && bids.length > 0 ? "auction" : considered === 1 ? "only" : "evidence",
    capability,
    codeHash: "1".repeat(16),
    inputHash: "0".repeat(32),
    text: capability,
    candidates: [{
      agent,
      score: 0.5,
      success: agent === "b" ? 0.9 : 0.5,
      low: 0.1,
      high: 0.9,
      tasks: 3,
      latencyMs: null,
      costUsd: 0,
      load: 0,
    }],
    considered,
    ...(bids === undefined ? {} : { bids: [...bids] }),
  };
}
