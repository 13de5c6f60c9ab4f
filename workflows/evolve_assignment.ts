/**
 * Folds what is said about who does a piece of work: nobody for now, those who bid, several.
 *
 * @module
 */
import type { AssignmentRecord } from "../core/assignment.ts";
import type * as Events from "./events.ts";
import {
  closeContest,
  closeInstance,
  isIdle,
  membersOf,
  passFresh,
  stopAsking,
  tryAgainAt,
} from "./instance_moves.ts";
import { enqueue } from "./lanes.ts";
import { createInstance, type Instance, type RunState, taskOf, type TaskState } from "./state.ts";
import type { KeptAssignment } from "./state.ts";

/** How much later than its bids an auction closes by itself: the one who asked may have died. */
const AUCTION_GRACE_MS = 1_000;

/** It is put aside, so that others may start before it. */
export function onAssignmentDeferred(
  state: RunState,
  event: Events.AssignmentDeferred,
): RunState {
  const { task, index, instance } = find(state, event);
  const { why, giveUpAt } = event;
  if (instance.deferred?.giveUpAt !== giveUpAt) {
    state.timers.push({ at: giveUpAt, kind: "assign", position: task.plan.position, index });
  }
  instance.deferred = { why, giveUpAt };
  // Who waits for one that is named waits by itself.
  if (why.code !== "AGENT_GONE") task.giveUpAt ??= giveUpAt;
  task.again.delete(index);
  task.deferred.add(index);
  passFresh(task, index);
  return state;
}

export function onTaskFellBack(state: RunState, event: Events.TaskFellBack): RunState {
  const { task, index, instance } = find(state, event);
  stopAsking(task, index);
  closeContest(state, task, index, event.at);
  instance.contest = null;
  instance.status = "waiting";
  instance.error = event.error;
  takeOver(instance, event.fallback);
  passFresh(task, index);
  tryAgainAt(state, task, index, event.at);
  return state;
}

/** Somebody else begins from the beginning. */
export function takeOver(instance: Instance, fallback: string): void {
  instance.fallback = fallback;
  instance.failures = 0;
  instance.steps = null;
}

/** Nobody starts it while bids are asked for. */
export function onAuctionOpened(state: RunState, event: Events.AuctionOpened): RunState {
  const { task, index, instance } = find(state, event);
  const { attempt, agents, closesAt } = event;
  stopAsking(task, index);
  instance.auction = { attempt, agents, closesAt, bids: null };
  task.again.delete(index);
  task.bidding.add(index);
  passFresh(task, index);
  const at = closesAt + AUCTION_GRACE_MS;
  state.timers.push({ at, kind: "auction", position: task.plan.position, index });
  return state;
}

export function onAuctionClosed(state: RunState, event: Events.AuctionClosed): RunState {
  const { task, index, instance } = find(state, event);
  instance.auction = { ...instance.auction!, bids: event.bids };
  task.bidding.delete(index);
  task.again.add(index);
  enqueue(state, task);
  return state;
}

export function onContestOpened(state: RunState, event: Events.ContestOpened): RunState {
  const { task, index, instance } = find(state, event);
  const { way, first, of } = event;
  stopAsking(task, index);
  task.again.delete(index);
  passFresh(task, index);
  instance.status = "waiting";
  instance.contest = { way, first, of, settled: null };
  task.contested.add(index);
  for (let member = first; member < first + of; member++) {
    addMember(task, member, index).notBeforeAt = event.at;
    task.again.add(member);
  }
  const { judge, merge } = task.plan.spec.assign!;
  const by = judge?.by ?? merge?.by;
  // It begins once the others have ended.
  if (by !== undefined) addMember(task, first + of, index).fallback = by;
  enqueue(state, task);
  return state;
}

function addMember(task: TaskState, member: number, contestOf: number): Instance {
  const instance = createInstance(task.attemptsBefore);
  instance.contestOf = contestOf;
  task.instances[member] = instance;
  return instance;
}

/** What has not begun does not; what is in flight is ended by events of its own. */
export function onContestSettled(state: RunState, event: Events.ContestSettled): RunState {
  const { task, index, instance } = find(state, event);
  const { winner, reason, at } = event;
  instance.contest = { ...instance.contest!, settled: { winner, reason } };
  if (winner !== null) instance.agent = task.instances[winner]!.agent;
  for (const member of membersOf(task, index)) {
    if (!isIdle(task.instances[member]!)) continue;
    closeInstance(state, task, member, { status: "cancelled", at });
  }
  state.due.add(task.plan.position);
  return state;
}

/** Somebody has it. */
export function noteAssignment(
  task: TaskState,
  index: number,
  record: AssignmentRecord | undefined,
): void {
  stopAsking(task, index);
  task.giveUpAt = null;
  task.instances[index]!.assignment = record === undefined ? null : keptOf(record);
}

/** All of a record but the words of the task, which are in the journal. */
function keptOf(record: AssignmentRecord): KeptAssignment {
  const { text: _, inputHash: _hash, codeHash: _code, bids: _bids, ...kept } = record;
  return kept;
}

/** Nobody did it: it stands since when it was made. */
export function noteReuse(task: TaskState, index: number, event: Events.TaskCompleted): void {
  const instance = task.instances[index]!;
  instance.reused = event.reused!;
  instance.startedAt ??= event.at;
  task.startedAt ??= event.at;
  if (task.result.status === "pending") task.result.status = "running";
  passFresh(task, index);
}

function find(state: RunState, event: { task: string; index?: number }) {
  const task = taskOf(state, event.task);
  const index = event.index ?? 0;
  return { task, index, instance: task.instances[index]! };
}
