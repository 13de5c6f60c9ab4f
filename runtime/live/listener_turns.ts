import { setImmediate, setTimeout } from "node:timers";

/** Listeners that are served in one turn of the event loop. */
const AT_ONCE = 16;
/** Listeners are served for so long before there is a pause, in which requests get on. */
const SLICE_MS = 2;
const PAUSE_MS = 3;

/**
 * Serves the listeners of all streams, a few at a time: a thousand that are written to at once would
 * hold up everything else. Whoever came first is served first; the first few at once.
 */
export class ListenerTurns {
  readonly #waiting: (() => void)[] = [];
  /** How many may be served before the event loop has gone round. */
  #left = AT_ONCE;
  #isServing = false;
  #pauseAt = 0;

  /** @param serve each must not throw */
  add(serve: Iterable<() => void>): void {
    for (const one of serve) this.#waiting.push(one);
    if (this.#waiting.length === 0) return;
    if (!this.#isServing) this.#beginSlice();
    this.#serve();
    if (this.#isServing) return;
    this.#isServing = true;
    setImmediate(() => this.#goOn());
  }

  #beginSlice(): void {
    this.#pauseAt = performance.now() + SLICE_MS;
  }

  #serve(): void {
    const some = this.#waiting.splice(0, this.#left);
    this.#left -= some.length;
    for (const serve of some) serve();
  }

  #goOn(): void {
    if (this.#waiting.length > 0 && performance.now() >= this.#pauseAt) {
      setTimeout(() => {
        this.#beginSlice();
        this.#nextGroup();
      }, PAUSE_MS);
    } else {
      this.#nextGroup();
    }
  }

  #nextGroup(): void {
    this.#left = AT_ONCE;
    this.#isServing = this.#waiting.length > 0;
    if (!this.#isServing) return;
    this.#serve();
    setImmediate(() => this.#goOn());
  }
}
