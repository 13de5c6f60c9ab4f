/**
 * What comes before an agent is chosen for a piece of work.
 *
 * @module
 */
import type { AssignmentRequest } from "./assigner.ts";
import type { AssignSpec } from "./definition.ts";
import { place } from "./place.ts";
import type { TaskState } from "./state.ts";
import type { Asking } from "./turn.ts";

/** Auctions of one task at once. */
const AUCTIONS_MAX = 16;

/** Contenders of one task that wait for an agent while another contest is opened. */
const CONTENDERS_MAX = 8;

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
  const wanted = contestOf(request.spec);
  if (wanted === null || task.instances[index]!.contestOf !== null) return false;
  const of = Math.min(wanted.of, assigner.invite(request).length);
  if (of === 0) return false;
  const first = task.instances.length;
  emit({ type: "ContestOpened", at, ...place(task, index), way: wanted.way, first, of });
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
function isUnsold(
  task: TaskState,
  index: number,
  { attempt, spec }: AssignmentRequest,
): boolean {
  return spec.auction !== undefined && task.instances[index]!.auction?.attempt !== attempt;
}

/** Whether it waits for auctions, or contenders, of other items to be over. */
export function mustWait(task: TaskState, index: number, request: AssignmentRequest): boolean {
  if (isUnsold(task, index, request)) return !mayAuction(task);
  return contestOf(request.spec) !== null && task.instances[index]!.contestOf === null &&
    task.again.size >= CONTENDERS_MAX;
}

/** Whether one more auction of the task may be held now. */
function mayAuction({ bidding }: TaskState): boolean {
  return bidding.size < AUCTIONS_MAX;
}

/** How several agents are to do it, and how many. */
function contestOf({ vote, judge, merge }: AssignSpec) {
  if (vote !== undefined) return { way: "vote", of: vote.of } as const;
  if (judge !== undefined) return { way: "judge", of: judge.of } as const;
  return merge === undefined ? null : { way: "merge", of: merge.of } as const;
}
