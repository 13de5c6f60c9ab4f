/**
 * What a test has seen of a cluster, as data: checks read nothing else.
 *
 * @module
 */
import type { RunEvent } from "../../../workflows/mod.ts";
import type { BookEntry } from "../ledger/effect_book.ts";

/** One event with where it stands in the journal. */
export interface JournalLine {
  partition: number;
  seq: number;
  /** Of whoever wrote the segment; two numbers between which it lies when that was not seen. */
  term: number | readonly [from: number, to: number];
  runId: string;
  event: RunEvent;
}

/** A segment without its events. */
export interface SegmentHead {
  partition: number;
  seq: number;
  term: number;
}

/** Everything that was seen. */
export interface History {
  /** Run id by the id under which it was submitted: the cluster has said that it will do them. */
  acknowledged: ReadonlyMap<string, string>;
  /** Segments that were seen, in order of partition and sequence. */
  segments: readonly SegmentHead[];
  /** Segments up to these were moved into the histories of runs, by partition. */
  compactedTo: ReadonlyMap<number, number>;
  /** All events of all runs, those of a run in order. */
  journal: readonly JournalLine[];
  /** In the order in which they came to the ledger. */
  effects: readonly BookEntry[];
  /** What each task needs, by task: all tasks of the workflow. */
  needs: ReadonlyMap<string, readonly string[]>;
}

/** Whether an event may have been written in this term. */
export function isOfTerm({ term }: Pick<JournalLine, "term">, other: number): boolean {
  return typeof term === "number" ? term === other : other >= term[0] && other <= term[1];
}

/** A promise that was broken. */
export interface Violation {
  /** The promise, in words that are the same for all its breaches. */
  promise: string;
  /** Where: partition, run, task. */
  where: string;
}

/** Lines of each run, in order. */
export function linesByRun({ journal }: History): Map<string, JournalLine[]> {
  return Map.groupBy(journal, ({ runId }) => runId);
}

/** Whether the run ends with this event. */
export function isClosing({ type }: RunEvent): boolean {
  return type === "RunCompleted" || type === "RunFailed" || type === "RunCancelled";
}
