import { History } from "./history.ts";
import type { Lesson } from "./learner.ts";
import type { Outcome } from "./outcome.ts";
import { type Common, type Contribution, Pool, shareOf } from "./pool.ts";

/** Outcomes by which the time since an agent's last one is measured; more count as this many. */
const ELAPSED_MAX = 512;

/** Outcomes by which the pace of a capability is measured. */
const PACE_OUTCOMES = 64;

interface Pair {
  history: History;
  share: Contribution | null;
  isStale: boolean;
}

/** What is known of all agents at one capability. */
export class CapabilityRecord {
  readonly #pairs = new Map<string, Pair>();
  readonly #pool = new Pool();
  #stale: Pair[] = [];
  #common: Common | null = null;
  /** When outcomes ended, in order; the newest ones. */
  readonly #times: number[] = [];

  /** Agents with outcomes. */
  get agents(): IterableIterator<string> {
    return this.#pairs.keys();
  }

  /** Whether nobody has an outcome. */
  get isEmpty(): boolean {
    return this.#pairs.size === 0;
  }

  /** Whether an agent has an outcome. */
  has(agent: string): boolean {
    return this.#pairs.has(agent);
  }

  /** When an agent's newest outcome ended; minus infinity without any. */
  lastAt(agent: string): number {
    return this.#pairs.get(agent)?.history.lastAt ?? -Infinity;
  }

  /** Takes an outcome in; `false` when it is known or too old to matter. */
  add(agent: string, outcome: Outcome): boolean {
    let pair = this.#pairs.get(agent);
    if (pair === undefined) {
      pair = { history: new History(), share: null, isStale: false };
      this.#pairs.set(agent, pair);
    }
    if (!pair.history.add(outcome)) return false;
    this.#noteTime(outcome.finishedAt);
    this.#outdate(pair);
    return true;
  }

  /** Forgets an agent. */
  forget(agent: string): void {
    const pair = this.#pairs.get(agent);
    if (pair === undefined) return;
    this.#pairs.delete(agent);
    if (pair.share !== null) this.#pool.add(pair.share, -1);
    this.#stale = this.#stale.filter((one) => one !== pair);
    this.#common = null;
  }

  /** What an agent's outcomes teach that ended by an instant. */
  lesson(agent: string, at: number): Lesson | null {
    return this.#pairs.get(agent)?.history.lesson(at) ?? null;
  }

  /** What the agents have in common, by the outcomes that ended by an instant. */
  common(at: number): Common {
    const newest = this.#times.at(-1);
    if (newest !== undefined && newest > at) return this.#commonEarlier(at);
    if (this.#stale.length > 0) this.#refresh();
    return this.#common ??= this.#pool.common();
  }

  /** Outcomes of any agent that ended after one instant and by another. */
  elapsed(since: number, at: number): number {
    const times = this.#times;
    const end = countUntil(times, at);
    if (end === 0 || times[end - 1]! <= since) return 0;
    return Math.min(ELAPSED_MAX, end - countUntil(times, since));
  }

  /** Milliseconds from one outcome to the next, of late; `null` with fewer than two. */
  paceMs(at: number): number | null {
    const end = countUntil(this.#times, at);
    const start = Math.max(0, end - PACE_OUTCOMES);
    if (end - start < 2) return null;
    return (this.#times[end - 1]! - this.#times[start]!) / (end - 1 - start);
  }

  #noteTime(at: number): void {
    const times = this.#times;
    if (times.length === 0 || times[times.length - 1]! <= at) times.push(at);
    else times.splice(countUntil(times, at), 0, at);
    if (times.length > 4 * ELAPSED_MAX) times.splice(0, 2 * ELAPSED_MAX);
  }

  #outdate(pair: Pair): void {
    this.#common = null;
    if (pair.isStale) return;
    pair.isStale = true;
    this.#stale.push(pair);
  }

  #refresh(): void {
    for (const pair of this.#stale) {
      pair.isStale = false;
      if (pair.share !== null) this.#pool.add(pair.share, -1);
      const lesson = pair.history.lesson(Infinity);
      pair.share = lesson === null ? null : shareOf(lesson);
      if (pair.share !== null) this.#pool.add(pair.share, 1);
    }
    this.#stale = [];
  }

  #commonEarlier(at: number): Common {
    const pool = new Pool();
    for (const { history } of this.#pairs.values()) {
      const lesson = history.lesson(at);
      if (lesson !== null) pool.add(shareOf(lesson), 1);
    }
    return pool.common();
  }
}

/** How many of some ordered instants are no later than one. */
function countUntil(times: readonly number[], at: number): number {
  let low = 0, high = times.length;
  if (high === 0 || times[high - 1]! <= at) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
