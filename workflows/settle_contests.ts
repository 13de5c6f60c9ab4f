/**
 * Decides contests, from the state alone: after a crash in the middle the same follows.
 *
 * @module
 */
import { describeFailure, type ErrorData } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { bindItem, isStopping, withinLimits } from "./bindings.ts";
import { blindOrder, contendersOf, finishersOf, likeliest, tally } from "./contest_results.ts";
import type { ContestSettled } from "./events.ts";
import { isOpen, membersOf } from "./instance_moves.ts";
import { readJudgement } from "./judgement.ts";
import { enqueue } from "./lanes.ts";
import { type Emit, place } from "./place.ts";
import type { Contest, RunState, TaskState } from "./state.ts";

/** How a contest ends. */
type Verdict = Pick<ContestSettled, "way" | "winner" | "reason"> & { votes?: number[] };

/** A contest of a task, on its way to an end. */
interface Case {
  state: RunState;
  task: TaskState;
  index: number;
  contest: Contest;
}

/** Ends the contests of a task that can be ended. */
export function settleContests(state: RunState, task: TaskState, at: number, emit: Emit): void {
  for (const index of [...task.contested]) {
    // The end of one item may end its task, and all its contests.
    if (!task.contested.has(index)) continue;
    settleContest({ state, task, index, contest: task.instances[index]!.contest! }, at, emit);
  }
}

function settleContest(one: Case, at: number, emit: Emit): void {
  const { task, index, contest } = one;
  const where = place(task, index);
  if (contest.settled === null) {
    const verdict = verdictOf(one);
    if (verdict === null) return;
    if (verdict === "cancelled") return emit({ type: "TaskCancelled", at, ...where });
    if ("error" in verdict) return fail(one, verdict.error, at, emit);
    const { votes, ...rest } = verdict;
    const losers = losersOf(one, verdict);
    const counts = votes === undefined ? {} : { votes };
    emit({ type: "ContestSettled", at, ...where, ...rest, losers, ...counts });
  }
  for (const member of membersOf(task, index)) {
    if (task.instances[member]!.status !== "running") continue;
    emit({ type: "TaskFailed", at, ...place(task, member), error: needless(task) });
  }
  try {
    const { winner } = task.instances[index]!.contest!.settled!;
    const output = winner === null ? mergedOf(one) : task.instances[winner]!.output;
    emit({ type: "TaskCompleted", at, ...where, output });
  } catch (error) {
    emit({ type: "TaskFailed", at, ...where, error: describeFailure(error) });
  }
}

/** Contenders that have returned something else than what counts. */
function losersOf({ task, index }: Case, { winner }: Verdict): number[] {
  if (winner === null) return [];
  const finishers = finishersOf(task, index);
  const agreeing = task.instances[index]!.contest!.way === "vote"
    ? tally(task, finishers).find((group) => group.includes(winner))!
    : [winner];
  return finishers.filter((member) => !agreeing.includes(member));
}

/** `null`: it goes on. */
function verdictOf(one: Case): Verdict | "cancelled" | { error: ErrorData } | null {
  const { task, index, contest } = one;
  const finishers = finishersOf(task, index);
  const open = contendersOf(task, index)
    .filter((member) => isOpen(task.instances[member]!)).length;
  if (contest.way === "vote") {
    const verdict = countVotes(one, finishers, open);
    if (verdict !== null) return verdict;
  }
  if (open > 0) return null;
  if (finishers.length > 0 && contest.way === "merge") return mergeVerdict(one, finishers);
  if (finishers.length === 1) {
    const reason = `the only result${shortOf(one)}`;
    return { way: "only", winner: finishers[0]!, reason };
  }
  if (finishers.length > 0) return judgeVerdict(one, finishers);
  return failedUnlessGivenUp(one, noResult(one));
}

/** Without an error nobody failed: they were given up, because the run or the task is over. */
function failedUnlessGivenUp({ state, task }: Case, error: ErrorData | null) {
  return error === null || isStopping(state, task) ? "cancelled" as const : { error };
}

/** Decided as soon as no vote that is still to come can change it. */
function countVotes(one: Case, finishers: readonly number[], open: number) {
  const { task, contest } = one;
  const groups = tally(task, finishers);
  const [most, second] = groups;
  if (most === undefined || finishers.length + open === 1) return null;
  const votes = groups.map((group) => group.length);
  const lead = most.length - (second?.length ?? 0);
  if (lead > open) {
    if (finishers.length === 1) return null;
    const reason = `${most.length} of ${contest.of} agents returned the same${shortOf(one)}`;
    return { way: "vote" as const, winner: likeliest(task, most), votes, reason };
  }
  if (open > 0) return null;
  const tied = groups.filter((group) => group.length === most.length);
  const tie = `${tied.length} results have ${most.length} ${most.length === 1 ? "vote" : "votes"}`;
  if (task.plan.spec.assign!.vote!.ties === "fail") return { error: noMajority(one, tie) };
  const winner = likeliest(task, tied.flat());
  const { agent } = task.instances[winner]!;
  const reason = `${tie} each: taken from ${agent}, which is expected to do best${shortOf(one)}`;
  return { way: "evidence" as const, winner, votes, reason };
}

/** Asks the judge, or says what it said; one that fails leaves it to what is known of the agents. */
function judgeVerdict(one: Case, finishers: readonly number[]): Verdict | "cancelled" | null {
  const { state, task, index, contest } = one;
  const at = contest.first + contest.of;
  const judge = task.instances[at]!;
  if (judge.status === "completed") {
    const order = blindOrder(state, task, index);
    const { winner, reason } = readJudgement(judge.output, order.length)!;
    const member = order[winner - 1]!;
    const words = `${judge.agent} judged in favour of ${task.instances[member]!.agent}`;
    return { way: "judge", winner: member, reason: words + (reason === null ? "" : `: ${reason}`) };
  }
  if (isOpen(judge)) return call(one, at);
  if (isStopping(state, task)) return "cancelled";
  const winner = likeliest(task, finishers);
  const reason = `${judge.fallback} could not judge: taken from ${
    task.instances[winner]!.agent
  }, which is expected to do best`;
  return { way: "evidence", winner, reason };
}

function mergeVerdict(
  one: Case,
  finishers: readonly number[],
): Verdict | "cancelled" | { error: ErrorData } | null {
  const { task, contest } = one;
  const count = `${finishers.length} ${finishers.length === 1 ? "result" : "results"}`;
  const rest = withoutResult(one) + shortOf(one);
  if (task.plan.merge !== undefined) {
    const reason = `merged from ${count} by an expression${rest}`;
    return { way: "merge", winner: null, reason };
  }
  const at = contest.first + contest.of;
  const merger = task.instances[at]!;
  if (merger.status === "completed") {
    const reason = `merged from ${count} by ${merger.agent}${rest}`;
    return { way: "merge", winner: null, reason };
  }
  if (isOpen(merger)) return call(one, at);
  return failedUnlessGivenUp(one, merger.error);
}

/** Who judges or merges may begin. No event: it follows from the others' ends. */
function call({ state, task }: Case, member: number): null {
  const instance = task.instances[member]!;
  const isCalled = task.again.has(member) || task.deferred.has(member);
  if (instance.status === "ready" && !isCalled) {
    task.again.add(member);
    enqueue(state, task);
  }
  return null;
}

function mergedOf({ state, task, index, contest }: Case): Json {
  if (task.plan.merge === undefined) return task.instances[contest.first + contest.of]!.output;
  const results = finishersOf(task, index).map((member) => task.instances[member]!.output);
  return withinLimits(
    task.plan.merge.render({ ...bindItem(state, task, index), results }),
    `"merge"`,
  );
}

/** The fallback does it, where there is one. */
function fail({ state, task, index }: Case, error: ErrorData, at: number, emit: Emit): void {
  const { fallback } = task.plan.spec;
  const where = place(task, index);
  if (fallback === undefined || isStopping(state, task)) {
    return emit({ type: "TaskFailed", at, ...where, error });
  }
  emit({ type: "TaskFellBack", at, ...where, fallback: fallback.agent, error });
}

function shortOf({ task, contest }: Case): string {
  const { vote, judge, merge } = task.plan.spec.assign!;
  const wanted = (vote ?? judge ?? merge)!.of;
  return contest.of < wanted ? `; only ${contest.of} of ${wanted} agents could do it` : "";
}

/** Who brought nothing, and why. */
function withoutResult({ task, index }: Case): string {
  return contendersOf(task, index).map((member) => {
    const { status, agent, error } = task.instances[member]!;
    if (status !== "failed") return "";
    return `; ${agent ?? "one without an agent"} brought none: ${error?.code ?? "FAILED"}`;
  }).join("");
}

function noResult({ task, index }: Case): ErrorData | null {
  const errors = contendersOf(task, index).flatMap((member) => task.instances[member]!.error ?? []);
  const [first] = errors;
  if (first === undefined) return null;
  const { id } = task.plan.spec;
  return {
    code: first.code,
    message: `No agent of ${errors.length} brought a result for "${id}": ${first.message}`,
    hint: first.hint ?? `Look at each attempt with: deno task denizen runs show ID`,
  };
}

function noMajority({ task }: Case, tie: string): ErrorData {
  return {
    code: "NO_MAJORITY",
    message: `The vote on "${task.plan.spec.id}" is not decided: ${tie} each`,
    hint: `Write ties: evidence, ask an odd number of agents, or add a fallback`,
  };
}

function needless(task: TaskState): ErrorData {
  return {
    code: "CANCELLED",
    message: `The other agents have decided "${task.plan.spec.id}" without this attempt`,
  };
}
