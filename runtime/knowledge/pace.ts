import { setImmediate as nextTurn } from "node:timers/promises";

/** Long enough to get on, short enough for whoever waits for the event loop. */
const SLICE_MS = 5;

/** Lets others have their turn between slices of long work. */
export class Pace {
  #begunAt = performance.now();

  /** Resolves at once as long as the slice lasts, else in the next turn of the event loop. */
  async rest(): Promise<void> {
    if (!this.isOver()) return;
    await nextTurn();
    this.#begunAt = performance.now();
  }

  /** Whether the slice has lasted long enough. */
  isOver(): boolean {
    return performance.now() - this.#begunAt > SLICE_MS;
  }
}
