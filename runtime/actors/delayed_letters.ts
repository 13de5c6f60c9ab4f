/**
 * Messages that are to be delivered later. They wait in memory; a durable one waits on disk instead.
 *
 * @module
 */
import type { ErrorData } from "../../core/errors.ts";
import { Heap } from "../../core/heap.ts";
import type { Letter } from "./letter.ts";

/** Of a whole system. */
const DELAYED_MAX = 100_000;
const DELAYED_CHARS_MAX = 64 * 1024 * 1024;
const DELAY_MS_MAX = 30 * 24 * 3_600_000;
/** Platform timers take 31 bits. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class DelayedLetters {
  readonly #now: () => number;
  readonly #deliver: (letter: Letter) => void;
  readonly #heap = new Heap<{ at: number; order: number; letter: Letter }>(
    (a, b) => a.at < b.at || (a.at === b.at && a.order < b.order),
  );
  #chars = 0;
  #orders = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;

  constructor(now: () => number, deliver: (letter: Letter) => void) {
    this.#now = now;
    this.#deliver = deliver;
  }

  /** Keeps a letter for so long; those of one instant go in the order in which they came. */
  put(letter: Letter, delayMs: number): ErrorData | null {
    if (this.#heap.size >= DELAYED_MAX) {
      return { code: "OVERLOADED", message: `${DELAYED_MAX} messages wait for their time` };
    }
    if (this.#chars + letter.chars > DELAYED_CHARS_MAX) {
      const message = `${DELAYED_CHARS_MAX} characters of messages wait for their time`;
      return { code: "OVERLOADED", message };
    }
    this.#chars += letter.chars;
    const at = this.#now() + Math.min(delayMs, DELAY_MS_MAX);
    this.#heap.push({ at, order: this.#orders++, letter });
    if (at < this.#timerAt) this.#arm(at);
    return null;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    const delayMs = Math.min(TIMER_MS_MAX, Math.max(0, at - this.#now()));
    this.#timer = setTimeout(() => this.#fire(), delayMs);
  }

  #fire(): void {
    this.#timerAt = Infinity;
    const now = this.#now();
    for (let next = this.#heap.peek(); next !== undefined; next = this.#heap.peek()) {
      if (next.at > now) return this.#arm(next.at);
      this.#heap.pop();
      this.#chars -= next.letter.chars;
      this.#deliver(next.letter);
    }
  }
}
