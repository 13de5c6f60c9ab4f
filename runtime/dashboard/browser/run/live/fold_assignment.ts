/**
 * Folds what is said about who does a piece of work: nobody for now, those who bid, several. Mirrors
 * `workflows/evolve_assignment.ts`.
 *
 * @module
 */
import type { AssignmentRecord } from "../../../../../core/assignment.ts";
import type { RunEvent } from "../../../../../workflows/mod.ts";
import { addContender, change, closeContest, find, isIdle, stopAsking } from "./instance_moves.ts";
import { instanceAt, type LiveInstance, type LiveRun, type LiveTask } from "./live_run.ts";

type EventOf<Type extends RunEvent["type"]> = Extract<RunEvent, { type: Type }>;

export function onAssignmentDeferred(task: LiveTask, event: EventOf<"AssignmentDeferred">): void {
  const instance = find(task, event);
  if (instance === undefined) return;
  const { why, giveUpAt } = event;
  instance.deferred = { why, giveUpAt };
  task.deferred.add(event.index ?? 0);
}

export function onTaskFellBack(
  run: LiveRun,
  task: LiveTask,
  event: EventOf<"TaskFellBack">,
): void {
  const instance = find(task, event);
  if (instance === undefined) return;
  const index = event.index ?? 0;
  stopAsking(task, index, instance);
  closeContest(run, task, index, event.at);
  change(task, instance, { contest: null, status: "waiting" });
  instance.error = event.error;
  instance.fallback = event.fallback;
  instance.notBeforeAt = event.at;
}

export function onAuctionOpened(task: LiveTask, event: EventOf<"AuctionOpened">): void {
  const instance = find(task, event);
  if (instance === undefined) return;
  stopAsking(task, event.index ?? 0, instance);
  instance.auction = { agents: event.agents, bids: null };
}

export function onAuctionClosed(task: LiveTask, event: EventOf<"AuctionClosed">): void {
  const instance = find(task, event);
  if (instance?.auction) instance.auction = { ...instance.auction, bids: event.bids };
}

export function onContestOpened(task: LiveTask, event: EventOf<"ContestOpened">): void {
  const instance = find(task, event);
  if (instance === undefined) return;
  const index = event.index ?? 0;
  const { way, first, of } = event;
  stopAsking(task, index, instance);
  change(task, instance, { contest: { way, first, of, settled: null }, status: "waiting" });
  for (let member = first; member < first + of; member++) {
    addContender(task, member, index).notBeforeAt = event.at;
  }
  const by = task.spec.contest?.by ?? null;
  // It begins once the others have ended.
  if (by !== null) addContender(task, first + of, index).fallback = by;
}

/** What has not begun does not; what is in flight is ended by events of its own. */
export function onContestSettled(
  run: LiveRun,
  task: LiveTask,
  event: EventOf<"ContestSettled">,
): void {
  const instance = find(task, event);
  if (instance === undefined || instance.contest === null) return;
  const { winner, reason, at } = event;
  change(task, instance, { contest: { ...instance.contest, settled: { winner, reason } } });
  if (winner !== null) instance.agent = instanceAt(task, winner)?.agent ?? null;
  closeContest(run, task, event.index ?? 0, at, isIdle);
}

/** Somebody has it. The words of the task, and bids, are shown from the document alone. */
export function noteAssignment(
  task: LiveTask,
  index: number,
  record: AssignmentRecord | undefined,
): void {
  const instance = instanceAt(task, index)!;
  stopAsking(task, index, instance);
  if (record === undefined) instance.assignment = null;
  else {
    const { text: _, inputHash: _hash, codeHash: _code, bids: _bids, ...kept } = record;
    instance.assignment = kept;
  }
}

/** Nobody did it: it stands since when it was made. */
export function noteReuse(
  task: LiveTask,
  instance: LiveInstance,
  { reused, at }: EventOf<"TaskCompleted">,
): void {
  instance.reused = reused!;
  instance.startedAt ??= at;
  task.startedAt ??= at;
  if (task.status === "pending") task.status = "running";
}
