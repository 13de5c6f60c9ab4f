import type { StoreSizes } from "../../core/archive_ports.ts";
import type { Fence } from "../../core/ports.ts";
import type { PackedText } from "./packed_text.ts";

/** Some events of one run, packed. */
export interface HistoryPart extends PackedText {
  runId: string;
  /** First and last segment from which it has events. */
  firstSeq: number;
  lastSeq: number;
}

/** A run that was open when its last events were moved. */
export interface OpenRow {
  runId: string;
  /** The run's first `events` events are those of the segments up to `upTo`. */
  upTo: number;
  events: number;
}

/** What is known of a snapshot without its bytes. */
export interface SnapshotHead {
  runId: string;
  events: number;
  /** Events of all segments up to this one are among them. */
  seq: number;
  /** Length as it is stored. */
  packedBytes: number;
}

/** A packed snapshot. */
export interface SnapshotRow extends SnapshotHead, PackedText {}

/** How far a partition is compacted. */
export interface Mark {
  /** Segments up to this one are in histories. */
  upTo: number;
  /**
   * End of the move that is under way. One that a crash cut short is done again to the same end: what
   * it has noted of runs that close in it holds only there.
   */
  moving: number | null;
}

/** One change of the archive of a partition. */
export type ArchiveWrite =
  | { type: "part"; part: HistoryPart }
  | { type: "open"; row: OpenRow }
  /** Drops what is known of a run as of an open one, its snapshot included. */
  | { type: "close"; runId: string; snapshot: SnapshotHead | null }
  /** In the place of the one before. */
  | { type: "snapshot"; row: SnapshotRow; before: SnapshotHead | null }
  | { type: "mark"; mark: Mark };

/** Where an archive is kept: thin, so that every store archives in the same way. */
export interface ArchiveTables {
  /** Segments as they are stored, in order, until `countMax` of them or `bytesMax` are reached. */
  segments(
    partition: number,
    range: { from: number; to: number; countMax: number; bytesMax: number },
  ): Promise<{ seq: number; bytes: Uint8Array }[]>;
  /** The last one that is there; 0 without any. */
  lastSegment(partition: number): Promise<number>;
  mark(partition: number): Promise<Mark>;
  /** All of a partition, or that of one run. */
  openRows(partition: number, runId?: string): Promise<OpenRow[]>;
  snapshotHeads(partition: number, runId?: string): Promise<SnapshotHead[]>;
  /** `null` when it was replaced or dropped. */
  snapshot(partition: number, runId: string): Promise<SnapshotRow | null>;
  /** In order of their first segments. */
  parts(runId: string): AsyncIterable<HistoryPart>;
  /** Those of several runs: of each together, in order of their first segments. */
  partsOf(runIds: readonly string[]): AsyncIterable<HistoryPart>;
  /** The one with the highest first segment. */
  lastPart(runId: string): Promise<HistoryPart | null>;
  /**
   * Writes changes in order: after a crash a prefix of them is there.
   *
   * @throws {ConflictError} `FENCED`
   */
  write(fence: Fence, writes: readonly ArchiveWrite[]): Promise<void>;
  /** Deletes the oldest segments up to `upTo`; answers how many they were. */
  dropSegments(fence: Fence, upTo: number, countMax: number): Promise<number>;
  /**
   * Strikes closed runs off the run list, with their idempotency keys, and notes that their histories
   * are to go.
   *
   * @returns those that were closed
   */
  strikeRuns(fence: Fence, runIds: readonly string[]): Promise<string[]>;
  /** Runs that were struck off and have histories still. */
  struckRuns(partition: number): Promise<string[]>;
  /** Drops the histories of runs that were struck off, and the notes. */
  dropHistories(fence: Fence, runIds: readonly string[]): Promise<void>;
  sizes(): Promise<StoreSizes>;
}
