import { setImmediate as nextTurn } from "node:timers/promises";
import type { BlobHead, BlobHeap } from "../../core/blob_ports.ts";
import { blobNames } from "../store/blob_names.ts";

/** What a collection found and did. */
export interface Collection {
  /** The epoch that it began. */
  epoch: number;
  /** Blobs that are there now, and their bytes. */
  kept: { count: number; bytes: number };
  /** Blobs that were deleted, and their bytes. */
  dropped: { count: number; bytes: number };
}

export interface CollectionOptions {
  /** Epoch milliseconds. */
  now: () => number;
  /** Blobs that one collection may delete; the others wait for the next. Default 200,000. */
  countMax?: number;
  /** Gives it up between two steps, which loses nothing. */
  signal?: AbortSignal;
}

const COUNT_MAX = 200_000;
const EVERY_MS = 60 * 60 * 1_000;
/** Texts that are looked at between two turns of the event loop. */
const TURN_EVERY = 8;

/**
 * Deletes blobs that nothing names. Any number of processes may write meanwhile, and collect too.
 *
 * A new epoch begins first: see `core/blob_ports.ts`. What was put in it, or in the one before, stays.
 * What is older and will be named by a write to come is named already, by something that is read
 * here. Whatever looks like the name of a blob counts as one, in texts of any kind.
 */
export async function collectBlobs(
  heap: BlobHeap,
  { now, countMax = COUNT_MAX, signal }: CollectionOptions,
): Promise<Collection> {
  const epoch = await heap.beginEpoch(now());
  const lastEpoch = epoch - 2;
  const marks = new Marks(heap, signal);
  const kept = { count: 0, bytes: 0 };
  for await (const head of heap.heads()) {
    kept.count++;
    kept.bytes += head.bytes;
    const isOld = head.epoch <= lastEpoch && marks.suspects.size < countMax;
    if (isOld) marks.suspects.set(head.sha256, head);
    else if (head.mayName) marks.follow(head.sha256);
  }
  const dropped = { count: 0, bytes: 0 };
  if (marks.suspects.size > 0) await marks.markAll();
  for (const head of marks.suspects.values()) {
    signal?.throwIfAborted();
    if (!await heap.drop(head, lastEpoch)) continue;
    dropped.count++;
    dropped.bytes += head.bytes;
  }
  await heap.sweep(lastEpoch);
  kept.count -= dropped.count;
  kept.bytes -= dropped.bytes;
  return { epoch, kept, dropped };
}

/**
 * Collects, unless an epoch has begun not long ago: for nodes, which may all do so at any time.
 *
 * @param options `everyMs`: default an hour
 */
export async function collectBlobsIfDue(
  heap: BlobHeap,
  { everyMs = EVERY_MS, ...options }: CollectionOptions & { everyMs?: number },
): Promise<Collection | null> {
  const { begunAt } = await heap.epoch();
  const now = options.now();
  // A clock that was ahead must not put it off for ever.
  const isDue = now - begunAt >= everyMs || begunAt - now > everyMs;
  return isDue ? await collectBlobs(heap, options) : null;
}

/** Deletes everything that nothing names at present, also what was put in the epoch that is on. */
export async function collectAllBlobs(
  heap: BlobHeap,
  options: CollectionOptions,
): Promise<Collection> {
  await heap.beginEpoch(options.now());
  return await collectBlobs(heap, options);
}

/** Strikes off the suspects whatever is named. */
class Marks {
  readonly #heap: BlobHeap;
  readonly #signal: AbortSignal | undefined;
  /** Blobs that nothing was found to name, by name. */
  readonly suspects = new Map<string, BlobHead>();
  /** Blobs that are kept, and are to be looked into. */
  readonly #open: string[] = [];
  #texts = 0;

  constructor(heap: BlobHeap, signal?: AbortSignal) {
    this.#heap = heap;
    this.#signal = signal;
  }

  /** Says that a blob is kept, and may name others. */
  follow(sha256: string): void {
    this.#open.push(sha256);
  }

  async markAll(): Promise<void> {
    for await (const text of this.#heap.texts()) {
      await this.#look(text);
      if (this.suspects.size === 0) return;
    }
    for (let sha256; (sha256 = this.#open.pop()) !== undefined;) {
      if (this.suspects.size === 0) return;
      const bytes = await this.#read(sha256);
      if (bytes !== null) await this.#look(bytes);
    }
  }

  async #look(text: string | Uint8Array): Promise<void> {
    this.#signal?.throwIfAborted();
    if (++this.#texts % TURN_EVERY === 0) await nextTurn();
    for (const name of blobNames(text)) {
      const head = this.suspects.get(name);
      if (head === undefined) continue;
      this.suspects.delete(name);
      if (head.mayName) this.follow(name);
    }
  }

  /** `null` when another collection has deleted it. */
  async #read(sha256: string): Promise<Uint8Array | null> {
    try {
      return await this.#heap.read(sha256);
    } catch (error) {
      if ((error as { code?: string }).code === "BLOB_MISSING") return null;
      throw error;
    }
  }
}
