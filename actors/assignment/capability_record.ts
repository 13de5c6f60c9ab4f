import { AgentsAtWork } from "./agents_at_work.ts";
import { History } from "./history.ts";
import { type Estimate, estimate, type KinEvidence } from "./estimate.ts";
import type { Lesson } from "./learner.ts";
import type { Outcome } from "./outcome.ts";
import { type Common, type Contribution, Pool, type Prior, shareOf } from "./pool.ts";

/** Outcomes by which the time since an agent's last one is measured; more count as this many. */
const ELAPSED_MAX = 512;

/** Outcomes by which is told how many agents share the work. */
const WORK_OUTCOMES = 256;

/** Outcomes by which the pace of a capability is measured. */
const PACE_OUTCOMES = 64;

/** Outcomes from `start` to before `end`, in the order in which they ended. */
interface WorkOfLate {
  agents: AgentsAtWork;
  start: number;
  end: number;
}

interface Pair {
  history: History;
  share: Contribution | null;
  isStale: boolean;
  /** How many outcomes of the capability had ended with its last, of those ever noted. */
  ordinal: number;
  /** Since when ordinals are as they are. */
  epoch: number;
  assessed: Assessed | null;
}

/** An assessment and all that it was made from. */
interface Assessed {
  lesson: Lesson;
  prior: Prior;
  kin: KinEvidence | null;
  elapsed: number;
  assessment: Assessment;
}

/** What is known and expected of an agent at a capability. */
export interface Assessment {
  /** `null` without an outcome of its own at this very capability. */
  lesson: Lesson | null;
  estimate: Estimate;
}

/** What is known of all agents at one capability. */
export class CapabilityRecord {
  readonly #pairs = new Map<string, Pair>();
  readonly #pool = new Pool();
  #stale: Pair[] = [];
  #common: Common | null = null;
  /** When outcomes ended, in order; the newest ones. */
  readonly #times: number[] = [];
  /** Whose they were. */
  readonly #pairsOfTimes: Pair[] = [];
  /** Outcomes noted before the first of these. */
  #timesBefore = 0;
  /** Counts what shifts the ordinals of outcomes. */
  #epoch = 0;
  /** Who did the newest outcomes, from one place in their order to another. */
  #atWork: WorkOfLate | null = null;

  /** Agents with outcomes. */
  get agents(): IterableIterator<string> {
    return this.#pairs.keys();
  }

  /** When the newest outcome of any agent ended; minus infinity without any. */
  get newestAt(): number {
    return this.#times.at(-1) ?? -Infinity;
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
      pair = {
        history: new History(),
        share: null,
        isStale: false,
        ordinal: 0,
        epoch: -1,
        assessed: null,
      };
      this.#pairs.set(agent, pair);
    }
    if (!pair.history.add(outcome)) return false;
    this.#noteTime(outcome.finishedAt, pair);
    pair.epoch = -1;
    this.#outdate(pair);
    return true;
  }

  /** Forgets an agent. */
  forget(agent: string): void {
    const pair = this.#pairs.get(agent);
    if (pair === undefined) return;
    this.#pairs.delete(agent);
    if (pair.share !== null) this.#pool.add(pair.share, -1);
    pair.share = null;
    this.#stale = this.#stale.filter((one) => one !== pair);
    this.#common = null;
  }

  /** Forgets what came from runs, in steps; `onEmptied` hears of agents of which nothing is left. */
  *forgetRuns(
    runIds: ReadonlySet<string>,
    onEmptied: (agent: string) => void,
  ): Generator<void> {
    for (const [agent, pair] of this.#pairs) {
      const gone = pair.history.forgetRuns(runIds);
      for (const { finishedAt } of gone) this.#forgetTime(finishedAt, pair);
      if (pair.history.size === 0) {
        this.forget(agent);
        onEmptied(agent);
      } else if (gone.length > 0) {
        pair.assessed = null;
        this.#outdate(pair);
      }
      yield;
    }
  }

  /** Learns what was added, in steps; outcomes may be added between them. */
  *learn(): Generator<void> {
    for (let pair = this.#stale.at(-1); pair !== undefined; pair = this.#stale.at(-1)) {
      yield* pair.history.learn();
      if (this.#stale.at(-1) !== pair) continue;
      this.#stale.pop();
      this.#refreshPair(pair);
      yield;
    }
  }

  /** What an agent's outcomes teach that ended by an instant. */
  lesson(agent: string, at: number): Lesson | null {
    return this.#pairs.get(agent)?.history.lesson(at) ?? null;
  }

  /** What the agents have in common, by the outcomes that ended by an instant. */
  common(at: number): Common {
    if (this.#stale.length > 0) this.#refresh();
    const newest = this.#times.at(-1);
    if (newest !== undefined && newest > at) return this.#commonEarlier(at);
    return this.#common ??= this.#pool.common();
  }

  /** What is known and expected of an agent, by the outcomes that ended by an instant. */
  assess(agent: string, prior: Prior, kin: KinEvidence | null, at: number): Assessment {
    const pair = this.#pairs.get(agent);
    const lesson = pair === undefined ? null : pair.history.lesson(at);
    if (pair === undefined || lesson === null) {
      return { lesson: null, estimate: estimate(null, prior, kin, 0) };
    }
    const elapsed = coarse(this.#elapsed(pair, lesson, at));
    const known = pair.assessed;
    if (
      known !== null && known.lesson === lesson && known.prior === prior &&
      known.elapsed === elapsed && known.kin?.rate === kin?.rate &&
      known.kin?.outcomes === kin?.outcomes
    ) return known.assessment;
    const assessment = { lesson, estimate: estimate(lesson, prior, kin, elapsed) };
    pair.assessed = { lesson, prior, kin, elapsed, assessment };
    return assessment;
  }

  /** Outcomes of any agent that ended after the last one of an agent. */
  #elapsed(pair: Pair, lesson: Lesson, at: number): number {
    const times = this.#times;
    const newest = times.length === 0 ? -Infinity : times[times.length - 1]!;
    if (newest > at) {
      return Math.min(ELAPSED_MAX, countUntil(times, at) - countUntil(times, lesson.lastAt));
    }
    if (pair.epoch !== this.#epoch) {
      pair.ordinal = this.#timesBefore + countUntil(times, pair.history.lastAt);
      pair.epoch = this.#epoch;
    }
    return Math.min(ELAPSED_MAX, this.#timesBefore + times.length - pair.ordinal);
  }

  /** Milliseconds from one outcome to the next, of late; `null` with fewer than two. */
  paceMs(at: number): number | null {
    const end = countUntil(this.#times, at);
    const start = Math.max(0, end - PACE_OUTCOMES);
    if (end - start < 2) return null;
    return (this.#times[end - 1]! - this.#times[start]!) / (end - 1 - start);
  }

  /** How many agents share the work, of late; those that do little count for less. */
  agentsAtWork(at: number): number {
    const end = countUntil(this.#times, at);
    const isWhole = end === this.#times.length;
    const work = isWhole && this.#atWork !== null ? this.#atWork : this.#workUntil(end);
    if (isWhole) this.#atWork = work;
    this.#followWork(work, end);
    return work.agents.count;
  }

  /** Of those that ended at once all count: they have no order. */
  #workUntil(end: number): WorkOfLate {
    const times = this.#times;
    let start = Math.max(0, end - WORK_OUTCOMES);
    while (start > 0 && times[start - 1] === times[start]) start--;
    return { agents: new AgentsAtWork(), start, end: start };
  }

  /** Takes in what was done up to `end`, and leaves out what is too old. */
  #followWork(work: WorkOfLate, end: number): void {
    const [times, pairs] = [this.#times, this.#pairsOfTimes];
    const first = Math.max(0, end - WORK_OUTCOMES);
    for (; work.end < end; work.end++) work.agents.add(pairs[work.end]!);
    for (; times[work.start]! < times[first]!; work.start++) work.agents.remove(pairs[work.start]!);
  }

  #noteTime(at: number, pair: Pair): void {
    const times = this.#times;
    const place = countUntil(times, at);
    if (place === times.length) {
      times.push(at);
      this.#pairsOfTimes.push(pair);
    } else {
      times.splice(place, 0, at);
      this.#pairsOfTimes.splice(place, 0, pair);
      this.#epoch++;
      this.#atWork = null;
    }
    if (times.length <= 4 * ELAPSED_MAX) return;
    times.splice(0, 2 * ELAPSED_MAX);
    this.#pairsOfTimes.splice(0, 2 * ELAPSED_MAX);
    this.#timesBefore += 2 * ELAPSED_MAX;
    this.#atWork = null;
  }

  #forgetTime(at: number, pair: Pair): void {
    this.#epoch++;
    this.#atWork = null;
    for (let place = countUntil(this.#times, at) - 1; this.#times[place] === at; place--) {
      if (this.#pairsOfTimes[place] !== pair) continue;
      this.#times.splice(place, 1);
      this.#pairsOfTimes.splice(place, 1);
      return;
    }
  }

  #outdate(pair: Pair): void {
    this.#common = null;
    if (pair.isStale) return;
    pair.isStale = true;
    this.#stale.push(pair);
  }

  #refresh(): void {
    for (const pair of this.#stale) this.#refreshPair(pair);
    this.#stale = [];
  }

  #refreshPair(pair: Pair): void {
    pair.isStale = false;
    if (pair.share !== null) this.#pool.add(pair.share, -1);
    const lesson = pair.history.lesson(Infinity);
    pair.share = lesson === null ? null : shareOf(lesson);
    if (pair.share !== null) this.#pool.add(pair.share, 1);
  }

  /** As if the outcomes that ended later were not known: their agents' shares are made anew. */
  #commonEarlier(at: number): Common {
    const later = new Set(this.#pairsOfTimes.slice(countUntil(this.#times, at)));
    const isAllKept = this.#timesBefore === 0 || this.#times[0]! <= at;
    const pool = this.#pool.copy();
    for (const pair of isAllKept ? later : this.#pairs.values()) {
      if (pair.share === null) continue;
      const lesson = pair.history.lesson(at);
      pool.add(pair.share, -1);
      if (lesson !== null) pool.add(shareOf(lesson), 1);
    }
    return pool.common();
  }
}

/** A count in steps that grow with it, so that what rests on it can be kept for a while. */
function coarse(count: number): number {
  if (count < 4) return count;
  const step = 1 << (30 - Math.clz32(count));
  return count - count % step;
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
