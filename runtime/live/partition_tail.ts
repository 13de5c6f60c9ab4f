import { setTimeout as sleep } from "node:timers/promises";
import type { ArchiveStore } from "../../core/archive_ports.ts";
import type { Store } from "../../core/ports.ts";
import type { RunEvent } from "../../workflows/mod.ts";

/** Who hears what happens to a run. */
export interface TailListener {
  /** Events of the run in one segment, in order. */
  onEvents(seq: number, events: readonly RunEvent[]): void;
  /** Segments before this one went by unseen. */
  onGap(nextSeq: number): void;
}

export interface PartitionTailOptions {
  store: Pick<Store<RunEvent>, "read">;
  archive: Pick<ArchiveStore<RunEvent>, "compactedTo" | "lastSeq">;
  partition: number;
  /** How often the journal is looked at when nobody says that it has grown. */
  pollMs: number;
  onError: (error: unknown) => void;
}

/** Two looks at the journal are so far apart at least. */
const PAUSE_MS = 20;

/** The end of one partition's journal, read once for all runs that are followed. */
export class PartitionTail {
  readonly #options: PartitionTailOptions;
  readonly #listeners = new Map<string, TailListener>();
  readonly #closing = new AbortController();
  #nap = new AbortController();
  #isWoken = false;
  #nextSeq: number;
  readonly #reading: Promise<void>;

  private constructor(options: PartitionTailOptions, nextSeq: number) {
    this.#options = options;
    this.#nextSeq = nextSeq;
    this.#reading = this.#read();
  }

  /** Begins behind what is there now. */
  static async open(options: PartitionTailOptions): Promise<PartitionTail> {
    return new PartitionTail(options, await options.archive.lastSeq(options.partition) + 1);
  }

  /** First segment that has not been told of. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** Tells of a run from {@linkcode nextSeq} on. */
  listen(runId: string, listener: TailListener): void {
    this.#listeners.set(runId, listener);
  }

  /** Tells of a run no more. */
  forget(runId: string): void {
    this.#listeners.delete(runId);
  }

  /** The journal has grown. */
  wake(): void {
    this.#isWoken = true;
    this.#nap.abort();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      this.#isWoken = false;
      try {
        await this.#catchUp();
      } catch (error) {
        this.#options.onError(error);
      }
      await this.#rest(PAUSE_MS, signal);
      if (this.#isWoken) continue;
      this.#nap = new AbortController();
      await this.#rest(this.#options.pollMs, AbortSignal.any([signal, this.#nap.signal]));
    }
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    await sleep(ms, undefined, { signal }).catch(() => {});
  }

  async #catchUp(): Promise<void> {
    const { store, archive, partition } = this.#options;
    for await (const { seq, records } of store.read(partition, this.#nextSeq)) {
      if (this.#closing.signal.aborted) return;
      // What stood there was moved into histories.
      if (seq > this.#nextSeq) break;
      this.#tell(seq, records);
      this.#nextSeq = seq + 1;
    }
    const compactedTo = await archive.compactedTo(partition);
    if (compactedTo < this.#nextSeq) return;
    this.#nextSeq = compactedTo + 1;
    for (const listener of this.#listeners.values()) listener.onGap(this.#nextSeq);
  }

  /** A segment may hold several records of one run. */
  #tell(seq: number, records: readonly { runId: string; events: RunEvent[] }[]): void {
    const byRun = new Map<string, RunEvent[]>();
    for (const { runId, events } of records) {
      if (!this.#listeners.has(runId)) continue;
      const found = byRun.get(runId);
      if (found === undefined) byRun.set(runId, [...events]);
      else found.push(...events);
    }
    for (const [runId, events] of byRun) this.#listeners.get(runId)?.onEvents(seq, events);
  }
}
