import type { RunEntry } from "../../core/ports.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import type { Stores } from "../node/open_store.ts";
import { toUpdate } from "../node/run_update.ts";
import { readHistory } from "../scheduler/mod.ts";
import { type EventId, isBehind } from "./event_id.ts";
import { LiveFrame } from "./live_frame.ts";

/** Where the events of runs are. */
export type Journals = Pick<Stores, "runs" | "archive">;

/** An event with its id. */
export interface NumberedEvent {
  id: EventId;
  event: RunEvent;
}

/** The events of a run from a segment on, to its end or to the end of the journal. */
export async function* readNumbered(
  { runs, archive }: Journals,
  entry: RunEntry,
  fromSeq: number,
): AsyncGenerator<NumberedEvent> {
  let id: EventId = { seq: 0, n: 0 };
  for await (const { seq, event } of readHistory(runs, entry, fromSeq, archive)) {
    id = seq === id.seq ? { seq, n: id.n + 1 } : { seq, n: 0 };
    yield { id, event };
  }
}

/** Frames of a run that has closed, behind `after`. */
export async function* replayClosed(
  journals: Journals,
  entry: RunEntry,
  after: EventId | null,
  signal: AbortSignal,
): AsyncGenerator<LiveFrame> {
  const fromSeq = Math.max(after?.seq ?? 0, entry.firstSeq);
  for await (const { id, event } of readNumbered(journals, entry, fromSeq)) {
    if (signal.aborted) return;
    if (isBehind(id, after)) yield eventFrame(entry.runId, id, event);
  }
  yield endFrame(entry.runId, entry.finishedAt!);
}

/** The frame of an event that is durable. */
export function eventFrame(runId: string, id: EventId, event: RunEvent): LiveFrame {
  return LiveFrame.of("event", id, toUpdate({ type: "event", runId, event }, event.at));
}

/** The run has closed. */
export function endFrame(runId: string, at: number): LiveFrame {
  return LiveFrame.of("end", null, { runId, at, type: "end" });
}
