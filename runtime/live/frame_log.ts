import { setImmediate } from "node:timers";

/** Readers that are woken in one turn of the event loop. */
const AT_ONCE = 32;

/** How much is kept for those who are behind. */
export interface FrameLogLimits {
  entriesMax: number;
  /** Characters of all frames together. */
  charsMax: number;
}

/** One entry: what its writer wants to know again, and how large it is. */
interface Kept<Entry> {
  entry: Entry;
  chars: number;
}

/**
 * The newest entries of a stream, shared by all who read it. Each reader has a cursor and takes what
 * it wants when it wants; whoever is slow costs nothing, and finds later that entries are gone.
 */
export class FrameLog<Entry> {
  readonly #limits: FrameLogLimits;
  readonly #onEvict: (entry: Entry) => void;
  readonly #wakers = new Set<() => void>();
  #kept: Kept<Entry>[] = [];
  #first = 0;
  #chars = 0;
  #isClosed = false;

  /** @param onEvict hears of each entry that is kept no longer */
  constructor(limits: FrameLogLimits, onEvict: (entry: Entry) => void = () => {}) {
    this.#limits = limits;
    this.#onEvict = onEvict;
  }

  /** Index of the oldest entry that is kept. */
  get first(): number {
    return this.#first;
  }

  /** Index that the next entry gets. */
  get next(): number {
    return this.#first + this.#kept.length;
  }

  /** No entry follows. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  at(index: number): Entry | undefined {
    return this.#kept[index - this.#first]?.entry;
  }

  push(entry: Entry, chars: number): void {
    this.#kept.push({ entry, chars });
    this.#chars += chars;
    const { entriesMax, charsMax } = this.#limits;
    // The newest one stays, however large it is.
    while (this.#kept.length > 1 && (this.#kept.length > entriesMax || this.#chars > charsMax)) {
      this.#evict();
    }
    this.#wake();
  }

  /** Forgets all that is kept. */
  clear(): void {
    while (this.#kept.length > 0) this.#evict();
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** Resolves with the next entry, the log's end, or the signal; whoever waits looks again. */
  async changed(index: number, signal: AbortSignal): Promise<void> {
    if (index < this.next || this.#isClosed || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    this.#wakers.add(wake);
    signal.addEventListener("abort", wake);
    try {
      await promise;
    } finally {
      this.#wakers.delete(wake);
      signal.removeEventListener("abort", wake);
    }
  }

  #evict(): void {
    const { entry, chars } = this.#kept.shift()!;
    this.#first++;
    this.#chars -= chars;
    this.#onEvict(entry);
  }

  /** A thousand readers that write at once would hold up everything else: they go in groups. */
  #wake(): void {
    if (this.#wakers.size === 0) return;
    const wakers = [...this.#wakers];
    this.#wakers.clear();
    for (const wake of wakers.splice(0, AT_ONCE)) wake();
    wakeInTurns(wakers);
  }
}

function wakeInTurns(wakers: (() => void)[]): void {
  if (wakers.length === 0) return;
  setImmediate(() => {
    for (const wake of wakers.splice(0, AT_ONCE)) wake();
    wakeInTurns(wakers);
  });
}
