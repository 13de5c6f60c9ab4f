/**
 * What the runtime needs of the world around it, as interfaces: implementations live in `runtime/`
 * and pass one contract suite each.
 *
 * @module
 */
import type { JsonObject } from "./json.ts";

/** Where the runtime reads the time. */
export interface Clock {
  /** Epoch milliseconds. Never runs backwards within a process. */
  now(): number;
}

/** Leadership of one partition: the right to append to its journal until somebody else claims it. */
export interface Fence {
  partition: number;
  /** Grows by one with each claim. */
  term: number;
  /** Opaque to all but the store that gave it. */
  token: string;
}

/** Who leads a partition. */
export interface Holder {
  nodeId: string;
  /** Names the machine and process namespace in which `pid` means something. */
  host: string;
  pid: number;
  /** Tells two processes with the same `pid` apart. */
  processStart: string;
}

/** Who leads a partition, and since which term. */
export interface Term {
  partition: number;
  /** Grows by one with each claim; 0 when nobody ever led the partition. */
  term: number;
  /** `null` while nobody leads it. */
  holder: Holder | null;
  /** Node that the last leader gave it to: it is to claim first. */
  heir: string | null;
}

/** The run of an idempotency key, and who submits it. */
export interface Reservation {
  runId: string;
  holder: Holder;
}

/** Events of one decision about one run, in order. */
export interface JournalRecord<Event> {
  runId: string;
  events: Event[];
}

/** What one group commit wrote. */
export interface Segment<Event> {
  /** From 1, without gaps in one partition. */
  seq: number;
  term: number;
  records: JournalRecord<Event>[];
}

/** One line of the run list; written when a run opens and when it closes. */
export interface RunEntry {
  runId: string;
  workflow: string;
  version: string | null;
  status: string;
  submittedAt: number;
  finishedAt: number | null;
  partition: number;
  /** Journal segment that holds the run's first event. */
  firstSeq: number;
  /** SHA-256 (hex) of the package that the run is pinned to; lines of before lack it. */
  packageHash?: string;
  /** Whose run it is; absent where nobody said so. */
  tenant?: string;
  /** What it is found by. */
  tags?: string[];
}

/** A wish for a run, left for whoever leads its partition. Large bodies are kept as blobs. */
export interface InboxCommand {
  /** Orders the inbox; give it to {@linkcode Store.append} once the wish is in the journal. */
  id: string;
  runId: string;
  /** What is wished: the words are those of `workflows/wishes.ts`. */
  type: string;
  body: JsonObject;
}

/** One group commit. All of it becomes durable, or nothing. */
export interface Append<Event> {
  records: JournalRecord<Event>[];
  /** Run list entries to write with it; `firstSeq` 0 stands for the first segment of this append. */
  runs?: RunEntry[];
  /** Inbox entries that this append has dealt with. */
  handled?: string[];
  /** First segment that a recovery must read: no open run has events before it. */
  lowWater?: number;
}

/** Durable memory of nodes. Every method may throw `UnavailableError` `STORE_UNAVAILABLE`. */
export interface Store<Event> {
  /**
   * Takes a partition, whoever held it before.
   *
   * @param seenTerm term seen by the caller, 0 for none: another one now means `ConflictError`
   *   `PARTITION_TAKEN`
   */
  claim(partition: number, holder: Holder, seenTerm: number): Promise<Fence>;
  /**
   * Gives the partition back, unless it was taken already.
   *
   * @param heir node that is to claim it next, before others try
   */
  release(fence: Fence, heir?: string): Promise<void>;
  term(partition: number): Promise<Term>;
  /** Every partition that was ever claimed, by number; one read, for all of them together. */
  terms(): Promise<Term[]>;
  /**
   * Appends to the journal of the fence's partition.
   *
   * @returns seq of the first segment written, or of the next one when there were no records
   * @throws {ConflictError} `FENCED` when another node leads the partition now; nothing was written
   */
  append(fence: Fence, append: Append<Event>): Promise<number>;
  /** Segments in order, `from` and `to` included. */
  read(partition: number, from: number, to?: number): AsyncIterable<Segment<Event>>;
  /** Where a recovery of this partition starts to read. */
  lowWater(partition: number): Promise<number>;
  run(runId: string): Promise<RunEntry | null>;
  /**
   * Ties an idempotency key to a run id, once, and to the process that will submit the run.
   *
   * @param isGone whether the process that came first cannot submit any more: the run id stays,
   *   and `wish.holder` takes its place
   * @returns what the key is tied to: `wish`, or that of whoever came first
   */
  reserve(
    key: string,
    wish: Reservation,
    isGone: (holder: Holder) => boolean,
  ): Promise<Reservation>;
  /** Newest first; `cursor` is the `runId` of the last entry of the page before. */
  runs(options: { limit: number; cursor?: string }): Promise<RunEntry[]>;
  /** Leaves wishes for the leader of a partition, in order; durable once it resolves. */
  send(partition: number, commands: readonly Omit<InboxCommand, "id">[]): Promise<void>;
  /**
   * The oldest wishes that no append has handled, in order, about 100 of them.
   *
   * @param after only those behind this id
   */
  inbox(partition: number, after?: string): Promise<InboxCommand[]>;
  /**
   * Stores bytes under their SHA-256 (hex), which it returns. To be called each time before
   * something names them, and shortly before: blobs that nothing names are deleted after a while.
   *
   * @param known the hash, where the caller has it: what is stored already costs next to nothing then
   */
  putBlob(bytes: Uint8Array, known?: string): Promise<string>;
  /**
   * @throws {InvariantError} `BLOB_CORRUPT` when the bytes are not those that were stored
   * @throws {InvalidInputError} `BLOB_MISSING`
   */
  getBlob(sha256: string): Promise<Uint8Array>;
  close(): void;
}
