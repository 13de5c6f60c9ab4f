import { Heap } from "../../../core/heap.ts";
import { SeededRandom } from "../../seeded_random.ts";

/** More things than any drawn world needs to come to rest. */
const HAPPENINGS_MAX = 60_000;

/** Time, chance and what is to happen when. The same seed gives the same trace. */
export class BusWorld {
  readonly random: SeededRandom;
  readonly trace: string[] = [];
  at = 1_000;
  #order = 0;
  readonly #queue = new Heap<{ at: number; order: number; run: () => void }>((a, b) =>
    a.at < b.at || (a.at === b.at && a.order < b.order)
  );

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  after(delayMs: number, run: () => void): void {
    this.#queue.push({ at: this.at + delayMs, order: this.#order++, run });
  }

  /** As long as there is anything to do. */
  runToRest(): void {
    for (let count = 0; count < HAPPENINGS_MAX; count++) {
      const next = this.#queue.pop();
      if (next === undefined) return;
      this.at = next.at;
      next.run();
    }
    throw new Error("the world does not come to rest");
  }

  note(line: string): void {
    this.trace.push(`${this.at} ${line}`);
  }
}
