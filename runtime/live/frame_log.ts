import type { ListenerTurns } from "./listener_turns.ts";

/** How much is kept for those who are behind. */
export interface FrameLogLimits {
  entriesMax: number;
  /** Characters of all frames together. */
  charsMax: number;
}

/** Options of {@linkcode FrameLog}. */
export interface FrameLogOptions<Entry> {
  limits: FrameLogLimits;
  /** Whoever waits for an entry is woken in its turn. */
  turns: ListenerTurns;
  /** Hears of each entry that is kept no longer. */
  onEvict?: (entry: Entry) => void;
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
  readonly #turns: ListenerTurns;
  readonly #onEvict: (entry: Entry) => void;
  readonly #waiting = new Set<FrameLogReader>();
  #kept: Kept<Entry>[] = [];
  #first = 0;
  #chars = 0;
  #isClosed = false;

  constructor({ limits, turns, onEvict = () => {} }: FrameLogOptions<Entry>) {
    this.#limits = limits;
    this.#turns = turns;
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

  /** Somebody reads until the signal aborts; to be disposed of in the end. */
  reader(signal: AbortSignal): FrameLogReader {
    return new FrameLogReader(this, this.#waiting, signal);
  }

  #evict(): void {
    const { entry, chars } = this.#kept.shift()!;
    this.#first++;
    this.#chars -= chars;
    this.#onEvict(entry);
  }

  #wake(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.#turns.add(waiting.map(({ wake }) => wake));
  }
}

/** One who reads a log. It listens to its signal once, however often it waits: that is dear. */
export class FrameLogReader {
  readonly #log: Pick<FrameLog<unknown>, "next" | "isClosed">;
  readonly #waiting: Set<FrameLogReader>;
  readonly #signal: AbortSignal;
  #resolve: (() => void) | undefined;

  constructor(
    log: Pick<FrameLog<unknown>, "next" | "isClosed">,
    waiting: Set<FrameLogReader>,
    signal: AbortSignal,
  ) {
    this.#log = log;
    this.#waiting = waiting;
    this.#signal = signal;
    signal.addEventListener("abort", this.#end);
  }

  /** Resolves with the entry, the log's end, or the signal; whoever waits looks again. */
  changed(index: number): Promise<void> {
    if (index < this.#log.next || this.#log.isClosed || this.#signal.aborted) {
      return Promise.resolve();
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resolve = resolve;
    this.#waiting.add(this);
    return promise;
  }

  readonly wake = (): void => {
    this.#resolve?.();
    this.#resolve = undefined;
  };

  /** Reads no more. */
  [Symbol.dispose](): void {
    this.#signal.removeEventListener("abort", this.#end);
    this.#end();
  }

  readonly #end = (): void => {
    this.#waiting.delete(this);
    this.wake();
  };
}
