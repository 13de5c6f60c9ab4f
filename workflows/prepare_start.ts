/**
 * What comes before an agent is chosen for a piece of work.
 *
 * @module
 */
import type { AssignmentRequest } from "./assigner.ts";
import { place } from "./place.ts";
import type { TaskState } from "./state.ts";
import type { Asking } from "./turn.ts";

/** Auctions of one task at once. */
const AUCTIONS_MAX = 16;

/** What comes before a choice: an earlier result, several agents, or bids. */
export function prepare(
  turn: Asking,
  task: TaskState,
  index: number,
  request: AssignmentRequest,
): boolean {
  return takeEarlier(turn, task, index, request) || openContest(turn, task, index, request) ||
    openAuction(turn, task, index, request);
}

/** Whether an earlier result stands for the work. A round of a repetition is another work. */
function takeEarlier(
  { at, emit, assigner }: Asking,
  task: TaskState,
  index: number,
  request: AssignmentRequest,
): boolean {
  const { reuse, repeat } = task.plan.spec;
  const { contestOf } = task.instances[index]!;
  if (reuse === undefined || repeat !== undefined || contestOf !== null) return false;
  const found = assigner.reuse(request, reuse);
  if (found === null) return false;
  const { output, source: reused } = found;
  emit({ type: "TaskCompleted", at, ...place(task, index), output, reused });
  return true;
}

/** Whether several agents are to do it now. */
function openContest(
  { at, emit, assigner }: Asking,
  task: TaskState,
  index: number,
  request: AssignmentRequest,
): boolean {
  const { vote, judge, merge } = request.spec;
  const wanted = vote ?? judge ?? merge;
  if (wanted === undefined || task.instances[index]!.contestOf !== null) return false;
  const of = Math.min(wanted.of, assigner.invite(request).length);
  if (of === 0) return false;
  const way = vote !== undefined ? "vote" : judge !== undefined ? "judge" : "merge";
  const first = task.instances.length;
  emit({ type: "ContestOpened", at, ...place(task, index), way, first, of });
  return true;
}

/** Whether bids are asked for now. */
function openAuction(
  { at, emit, assigner }: Asking,
  task: TaskState,
  index: number,
  request: AssignmentRequest,
): boolean {
  if (!isUnsold(task, index, request) || !mayAuction(task)) return false;
  const agents = assigner.invite(request);
  if (agents.length === 0) return false;
  const { attempt, spec: { auction } } = request;
  const closesAt = at + auction!.bidTimeoutMs;
  emit({ type: "AuctionOpened", at, ...place(task, index), attempt, agents, closesAt });
  return true;
}

/** Whether bids for the attempt are to be asked for. */
export function isUnsold(
  task: TaskState,
  index: number,
  { attempt, spec }: AssignmentRequest,
): boolean {
  return spec.auction !== undefined && task.instances[index]!.auction?.attempt !== attempt;
}

/** Whether one more auction of the task may be held now. */
export function mayAuction({ bidding }: TaskState): boolean {
  return bidding.size < AUCTIONS_MAX;
}
