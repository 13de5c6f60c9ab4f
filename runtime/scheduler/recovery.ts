/**
 * Runs come back from the journal: fold the events, and the state is what it was.
 *
 * @module
 */
import { InvariantError } from "../../core/errors.ts";
import type { RunEntry, Store } from "../../core/ports.ts";
import { createRunState, evolve, hasEnded, type Plan } from "../../workflows/mod.ts";
import type { RunEvent, RunState } from "../../workflows/mod.ts";

/** Finds the plan of a stored package. */
export type PlanLoader = (packageHash: string) => Promise<Plan>;

/** An event with its place in the journal. */
export interface JournalledEvent {
  /** Journal segment that holds it, from 1: events of one commit share it. */
  seq: number;
  /** What happened. */
  event: RunEvent;
}

/** What a journal gives of the runs that it leaves open. */
export interface RecoveredRuns {
  open: { state: RunState; entry: RunEntry }[];
  /** Runs that could not be folded; they stay in the journal. */
  broken: { runId: string; error: unknown }[];
}

/** Open runs of a partition, as its journal leaves them. */
export async function recoverOpenRuns(
  store: Store<RunEvent>,
  partition: number,
  loadPlan: PlanLoader,
): Promise<RecoveredRuns> {
  const histories = new Map<string, RunEvent[]>();
  const firstSeqs = new Map<string, number>();
  for await (const segment of store.read(partition, await store.lowWater(partition))) {
    for (const { runId, events } of segment.records) {
      const history = histories.get(runId);
      if (history !== undefined) {
        history.push(...events);
      } else {
        histories.set(runId, [...events]);
        firstSeqs.set(runId, segment.seq);
      }
    }
  }
  const recovered: RecoveredRuns = { open: [], broken: [] };
  for (const [runId, events] of histories) {
    // A run that began before the low water had closed by then.
    if (events[0]!.type !== "RunSubmitted" || isClosing(events.at(-1)!)) continue;
    try {
      const state = await foldRun(runId, events, loadPlan);
      if (hasEnded(state.status)) continue;
      const entry = await store.run(runId) ?? entryOf(state, partition, firstSeqs.get(runId)!);
      recovered.open.push({ state, entry });
    } catch (error) {
      recovered.broken.push({ runId, error });
    }
  }
  return recovered;
}

/** The line of a run that opened just before the crash and had not got one. */
function entryOf(state: RunState, partition: number, firstSeq: number): RunEntry {
  const { name, version } = state.plan.definition;
  return {
    runId: state.runId,
    workflow: name,
    version: version ?? null,
    status: state.status,
    submittedAt: state.submittedAt,
    finishedAt: null,
    partition,
    firstSeq,
  };
}

/** The state of one run, open or closed; `null` when the store does not know it. */
export async function recoverRun(
  store: Store<RunEvent>,
  runId: string,
  loadPlan: PlanLoader,
): Promise<{ state: RunState; entry: RunEntry } | null> {
  const entry = await store.run(runId);
  if (entry === null) return null;
  const events: RunEvent[] = [];
  for await (const { event } of readHistory(store, entry)) events.push(event);
  return { state: await foldRun(runId, events, loadPlan), entry };
}

/** The events of one run in order, up to the one that closed it or to the journal's end. */
export async function* readHistory(
  store: Store<RunEvent>,
  entry: RunEntry,
  fromSeq: number = entry.firstSeq,
): AsyncIterable<JournalledEvent> {
  for await (const segment of store.read(entry.partition, fromSeq)) {
    for (const { runId, events } of segment.records) {
      if (runId !== entry.runId) continue;
      for (const event of events) {
        yield { seq: segment.seq, event };
        if (isClosing(event) && event.at === entry.finishedAt) return;
      }
    }
  }
}

/** Whether a run ends with this event. */
export function isClosing(event: RunEvent): boolean {
  return event.type === "RunCompleted" || event.type === "RunFailed" ||
    event.type === "RunCancelled";
}

async function foldRun(
  runId: string,
  events: readonly RunEvent[],
  loadPlan: PlanLoader,
): Promise<RunState> {
  const first = events[0];
  if (first?.type !== "RunSubmitted") {
    throw new InvariantError("JOURNAL_INCOMPLETE", {
      message: `Found no "RunSubmitted" at the start of run "${runId}"`,
      hint: "The state directory was altered: restore it from a backup",
      details: { runId },
    });
  }
  return events.reduce(evolve, createRunState(runId, await loadPlan(first.packageHash)));
}
