import type { Segment } from "../../../core/ports.ts";
import {
  createRunState,
  evolve,
  hasEnded,
  restoreRun,
  type RunEvent,
  type RunState,
  snapshotRun,
} from "../../../workflows/mod.ts";
import { planOf } from "./sim_workflows.ts";

/** A run after so many of its events. */
export interface StoredRunSnapshot {
  runId: string;
  packageHash: string;
  events: number;
  text: string;
}

/** What a store keeps of a partition's runs. */
export interface PartitionArchive {
  segments: readonly Segment<RunEvent>[];
  /** Segments up to this one are in the histories. */
  compactedTo: number;
  /** Events of each run that are in its history. */
  archived: ReadonlyMap<string, number>;
  /** All events of a run, of which only those that are archived may be read from here. */
  histories: ReadonlyMap<string, RunEvent[]>;
  snapshots: ReadonlyMap<string, StoredRunSnapshot>;
}

/** The run as it is now, to be restored by another leader. */
export function snapshotOf(state: RunState): StoredRunSnapshot {
  const { runId, eventCount, plan } = state;
  const text = JSON.stringify(snapshotRun(state));
  return { runId, packageHash: plan.packageHash, events: eventCount, text };
}

/** The open runs that snapshots, histories and the journal leave. */
export function foldPartition(archive: PartitionArchive): RunState[] {
  const runs = new Map<string, { state: RunState; next: number }>();
  for (const runId of archive.snapshots.keys()) runs.set(runId, begin(runId, archive));
  for (const [runId, count] of archive.archived) {
    const isOpen = !isClosing(archive.histories.get(runId)![count - 1]!);
    if (isOpen && !runs.has(runId)) runs.set(runId, begin(runId, archive));
  }
  for (let at = archive.compactedTo; at < archive.segments.length; at++) {
    for (const { runId, events } of archive.segments[at]!.records) {
      let run = runs.get(runId);
      if (run === undefined) runs.set(runId, run = begin(runId, archive, events[0]!));
      for (const event of events) {
        // The snapshot may be younger than the end of the history.
        if (run.next++ >= run.state.eventCount) evolve(run.state, event);
      }
    }
  }
  return [...runs.values()].map(({ state }) => state).filter(({ status }) => !hasEnded(status));
}

/** The run as its snapshot and its history have it. */
function begin(
  runId: string,
  { snapshots, archived, histories }: PartitionArchive,
  first: RunEvent | undefined = histories.get(runId)?.[0],
): { state: RunState; next: number } {
  const snapshot = snapshots.get(runId);
  const count = archived.get(runId) ?? 0;
  const history = histories.get(runId)!;
  const opening = count > 0 ? history[0]! : first!;
  const packageHash = snapshot?.packageHash ??
    (opening as Extract<RunEvent, { type: "RunSubmitted" }>).packageHash;
  const plan = planOf(packageHash);
  const restored = snapshot && restoreRun(runId, JSON.parse(snapshot.text), plan);
  const state = restored ?? createRunState(runId, plan);
  // The store's word on which event the snapshot is of, not the snapshot's.
  state.eventCount = snapshot?.events ?? 0;
  for (const event of history.slice(state.eventCount, count)) evolve(state, event);
  return { state, next: count };
}

/** A closed run, to be opened again. */
export function foldHistory(runId: string, history: readonly RunEvent[]): RunState {
  const { packageHash } = history[0] as Extract<RunEvent, { type: "RunSubmitted" }>;
  return history.reduce(evolve, createRunState(runId, planOf(packageHash)));
}

/** Whether a run ends with this event. */
export function isClosing({ type }: RunEvent): boolean {
  return type === "RunCompleted" || type === "RunFailed" || type === "RunCancelled";
}
