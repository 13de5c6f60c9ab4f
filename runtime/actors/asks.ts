/**
 * Everybody who waits for an answer: time limits, and asks that could never be answered.
 *
 * @module
 */
import type { ErrorData } from "../../core/errors.ts";
import type { Activation } from "./activation.ts";
import type { Ask } from "./letter.ts";

/** Asks whose time is over are looked for so often. */
const TICK_MS = 25;
/** Open asks that are looked at for one new ask: a web of asks must not cost the node its time. */
const LOOKS_MAX = 100;

export class Asks {
  readonly #now: () => number;
  /** By the tick in which their time is over: an answer costs no search, and leaves nothing behind. */
  readonly #buckets = new Map<number, Set<Ask>>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #nextTick = Infinity;
  #isStopped = false;
  readonly #onTimeout: (ask: Ask, error: ErrorData) => void;

  constructor(now: () => number, onTimeout: (ask: Ask, error: ErrorData) => void) {
    this.#now = now;
    this.#onTimeout = onTimeout;
  }

  open(ask: Ask): void {
    const tick = Math.ceil(ask.deadlineAt / TICK_MS);
    const bucket = this.#buckets.get(tick);
    if (bucket === undefined) this.#buckets.set(tick, new Set([ask]));
    else bucket.add(ask);
    ask.from?.asking.add(ask);
    if (tick < this.#nextTick) this.#arm(tick);
  }

  /** It is answered, or nobody waits any more. */
  close(ask: Ask): void {
    ask.isOver = true;
    ask.from?.asking.delete(ask);
    const tick = Math.ceil(ask.deadlineAt / TICK_MS);
    const bucket = this.#buckets.get(tick);
    bucket?.delete(ask);
    if (bucket?.size === 0) this.#buckets.delete(tick);
  }

  /** Whoever still waits is told why that is in vain. */
  stop(error: ErrorData): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    for (const asks of this.#buckets.values()) {
      for (const ask of asks) this.#onTimeout(ask, error);
    }
    this.#buckets.clear();
  }

  #arm(tick: number): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#nextTick = tick;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, tick * TICK_MS - this.#now()));
  }

  #fire(): void {
    this.#nextTick = Infinity;
    const due = Math.floor(this.#now() / TICK_MS);
    let next = Infinity;
    for (const [tick, asks] of this.#buckets) {
      if (tick > due) {
        next = Math.min(next, tick);
        continue;
      }
      for (const ask of asks) {
        const message = `No answer from "${ask.to}" in time`;
        this.#onTimeout(ask, { code: "TIMEOUT", message });
      }
    }
    if (next < Infinity) this.#arm(next);
  }
}

/**
 * Whether `asker` would wait for itself: the actor that it asks waits, perhaps through others, for
 * `asker`, and each handles one message at a time. Such an ask could only end by its time limit; so
 * ends one whose circle is not found among the first {@linkcode LOOKS_MAX} asks.
 */
export function isCycle(
  asker: Activation,
  target: Activation,
  find: (address: string) => Activation | undefined,
): boolean {
  const seen = new Set<Activation>([target]);
  let looks = 0;
  for (const actor of seen) {
    if (actor === asker) return true;
    for (const ask of actor.asking) {
      if (++looks > LOOKS_MAX) return false;
      const next = find(ask.to);
      if (next !== undefined) seen.add(next);
    }
  }
  return false;
}
