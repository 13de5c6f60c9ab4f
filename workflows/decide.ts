/**
 * Decides what a command does to a run. Pure: time, randomness and capacity come with the command.
 *
 * The state is owned: the events that `decide` returns are already folded into it, because one
 * decision needs the effect of the one before (a completed task releases the next, which is skipped,
 * which ends the run). A refused command changes nothing.
 *
 * @module
 */
import { describeFailure, type ErrorData } from "../core/errors.ts";
import { nextDelayMs } from "../core/retry.ts";
import { bindOutput, isStopping } from "./bindings.ts";
import type * as Commands from "./commands.ts";
import type { RunCommand } from "./commands.ts";
import type { TaskSpec, TaskTarget } from "./definition.ts";
import type { RunEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { isIdle } from "./instance_moves.ts";
import { isHeldUp } from "./deferred_work.ts";
import { enqueue } from "./lanes.ts";
import { type Emit, place } from "./place.ts";
import { giveUp } from "./assign_next.ts";
import { judgementMistake } from "./judgement.ts";
import { cancelIdleWork, settle } from "./settle.ts";
import { startAttempts } from "./start_attempts.ts";
import type { Instance, RunState, TaskState } from "./state.ts";
import { hasEnded } from "./status.ts";

/** Signals that a run keeps until a task takes them. */
const SIGNALS_MAX = 1_000;

/** Why a command was refused. */
export interface Rejection {
  /** `STALE_ATTEMPT`, `RUN_CLOSED`, `RUN_OPEN`, `RUN_EXISTS`, `NOT_PAUSED`. */
  code: string;
  message: string;
}

/** What became of a command. */
export type Decision = { events: RunEvent[]; rejection?: undefined } | {
  events?: undefined;
  rejection: Rejection;
};

/** Decides on `command` and folds the outcome into `state`. */
export function decide(command: RunCommand, state: RunState): Decision {
  const rejection = refuse(command, state);
  if (rejection !== null) return { rejection };
  const events: RunEvent[] = [];
  const emit = (event: RunEvent) => {
    events.push(event);
    evolve(state, event);
  };
  const at = instantOf(command, state);
  apply(at === command.at ? command : { ...command, at }, state, emit);
  settle(state, at, emit);
  return { events };
}

/**
 * The time of a run never goes backwards. An end is known by its instant: a retry begins after it, so
 * that one that ends at once ends at another.
 */
function instantOf({ type, at }: RunCommand, { lastAt, finishedAt }: RunState): number {
  return Math.max(at, type === "RetryRun" && finishedAt !== null ? finishedAt + 1 : lastAt);
}

function refuse(command: RunCommand, state: RunState): Rejection | null {
  switch (command.type) {
    case "SubmitRun":
      return state.status === "pending"
        ? null
        : { code: "RUN_EXISTS", message: `Run "${state.runId}" was submitted before` };
    case "FinishAttempt":
    case "RecordStep":
    case "RecordDenial":
      return refuseStale(command, state);
    case "CloseAuction":
      return refuseClosedAuction(command, state);
    case "RetryRun":
      return hasEnded(state.status) && state.status !== "completed" ? null : {
        code: "RUN_NOT_RETRYABLE",
        message: `Cannot retry run "${state.runId}": it is ${state.status}`,
      };
    case "ResumeRun":
      return state.isPaused && !hasEnded(state.status) ? null : {
        code: "RUN_NOT_PAUSED",
        message: `Run "${state.runId}" is ${state.status}, not paused`,
      };
    case "SignalRun":
      if (state.signals.length < SIGNALS_MAX || hasEnded(state.status)) return refuseClosed(state);
      return {
        code: "SIGNALS_FULL",
        message: `Run "${state.runId}" has ${SIGNALS_MAX} signals that no task has taken`,
      };
    case "CancelTask":
      return refuseClosed(state) ?? refuseTask(command, state);
    case "CancelRun":
    case "FailRun":
    case "PauseRun":
      return refuseClosed(state);
    default:
      return null;
  }
}

function refuseClosed({ runId, status }: RunState): Rejection | null {
  if (!hasEnded(status)) return null;
  return { code: "RUN_CLOSED", message: `Run "${runId}" is already ${status}` };
}

function refuseTask({ task: id, index }: Commands.CancelTask, state: RunState): Rejection | null {
  const position = state.plan.positionOf.get(id);
  const task = position === undefined ? undefined : state.tasks[position]!;
  const status = index === undefined ? task?.result.status : task?.instances[index]?.status;
  const name = index === undefined ? id : `${id}[${index}]`;
  if (status === undefined) {
    return { code: "TASK_NOT_FOUND", message: `Run "${state.runId}" has no task "${name}"` };
  }
  if (status === "ready" || !hasEnded(status)) return null;
  return { code: "TASK_CLOSED", message: `Task "${name}" is already ${status}` };
}

/** An answer counts once, and only from the attempt that is in flight. */
function refuseStale(
  command: { task: string; index: number; attempt: number },
  state: RunState,
): Rejection | null {
  const position = state.plan.positionOf.get(command.task);
  const instance = position === undefined
    ? undefined
    : state.tasks[position]!.instances[command.index];
  if (instance?.status === "running" && instance.attempt === command.attempt) return null;
  return {
    code: "STALE_ATTEMPT",
    message: `Attempt ${command.attempt} of "${command.task}" is not in flight`,
  };
}

/** Bids count once, and only for the attempt that is auctioned. */
function refuseClosedAuction(command: Commands.CloseAuction, state: RunState): Rejection | null {
  const position = state.plan.positionOf.get(command.task);
  const task = position === undefined ? undefined : state.tasks[position]!;
  const auction = task?.instances[command.index]?.auction ?? null;
  if (auction?.attempt === command.attempt && auction.bids === null) return null;
  return {
    code: "STALE_ATTEMPT",
    message: `Attempt ${command.attempt} of "${command.task}" is not being auctioned`,
  };
}

function apply(command: RunCommand, state: RunState, emit: Emit): void {
  const { at } = command;
  switch (command.type) {
    case "SubmitRun":
      return emit(submitted(command, state));
    case "StartAttempts":
      return startAttempts(command, state, emit);
    case "FinishAttempt":
      return finishAttempt(command, state, emit);
    case "RecordStep":
      return emit({ type: "StepRecorded", at, ...placeOf(command, state), ...stepOf(command) });
    case "RecordDenial":
      return emit(denied(command, state));
    case "CloseAuction":
      return closeAuction(command, state, emit);
    case "FireTimers":
      return fireTimers(command, state, emit);
    case "RecoverRun":
      return recover(command, state, emit);
    case "LoseAttempts":
      return loseAttempts(command, state, emit);
    case "CancelRun":
      return stopRun(state, at, { reason: command.reason }, emit);
    case "FailRun":
      return stopRun(state, at, { reason: command.error.message, error: command.error }, emit);
    case "CancelTask":
      return cancelTask(command, state, emit);
    case "SignalRun":
      return signalRun(command, state, emit);
    case "PauseRun":
      // A run that is being stopped has clean-up to do: it is not held up.
      return state.isPaused || state.stop !== null ? undefined : emit({ type: "RunPaused", at });
    case "ResumeRun":
      return emit({ type: "RunResumed", at });
    case "RetryRun":
      return emit({ type: "RunRetried", at });
  }
}

function submitted(command: Commands.SubmitRun, state: RunState): RunEvent {
  const { definition, packageHash } = state.plan;
  return {
    type: "RunSubmitted",
    at: command.at,
    workflow: definition.name,
    version: definition.version ?? null,
    packageHash,
    workDir: command.workDir,
    input: command.input,
    ...(command.origin === undefined ? {} : { origin: command.origin }),
  };
}

/** Of each agent that was asked the first bid counts. */
function closeAuction(command: Commands.CloseAuction, state: RunState, emit: Emit): void {
  const { at, task: id, index, attempt } = command;
  const task = state.tasks[state.plan.positionOf.get(id)!]!;
  const { agents } = task.instances[index]!.auction!;
  const bids = agents.flatMap((agent) => command.bids.find((bid) => bid.agent === agent) ?? []);
  emit({ type: "AuctionClosed", at, ...place(task, index), attempt, bids });
}

function stepOf(command: Commands.RecordStep) {
  return { stepId: command.stepId, output: command.output };
}

function denied(command: Commands.RecordDenial, state: RunState): RunEvent {
  const { at, attempt, permission, value, among } = command;
  const denial = { attempt, permission, value, ...(among === undefined ? {} : { among }) };
  return { type: "PermissionDenied", at, ...placeOf(command, state), ...denial };
}

/** `task` and, for an item of a `forEach`, `index`: how events name an instance. */
function placeOf(
  command: { task: string; index: number },
  state: RunState,
): { task: string; index?: number } {
  const position = state.plan.positionOf.get(command.task)!;
  return place(state.tasks[position]!, command.index);
}

// --- finishing ---

function finishAttempt(command: Commands.FinishAttempt, state: RunState, emit: Emit): void {
  const task = state.tasks[state.plan.positionOf.get(command.task)!]!;
  const instance = task.instances[command.index]!;
  if (command.outcome.status === "failed") {
    return failAttempt(command, state, task, instance, emit);
  }
  const { output } = command.outcome;
  const at = command.at;
  const where = place(task, command.index);
  const mistake = judgementMistake(state, task, command.index, output);
  if (mistake !== null) {
    const outcome = { status: "failed", error: mistake } as const;
    return failAttempt({ ...command, outcome }, state, task, instance, emit);
  }
  if (task.plan.repeatUntil === undefined) {
    return emit({ type: "TaskCompleted", at, ...where, output });
  }
  try {
    const isDone = task.plan.repeatUntil.evaluate(bindOutput(state, task, command.index, output));
    if (isDone === true) return emit({ type: "TaskCompleted", at, ...where, output });
  } catch (error) {
    return emit({ type: "TaskFailed", at, ...where, error: describeFailure(error) });
  }
  if (isStopping(state, task)) return emit({ type: "TaskCancelled", at, ...where });
  const { everyMs, timesMax } = task.plan.spec.repeat!;
  if (instance.repeats + 1 < timesMax) {
    return emit({ type: "TaskRepeated", at, ...where, nextAt: at + everyMs });
  }
  emit({ type: "TaskFailed", at, ...where, error: repeatsSpent(task, timesMax) });
}

function repeatsSpent(task: TaskState, timesMax: number): ErrorData {
  return {
    code: "REPEAT_EXHAUSTED",
    message: `Task "${task.plan.spec.id}" ran ${timesMax} times and "until" never held`,
    hint: `Raise "maxTimes" or check the condition "${task.plan.repeatUntil!.source}"`,
  };
}

function failAttempt(
  command: Commands.FinishAttempt,
  state: RunState,
  task: TaskState,
  instance: Instance,
  emit: Emit,
): void {
  if (command.outcome.status !== "failed") return;
  const { at, attempt } = command;
  const { error, lost } = command.outcome;
  const where = place(task, command.index);
  const failed = { type: "AttemptFailed", at, ...where, attempt, error } as const;
  if (isStopping(state, task)) {
    emit({ ...failed, ...(lost ? { lost } : {}) });
    return emit(
      error.code === "CANCELLED" || lost
        ? { type: "TaskCancelled", at, ...where }
        : { type: "TaskFailed", at, ...where, error },
    );
  }
  if (lost) return emit({ ...failed, lost, retryAt: at });
  // A forEach that has lost an item for good has no use for the others.
  const isDoomed = task.failed > 0 && !task.plan.spec.continueOnError;
  const { retry, fallback } = task.plan.spec;
  const failures = instance.failures + 1;
  const delayMs = nextDelayMs(retry, { ...error, failures, random: command.random });
  if (delayMs !== null && !isDoomed) return emit({ ...failed, retryAt: at + delayMs });
  const mayFallBack = instance.fallback === null && instance.contestOf === null && !isDoomed;
  if (fallback !== undefined && mayFallBack) {
    return emit({ ...failed, fallback: fallback.agent });
  }
  emit(failed);
  emit({ type: "TaskFailed", at, ...where, error });
}

// --- time ---

function fireTimers(command: Commands.FireTimers, state: RunState, emit: Emit): void {
  for (let timer = state.timers.peek(); timer !== undefined; timer = state.timers.peek()) {
    if (timer.at > command.at) return;
    state.timers.pop();
    if (timer.position < 0) timeOutRun(state, timer.kind === "run", command.at, emit);
    else fireTaskTimer(state, state.tasks[timer.position]!, timer, command.at, emit);
  }
}

function fireTaskTimer(
  state: RunState,
  task: TaskState,
  timer: { kind: string; at: number; index: number },
  at: number,
  emit: Emit,
): void {
  if (timer.kind === "again") {
    const instance = task.instances[timer.index];
    if (instance?.status !== "waiting" || instance.notBeforeAt !== timer.at) return;
    const isAsked = instance.deferred !== null || instance.auction?.bids === null;
    if (!isAsked && instance.contest === null) task.again.add(timer.index);
    enqueue(state, task);
  } else if (timer.kind === "assign") {
    if (!isHeldUp(state)) giveUpInVain({ at, emit }, task, timer);
  } else if (timer.kind === "auction") {
    closeLate(task, timer, at, emit);
  } else if (timer.kind === "ask") {
    task.askAgainAt = null;
    enqueue(state, task);
  } else if (hasEnded(task.result.status)) {
    return;
  } else if (timer.kind === "wait" && task.plan.spec.target.type === "waitSignal") {
    emit({ type: "TaskFailed", at, task: task.plan.spec.id, error: noSignal(task.plan.spec) });
  } else if (timer.kind === "wait") {
    const wokenAt = new Date(at).toISOString();
    emit({ type: "TaskCompleted", at, task: task.plan.spec.id, output: { wokenAt } });
  } else {
    timeOutTask(task, at, emit);
  }
}

/** Nobody brought the bids: it is decided without. */
function closeLate(
  task: TaskState,
  timer: { at: number; index: number },
  at: number,
  emit: Emit,
): void {
  const auction = task.instances[timer.index]?.auction ?? null;
  if (auction === null || auction.bids !== null || auction.closesAt > timer.at) return;
  const { attempt } = auction;
  emit({ type: "AuctionClosed", at, ...place(task, timer.index), attempt, bids: [] });
}

/** Unless somebody was found since. */
function giveUpInVain(
  turn: { at: number; emit: Emit },
  task: TaskState,
  timer: { at: number; index: number },
): void {
  const instance = task.instances[timer.index];
  if (instance === undefined || !isIdle(instance)) return;
  // Who is named may be registered again and only busy: that is decided with who knows the agents.
  if (instance.deferred?.giveUpAt !== timer.at || instance.deferred.why.code === "AGENT_GONE") {
    return;
  }
  giveUp(turn, task, timer.index);
}

function noSignal({ id, target }: TaskSpec): ErrorData {
  const { signal, timeoutMs } = target as Extract<TaskTarget, { type: "waitSignal" }>;
  return {
    code: "TIMEOUT",
    message: `Task "${id}" got no signal "${signal}" within ${timeoutMs} ms ("wait.timeout")`,
    hint: `Send it with: deno task denizen runs signal ID ${signal}`,
  };
}

/** The first task in the file that waits for the signal takes it; else it is kept for one. */
function signalRun(command: Commands.SignalRun, state: RunState, emit: Emit): void {
  const { at, name, payload, signalId } = command;
  if (state.signalIds.includes(signalId)) return;
  emit({ type: "SignalReceived", at, name, payload, signalId });
  const waiting = state.tasks.find(({ plan: { spec }, result }) =>
    result.status === "waiting" && spec.target.type === "waitSignal" && spec.target.signal === name
  );
  if (waiting === undefined) return;
  const { payload: output } = state.signals.find((kept) => kept.name === name)!;
  emit({ type: "TaskCompleted", at, task: waiting.plan.spec.id, output });
}

function timeOutTask(task: TaskState, at: number, emit: Emit): void {
  const error: ErrorData = {
    code: "TIMEOUT",
    message:
      `Task "${task.plan.spec.id}" did not end within ${task.plan.spec.timeout.totalMs} ms ` +
      `("timeout.total", all attempts together)`,
    hint: `Raise "timeout.total", or allow fewer or faster attempts`,
  };
  emit({ type: "TaskFailed", at, task: task.plan.spec.id, error });
}

function timeOutRun(state: RunState, isTimeout: boolean, at: number, emit: Emit): void {
  if (hasEnded(state.status) || state.stop !== null) return;
  const { timeoutMs, deadlineMs } = state.plan.definition;
  const error: ErrorData = isTimeout
    ? {
      code: "TIMEOUT",
      message: `Run did not end within ${timeoutMs} ms (the workflow's "timeout")`,
      hint: `Raise "timeout", or "runs retry" to go on with what was not finished`,
    }
    : {
      code: "DEADLINE_EXCEEDED",
      message: `Run did not end within ${deadlineMs} ms after submission (its "deadline")`,
      hint: `Raise "deadline", or raise "priority" so that it starts earlier`,
    };
  stopRun(state, at, { reason: error.message, error }, emit);
}

// --- stopping and recovering ---

function stopRun(
  state: RunState,
  at: number,
  stop: { reason: string; error?: ErrorData },
  emit: Emit,
): void {
  // Asked again, the run gives up its clean-up as well.
  const again = state.stop === null ? {} : { force: true as const };
  emit({ type: "RunCancelRequested", at, ...stop, ...again });
  cancelIdleWork(state, at, emit);
}

/** It counts as failed, so that what needs it does not begin, and a retry does it again. */
function cancelTask(command: Commands.CancelTask, state: RunState, emit: Emit): void {
  const { at, reason } = command;
  const { task, index } = command.index === undefined
    ? command
    : placeOf({ task: command.task, index: command.index }, state);
  const name = index === undefined ? task : `${task}[${index}]`;
  const error: ErrorData = {
    code: "CANCELLED",
    message: `Task "${name}" was cancelled: ${reason}`,
    hint: "Once the run has closed, a retry does it again",
  };
  emit({ type: "TaskFailed", at, task, ...(index === undefined ? {} : { index }), error });
}

/** The run has another leader: what nobody does any more is lost, and goes on from there. */
function recover(command: Commands.RecoverRun, state: RunState, emit: Emit): void {
  const { at, alive } = command;
  for (const task of state.tasks) {
    if (task.running === 0) continue;
    for (const [index, { status, node }] of task.instances.entries()) {
      const isAdopted = node !== null && alive?.has(node) === true;
      if (status === "running" && !isAdopted) loseAttempt(state, { task, index }, at, emit);
    }
  }
  for (const task of state.tasks) {
    if (task.contested.size > 0) state.due.add(task.plan.position);
    finishHalfWritten(task, at, emit);
    enqueue(state, task);
  }
}

/** Attempts that have ended since, or were begun anew, are none of these any more. */
function loseAttempts(command: Commands.LoseAttempts, state: RunState, emit: Emit): void {
  for (const { task: id, index, attempt } of command.attempts) {
    const position = state.plan.positionOf.get(id);
    const task = position === undefined ? undefined : state.tasks[position];
    const instance = task?.instances[index];
    const isInFlight = instance?.status === "running" && instance.attempt === attempt;
    if (isInFlight) loseAttempt(state, { task: task!, index }, command.at, emit);
  }
}

/** It was not the attempt's own fault: the node that did it is gone, and with it its cells. */
function loseAttempt(
  state: RunState,
  { task, index }: { task: TaskState; index: number },
  at: number,
  emit: Emit,
): void {
  const where = place(task, index);
  const failed = {
    type: "AttemptFailed",
    at,
    ...where,
    attempt: task.instances[index]!.attempt,
    error: { code: "NODE_LOST", message: "The node that ran this attempt stopped" },
    lost: true,
  } as const;
  if (!isStopping(state, task)) return emit({ ...failed, retryAt: at });
  emit(failed);
  emit({ type: "TaskCancelled", at, ...where });
}

/**
 * A commit of many segments may have been cut by the crash between `AttemptFailed` and the
 * `TaskFailed` that belongs to it: nothing would ever wake such an instance.
 */
function finishHalfWritten(task: TaskState, at: number, emit: Emit): void {
  for (const [index, instance] of task.instances.entries()) {
    if (instance.status !== "waiting" || Number.isFinite(instance.notBeforeAt)) continue;
    emit({ type: "TaskFailed", at, ...place(task, index), error: instance.error! });
  }
}
