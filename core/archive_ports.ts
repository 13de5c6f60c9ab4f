/**
 * What keeps a journal short: snapshots of open runs, a history of its own for each run, and the end
 * of runs that are kept no longer.
 *
 * The events of a run are in its history up to the segment that {@linkcode ArchiveStore.compactedTo}
 * names, and in the journal behind it. Neither a crash nor a second try loses or doubles any.
 *
 * @module
 */
import type { Fence } from "./ports.ts";

/** The state of a run at one place of its history. */
export interface RunSnapshot {
  runId: string;
  /** The state is that after so many events of the run; all of them must be durable. */
  events: number;
  /** Those of all segments up to this one are among them. */
  seq: number;
  /** JSON text. */
  text: string;
}

/** A run that the archive takes for open. It may have closed in the journal since. */
export interface ArchivedRun {
  runId: string;
  /** The run's first `events` events are those of the segments up to `upTo`. */
  archived: { upTo: number; events: number };
  /** The newest one; `null` when there is none. */
  snapshot: StoredSnapshot | null;
}

/** A snapshot that can be read. */
export interface StoredSnapshot {
  events: number;
  seq: number;
  /**
   * Its JSON text.
   *
   * @throws {InvariantError} `VALUE_CORRUPT` when it is not what was saved
   */
  read(): Promise<string>;
}

/** Events of a run that one segment held. */
export interface ArchivedEvents<Event> {
  seq: number;
  events: Event[];
}

/** The history of a run that was found with others. */
export interface FoundHistory<Event> {
  runId: string;
  /** Its events, as {@linkcode ArchiveStore.history} gives them; throws as that does. */
  read(): AsyncIterable<ArchivedEvents<Event>>;
}

/** How far to compact. */
export interface Compaction<Event> {
  /** Last segment that may be moved; all up to it must be durable. */
  upTo: number;
  /** Whether a run is closed with this event, unless others follow. */
  isClosing: (event: Event) => boolean;
}

/** Count and size of what is stored of one kind. */
export interface StoredSize {
  count: number;
  /** Bytes of the values, as they are stored; keys and indexes come on top. */
  bytes: number;
}

/** What takes room in a store. */
export interface StoreSizes {
  /** Segments of the journal. */
  journal: StoredSize;
  /** Parts of histories. */
  histories: StoredSize;
  snapshots: StoredSize;
  /** Lines of the run list. */
  runs: StoredSize;
  inbox: StoredSize;
  blobs: StoredSize;
  /** Everything of actor systems. */
  actors: StoredSize;
  audit: StoredSize;
  /** Of the control plane; logs of runs among them. */
  documents: StoredSize;
  /** By name: runs in the run list, and what their histories take. */
  workflows: { workflow: string; runs: number; historyBytes: number }[];
  /** What the store takes on disk, free pages included; `null` where it cannot be told. */
  diskBytes: number | null;
}

/**
 * The archive of a store. Every method may throw `UnavailableError` `STORE_UNAVAILABLE`; those that
 * take a fence throw `ConflictError` `FENCED` when another node leads the partition. For one
 * partition they are called one after the other.
 */
export interface ArchiveStore<Event> {
  /** Keeps snapshots of runs of the fence's partition, each in the place of the one before. */
  saveSnapshots(fence: Fence, snapshots: readonly RunSnapshot[]): Promise<void>;
  /**
   * Runs of a partition that were open when their last events were moved, or have a snapshot.
   *
   * @param only a run: no others are looked at
   */
  openRuns(partition: number, only?: string): Promise<ArchivedRun[]>;
  /**
   * Moves some events from the oldest segments into histories, or drops some segments that were
   * moved. Does about as much as takes 50 ms.
   *
   * @returns whether nothing is left to do
   */
  compact(fence: Fence, compaction: Compaction<Event>): Promise<boolean>;
  /** The last segment that was written, wherever it is now; 0 without any. */
  lastSeq(partition: number): Promise<number>;
  /** Segments up to this one are in histories; 0 when none is. */
  compactedTo(partition: number): Promise<number>;
  /**
   * Events of a run in order, from segment `from` to the one that {@linkcode compactedTo} names.
   *
   * @throws {InvariantError} `VALUE_CORRUPT`, `BLOB_CORRUPT`
   */
  history(
    run: { runId: string; partition: number },
    from?: number,
  ): AsyncIterable<ArchivedEvents<Event>>;
  /**
   * Histories of many runs: much cheaper than one by one where they are neighbours in the run list.
   * In any order; runs without a history are left out.
   */
  histories(
    runs: readonly { runId: string; partition: number }[],
  ): AsyncIterable<FoundHistory<Event>>;
  /**
   * Deletes closed runs for good, with their histories and idempotency keys. All their events must
   * be in their histories.
   *
   * @returns those that were deleted: not a run that is open again
   */
  deleteRuns(fence: Fence, runIds: readonly string[]): Promise<string[]>;
  /** Looks at everything that is stored: slow in a large store. */
  sizes(): Promise<StoreSizes>;
}
