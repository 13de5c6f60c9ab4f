/** A request without the token. */
export interface LinkRefusal {
  /** Who sent it. */
  remote: string;
  reason: "token missing" | "token wrong";
  /** How many there were since the last word. */
  count: number;
}

/** Refusals are told so often at most: whoever knocks must not fill the audit log. */
const WINDOW_MS = 1_000;

/** Counts refusals, and tells of them once a second at most. */
export class RefusalMeter {
  readonly #tell: (refusal: LinkRefusal) => void;
  readonly #now: () => number;
  #silentUntil = -Infinity;
  #held: LinkRefusal | null = null;

  /** @param now milliseconds of a clock that never runs backwards */
  constructor(tell: (refusal: LinkRefusal) => void, now: () => number) {
    this.#tell = tell;
    this.#now = now;
  }

  note(remote: string, reason: LinkRefusal["reason"]): void {
    this.#held = { remote, reason, count: (this.#held?.count ?? 0) + 1 };
    const now = this.#now();
    if (now < this.#silentUntil) return;
    this.#silentUntil = now + WINDOW_MS;
    this.flush();
  }

  /** Tells of what was only counted. */
  flush(): void {
    const held = this.#held;
    this.#held = null;
    if (held !== null) this.#tell(held);
  }
}
