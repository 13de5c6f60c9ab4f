import type { Abstention, Exclusion, ExclusionCode } from "../../core/assignment.ts";
import type { AssignmentQuery, Candidate } from "./candidate.ts";

/** How many of those excluded are named. */
const NAMED_MAX = 3;

/** Agents that do not come into question, by reason. */
export class Exclusions {
  readonly #agents = new Map<ExclusionCode, { count: number; first: string[] }>();

  /** Notes one. */
  add(code: ExclusionCode, agent: string): void {
    const known = this.#agents.get(code);
    if (known === undefined) return void this.#agents.set(code, { count: 1, first: [agent] });
    known.count++;
    insert(known.first, agent);
  }

  /** Whether one is excluded for a reason. */
  has(code: ExclusionCode): boolean {
    return this.#agents.has(code);
  }

  /** Counts and first names, in the order of the codes. */
  summary(): Exclusion[] {
    return [...this.#agents].sort(([a], [b]) => compareText(a, b))
      .map(([code, { count, first }]) => ({ code, count, agents: first }));
  }

  /** Why nobody is left, when there is nobody. */
  abstention(candidates: number, askAgainAt: number): Abstention {
    const code = candidates === 0 ? "NOBODY_OFFERS" : this.has("FULL") ? "ALL_BUSY" : "NOBODY_CAN";
    const again = Number.isFinite(askAgainAt) ? { askAgainAt } : {};
    return { code, excluded: this.summary(), ...again };
  }
}

/** Why a candidate does not come into question, places and breaker aside; `null`: it does. */
export function exclusionOf(one: Candidate, query: AssignmentQuery): ExclusionCode | null {
  if (one.excluded !== undefined) return one.excluded;
  if (query.auction === undefined) return null;
  if (one.bid === undefined || !isSound(one.bid)) return "NO_BID";
  return one.bid.costUsd > (query.auction.reserveUsd ?? Infinity) ? "BID_TOO_HIGH" : null;
}

/** Whether the figures of a bid are what they must be: numbers within their bounds. */
export function isSound(bid: NonNullable<Candidate["bid"]>): boolean {
  const { costUsd, success, latencyMs } = bid;
  return Number.isFinite(costUsd) && costUsd >= 0 &&
    (success === null || (success >= 0 && success <= 1)) &&
    (latencyMs === null || (Number.isFinite(latencyMs) && latencyMs >= 0));
}

/** Keeps the first ones in their order. */
function insert(first: string[], agent: string): void {
  if (first.length === NAMED_MAX && agent >= first[NAMED_MAX - 1]!) return;
  let place = first.length;
  while (place > 0 && agent < first[place - 1]!) place--;
  first.splice(place, 0, agent);
  if (first.length > NAMED_MAX) first.pop();
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
