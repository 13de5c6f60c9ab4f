/**
 * What a backup holds: one record for each thing that a store knows, in one order, whatever engine
 * it came from. Two stores with the same content give the same records.
 *
 * Left out is what is only about processes that live now: who leads, members of the cluster and
 * their letters; snapshots of runs, which only save time; and
 * histories on their way out.
 *
 * @module
 */
import type { RunEntry } from "../../core/ports.ts";

/** One record. `bytes` are UTF-8 text wherever they are no blob and no segment. */
export type BackupRecord =
  | { kind: "settings"; bytes: Uint8Array }
  | PartitionRecord
  | { kind: "segment"; partition: number; seq: number; term: number; bytes: Uint8Array }
  | { kind: "archive"; partition: number; upTo: number; moving: number | null }
  | { kind: "history"; runId: string; firstSeq: number; lastSeq: number; bytes: Uint8Array }
  | { kind: "open-run"; partition: number; runId: string; upTo: number; events: number }
  | { kind: "run" } & RunEntry
  | { kind: "command"; partition: number; runId: string; type: string; bytes: Uint8Array }
  | { kind: "reservation"; key: string; runId: string }
  | { kind: "system"; system: string; term: number; nextSegment: number; lowWater: number }
  | { kind: "log"; system: string; segment: number; term: number; bytes: Uint8Array }
  | { kind: "state"; system: string; address: string; version: number; bytes: Uint8Array }
  | { kind: "tree"; system: string; bytes: Uint8Array }
  | { kind: "letter"; system: string; id: string; bytes: Uint8Array }
  | { kind: "topic"; system: string; topic: string; lowMark: number; nextPosition: number }
  | { kind: "message"; system: string; topic: string; position: number; bytes: Uint8Array }
  | { kind: "wish"; system: string; bytes: Uint8Array }
  | { kind: "document"; collection: string; key: string; bytes: Uint8Array }
  | { kind: "audit-head"; seq: number; hash: string }
  | { kind: "audit-line"; seq: number; bytes: Uint8Array }
  | { kind: "blob"; sha256: string; bytes: Uint8Array };

interface PartitionRecord {
  kind: "partition";
  partition: number;
  term: number;
  nextSeq: number;
  lowWater: number;
  /** Whether somebody led it, and is to be followed by whoever takes up its open runs. */
  isLed: boolean;
}

export type BackupKind = BackupRecord["kind"];

/** The record of a kind. */
export type RecordOf<Kind extends BackupKind> = Extract<BackupRecord, { kind: Kind }>;

/**
 * Members of each kind, in the order in which they are written; kinds are in the order of a backup,
 * and the records of a kind in that of their leading members.
 */
export const RECORD_FIELDS = {
  settings: [],
  partition: ["partition", "term", "nextSeq", "lowWater", "isLed"],
  segment: ["partition", "seq", "term"],
  archive: ["partition", "upTo", "moving"],
  history: ["runId", "firstSeq", "lastSeq"],
  "open-run": ["partition", "runId", "upTo", "events"],
  run: [
    "runId",
    "workflow",
    "version",
    "status",
    "submittedAt",
    "finishedAt",
    "partition",
    "firstSeq",
    "packageHash",
    "tenant",
    "tags",
  ],
  command: ["partition", "runId", "type"],
  reservation: ["key", "runId"],
  system: ["system", "term", "nextSegment", "lowWater"],
  log: ["system", "segment", "term"],
  state: ["system", "address", "version"],
  tree: ["system"],
  letter: ["system", "id"],
  topic: ["system", "topic", "lowMark", "nextPosition"],
  message: ["system", "topic", "position"],
  wish: ["system"],
  document: ["collection", "key"],
  "audit-head": ["seq", "hash"],
  "audit-line": ["seq"],
  blob: ["sha256"],
} as const satisfies {
  [Kind in BackupKind]: readonly Exclude<keyof RecordOf<Kind>, "kind" | "bytes">[];
};

/** How many leading members a record has in any case; the others are left off where they are missing. */
export const MEMBERS_MIN: Partial<Record<BackupKind, number>> = {
  run: RECORD_FIELDS.run.indexOf("tenant"),
};

export const BACKUP_KINDS = Object.keys(RECORD_FIELDS) as BackupKind[];

/** How many records of each kind there are; kinds without any are left out. */
export type RecordCounts = Partial<Record<BackupKind, number>>;
