/**
 * Messages that are to be delivered later. They wait in memory; a durable one waits on disk instead.
 *
 * @module
 */
import type { ErrorData } from "../../core/errors.ts";
import { Heap } from "../../core/heap.ts";
import type { Letter } from "./letter.ts";

interface Load {
  messages: number;
  chars: number;
}

/** What may wait in a whole system, and of the instances of one definition: others have the rest. */
const SYSTEM_MAX: Load = { messages: 100_000, chars: 64 * 1024 * 1024 };
const SENDER_MAX: Load = { messages: 25_000, chars: 16 * 1024 * 1024 };
const RETRY_AFTER_MS = 1_000;
const DELAY_MS_MAX = 30 * 24 * 3_600_000;
/** Platform timers take 31 bits. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class DelayedLetters {
  readonly #now: () => number;
  readonly #deliver: (letter: Letter) => void;
  readonly #heap = new Heap<{ at: number; order: number; letter: Letter }>(
    (a, b) => a.at < b.at || (a.at === b.at && a.order < b.order),
  );
  readonly #all: Load = { messages: 0, chars: 0 };
  /** By the definition of the sender. */
  readonly #bySender = new Map<string, Load>();
  #orders = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;

  constructor(now: () => number, deliver: (letter: Letter) => void) {
    this.#now = now;
    this.#deliver = deliver;
  }

  /** Keeps a letter for so long; those of one instant go in the order in which they came. */
  put(letter: Letter, delayMs: number): ErrorData | null {
    const sender = this.#loadOf(letter);
    if (!fits(letter, this.#all, SYSTEM_MAX)) return overloaded("this system", SYSTEM_MAX);
    if (!fits(letter, sender, SENDER_MAX)) return overloaded("its sender", SENDER_MAX);
    this.#count(letter, 1);
    const at = this.#now() + Math.min(delayMs, DELAY_MS_MAX);
    this.#heap.push({ at, order: this.#orders++, letter });
    if (at < this.#timerAt) this.#arm(at);
    return null;
  }

  #loadOf({ share = "" }: Letter): Load {
    return this.#bySender.get(share) ?? { messages: 0, chars: 0 };
  }

  #count(letter: Letter, change: 1 | -1): void {
    const sender = this.#loadOf(letter);
    for (const load of [this.#all, sender]) {
      load.messages += change;
      load.chars += change * letter.chars;
    }
    if (sender.messages === 0) this.#bySender.delete(letter.share ?? "");
    else this.#bySender.set(letter.share ?? "", sender);
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
      this.#count(next.letter, -1);
      this.#deliver(next.letter);
    }
  }
}

function fits({ chars }: Letter, load: Load, max: Load): boolean {
  return load.messages < max.messages && load.chars + chars <= max.chars;
}

function overloaded(whose: string, { messages, chars }: Load): ErrorData {
  return {
    code: "OVERLOADED",
    message: `Messages of ${whose} wait for their time: ${messages} may, of ${chars} characters`,
    details: { retryAfterMs: RETRY_AFTER_MS },
  };
}
