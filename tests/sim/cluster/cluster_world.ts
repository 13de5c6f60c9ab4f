import { Heap } from "../../../core/heap.ts";
import { SeededRandom } from "../../seeded_random.ts";

/** More things than any drawn world needs to come to rest. */
const HAPPENINGS_MAX = 400_000;

interface Happening {
  at: number;
  order: number;
  run: () => void;
}

/** True time, chance and what is to happen when. The same seed gives the same trace. */
export class ClusterWorld {
  readonly random: SeededRandom;
  /** True milliseconds: nobody in the world can read them. */
  at = 0;
  /** Looks at the whole world after each thing that happened. */
  afterEach: () => void = () => {};
  readonly counts = new Map<string, number>();
  /** Lines of the trace, where they are kept. */
  readonly #lines: string[] | null;
  #hash = 0x811c9dc5;
  #order = 0;
  readonly #queue = new Heap<Happening>((a, b) =>
    a.at < b.at || (a.at === b.at && a.order < b.order)
  );

  constructor(seed: number, lines: string[] | null) {
    this.random = new SeededRandom(seed * 2_654_435_761);
    this.#lines = lines;
  }

  after(delayMs: number, run: () => void): void {
    this.#queue.push({ at: this.at + Math.max(0, delayMs), order: this.#order++, run });
  }

  /** Lets things happen until `isDone` says so. */
  runUntil(isDone: () => boolean): void {
    for (let count = 0; !isDone(); count++) {
      const next = this.#queue.pop();
      if (next === undefined || count === HAPPENINGS_MAX) {
        throw new Error("the world does not come to rest");
      }
      this.at = next.at;
      next.run();
      this.afterEach();
    }
  }

  /** Something worth to be in the trace. */
  note(line: string): void {
    const text = `${this.at.toFixed(2)} ${line}`;
    this.#lines?.push(text);
    let hash = this.#hash;
    for (let at = 0; at < text.length; at++) {
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    }
    this.#hash = hash;
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** Fingerprint of the trace so far (FNV-1a, 32 bits). */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }
}
