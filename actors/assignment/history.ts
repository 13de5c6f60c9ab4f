import { Learner, type Lesson } from "./learner.ts";
import { compareOutcomes, type Outcome } from "./outcome.ts";

/** A mark that has this many outcomes after it makes those before it forgotten. */
const KEPT_MIN = 512;

/** More are never kept. */
const KEPT_MAX = 4096;

/** With fewer outcomes what was learnt is made anew at need, instead of kept. */
const LEARNER_FROM = 16;

/** Outcomes that are learnt from in one step of {@linkcode History.learn}. */
const STEP = 32;

/**
 * The outcomes of one agent at one capability, in their order, and what they teach. What is kept
 * begins at the newest mark that has {@linkcode KEPT_MIN} outcomes after it. Marks are named by the
 * facts themselves, so that what is kept depends on the set of facts and not on how they came.
 */
export class History {
  readonly #outcomes: Outcome[] = [];
  #learner: Learner | null = null;
  #learnt = 0;
  #lesson: Lesson | null = null;
  #earlier: { count: number; lesson: Lesson } | null = null;

  /** Outcomes that are kept. */
  get size(): number {
    return this.#outcomes.length;
  }

  /** When the newest ended, in epoch milliseconds. */
  get lastAt(): number {
    return this.#outcomes.at(-1)?.finishedAt ?? -Infinity;
  }

  /** Takes an outcome in at its place; `false` when it is known or older than what is kept. */
  add(outcome: Outcome): boolean {
    const all = this.#outcomes;
    const place = placeOf(all, outcome);
    if (place > 0 && compareOutcomes(all[place - 1]!, outcome) === 0) return false;
    if (place === 0 && this.#hasForgotten) return false;
    if (place === all.length) all.push(outcome);
    else all.splice(place, 0, outcome);
    if (place < this.#learnt) this.#relearn();
    this.#lesson = null;
    this.#earlier = null;
    this.#forget();
    return true;
  }

  /** Forgets the outcomes of runs. @returns them */
  forgetRuns(runIds: ReadonlySet<string>): Outcome[] {
    const gone = this.#outcomes.filter(({ runId }) => runIds.has(runId));
    if (gone.length === 0) return gone;
    const kept = this.#outcomes.filter(({ runId }) => !runIds.has(runId));
    this.#outcomes.splice(0, this.#outcomes.length, ...kept);
    this.#lesson = null;
    this.#earlier = null;
    this.#relearn();
    return gone;
  }

  /** What the outcomes teach that ended by an instant. */
  lesson(at: number): Lesson | null {
    if (this.#outcomes.length === 0) return null;
    return this.lastAt <= at ? this.#latest() : this.#earlierLesson(at);
  }

  /** Learns in steps what {@linkcode lesson} would learn at once. */
  *learn(): Generator<void> {
    while (this.#outcomes.length >= LEARNER_FROM && this.#learnt < this.#outcomes.length) {
      const learner = this.#learner ??= new Learner();
      const end = Math.min(this.#learnt + STEP, this.#outcomes.length);
      for (; this.#learnt < end; this.#learnt++) learner.learn(this.#outcomes[this.#learnt]!);
      yield;
    }
  }

  #latest(): Lesson {
    if (this.#lesson !== null) return this.#lesson;
    const learner = this.#learner ?? new Learner();
    for (; this.#learnt < this.#outcomes.length; this.#learnt++) {
      learner.learn(this.#outcomes[this.#learnt]!);
    }
    if (this.#outcomes.length < LEARNER_FROM) this.#relearn();
    else this.#learner = learner;
    return this.#lesson = learner.lesson();
  }

  /** Clocks of nodes differ: facts may bear a later time than the question. */
  #earlierLesson(at: number): Lesson | null {
    let count = this.#outcomes.length;
    while (count > 0 && this.#outcomes[count - 1]!.finishedAt > at) count--;
    if (count === 0) return null;
    if (this.#earlier?.count === count) return this.#earlier.lesson;
    const learner = new Learner();
    for (let index = 0; index < count; index++) learner.learn(this.#outcomes[index]!);
    this.#earlier = { count, lesson: learner.lesson() };
    return this.#earlier.lesson;
  }

  #hasForgotten = false;

  #forget(): void {
    const all = this.#outcomes;
    if (all.length <= KEPT_MIN) return;
    let start = all.length - KEPT_MIN;
    while (start > 0 && !all[start]!.isMark) start--;
    if (start === 0 && all.length > KEPT_MAX) start = all.length - KEPT_MIN;
    if (start === 0) return;
    all.splice(0, start);
    this.#hasForgotten = true;
    this.#relearn();
  }

  #relearn(): void {
    this.#learner = null;
    this.#learnt = 0;
  }
}

/** Where an outcome belongs, after its equal: nearly always at the end. */
function placeOf(all: readonly Outcome[], outcome: Outcome): number {
  let low = 0, high = all.length;
  if (high > 0 && compareOutcomes(all[high - 1]!, outcome) <= 0) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareOutcomes(all[middle]!, outcome) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
