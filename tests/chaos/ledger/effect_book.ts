/**
 * What the external ledger decides: it takes the effects of an attempt unless a later one of the
 * same task was there before. A fencing token does its work only where writes are held against it.
 *
 * @module
 */

/** What an agent writes. */
export interface Effect {
  run: string;
  task: string;
  /** From 1. */
  attempt: number;
  /** `ctx.term` of the attempt. */
  term: number;
  /** `begin`, `end` or `step:ID`. */
  what: string;
  /** Tells this write from all others. */
  nonce: string;
}

/** An effect, and what became of it. */
export interface BookEntry extends Effect {
  /** Orders the writes, from 1. */
  n: number;
  /** Milliseconds on the ledger's own monotonic clock. */
  atMs: number;
  isAccepted: boolean;
}

/** The ledger's memory. */
export class EffectBook {
  readonly entries: BookEntry[] = [];
  /** The latest attempt seen, by run and task. */
  readonly #latest = new Map<string, { term: number; attempt: number }>();

  /** Takes or refuses an effect; either is written down. */
  write({ run, task, attempt, term, what, nonce }: Effect, atMs: number): BookEntry {
    const key = `${run}/${task}`;
    const latest = this.#latest.get(key);
    const isAccepted = latest === undefined || !isOlder({ term, attempt }, latest);
    if (isAccepted) this.#latest.set(key, { term, attempt });
    const n = this.entries.length + 1;
    const entry = { n, atMs, run, task, attempt, term, what, nonce, isAccepted };
    this.entries.push(entry);
    return entry;
  }
}

/** Whether `a` comes before `b`: by term, then by attempt. */
export function isOlder(
  a: { term: number; attempt: number },
  b: { term: number; attempt: number },
): boolean {
  return a.term < b.term || a.term === b.term && a.attempt < b.attempt;
}

/** Reads an effect that came over the network; `null` when it is none. */
export function parseEffect(value: unknown): Effect | null {
  if (typeof value !== "object" || value === null) return null;
  const { run, task, attempt, term, what, nonce } = value as Record<string, unknown>;
  const areTexts = [run, task, what, nonce].every((text) => typeof text === "string" && text);
  const areNumbers = [attempt, term].every((number) => Number.isInteger(number));
  return areTexts && areNumbers ? value as Effect : null;
}
