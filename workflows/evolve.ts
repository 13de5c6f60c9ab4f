/**
 * Folds one event into the state of a run. Total and deterministic: the same events give the same
 * state on every machine. The state is changed in place, so the caller must own it.
 *
 * @module
 */
import { Heap } from "../core/heap.ts";
import type { Json } from "../core/json.ts";
import type * as Events from "./events.ts";
import type { RunEvent } from "./events.ts";
import {
  noteAssignment,
  noteReuse,
  onAssignmentDeferred,
  onAuctionClosed,
  onAuctionOpened,
  onContestOpened,
  onContestSettled,
  onTaskFellBack,
  takeOver,
} from "./evolve_assignment.ts";
import {
  closeInstance,
  endAttempt,
  giveUpInstances,
  isIdle,
  isOpen,
  itemInstances,
  passFresh,
  tryAgainAt,
} from "./instance_moves.ts";
import { enqueue } from "./lanes.ts";
import { createInstance, createTaskState, taskOf } from "./state.ts";
import type { Instance, RunState, TaskState } from "./state.ts";
import { hasEnded, type TaskStatus } from "./status.ts";

/** Signals that come twice are known among so many. */
const SIGNAL_IDS_MAX = 1_000;

/** Folds `event` into `state`, which it changes and returns. */
export function evolve(state: RunState, event: RunEvent): RunState {
  state.eventCount++;
  state.lastAt = Math.max(state.lastAt, event.at);
  switch (event.type) {
    case "RunSubmitted":
      return onRunSubmitted(state, event);
    case "TaskScheduled":
      return onTaskScheduled(state, event);
    case "TaskExpanded":
      return onTaskExpanded(state, event);
    case "TaskWaiting":
      return onTaskWaiting(state, event);
    case "SignalReceived":
      return onSignalReceived(state, event);
    case "AttemptStarted":
      return onAttemptStarted(state, event);
    case "StepRecorded":
      return onStepRecorded(state, event);
    case "AssignmentDeferred":
      return onAssignmentDeferred(state, event);
    case "TaskFellBack":
      return onTaskFellBack(state, event);
    case "AuctionOpened":
      return onAuctionOpened(state, event);
    case "AuctionClosed":
      return onAuctionClosed(state, event);
    case "ContestOpened":
      return onContestOpened(state, event);
    case "ContestSettled":
      return onContestSettled(state, event);
    case "PermissionDenied":
      return state;
    case "AttemptFailed":
      return onAttemptFailed(state, event);
    case "TaskRepeated":
      return onTaskRepeated(state, event);
    case "TaskCompleted":
      return onTaskCompleted(state, event);
    case "TaskFailed":
      return onTaskFailed(state, event);
    case "TaskSkipped":
      return onTaskSkipped(state, event);
    case "TaskCancelled":
      return onTaskCancelled(state, event);
    case "RunCancelRequested":
      return onRunCancelRequested(state, event);
    case "RunPaused":
      state.isPaused = true;
      state.isHeldUp = true;
      state.status = "paused";
      return state;
    case "RunResumed":
      state.isPaused = false;
      state.status = "running";
      return state;
    case "RunRetried":
      return onRunRetried(state, event);
    case "RunCompleted":
      state.output = event.output;
      return closeRun(state, "completed", event.at);
    case "RunFailed":
      state.error = event.error;
      return closeRun(state, "failed", event.at);
    case "RunCancelled":
      state.error = { code: "CANCELLED", message: event.reason };
      return closeRun(state, "cancelled", event.at);
  }
}

function onRunSubmitted(state: RunState, event: Events.RunSubmitted): RunState {
  state.status = "running";
  state.input = event.input;
  state.workDir = event.workDir;
  state.origin = event.origin ?? {};
  state.submittedAt = event.at;
  startClocks(state, event.at);
  for (const task of state.tasks) {
    if (task.waitingOn === 0) state.released.add(task.plan.position);
  }
  return state;
}

function onRunCancelRequested(state: RunState, event: Events.RunCancelRequested): RunState {
  const { reason, error } = state.stop ?? event;
  state.stop = { reason, error, force: event.force === true };
  // Clean-up has to run, also that of a paused run.
  state.isPaused = false;
  state.status = "running";
  return state;
}

function startClocks(state: RunState, at: number): void {
  state.startedAt = at;
  const { timeoutMs, deadlineMs } = state.plan.definition;
  if (timeoutMs !== undefined) pushRunTimer(state, "run", at + timeoutMs);
  if (deadlineMs !== undefined) pushRunTimer(state, "deadline", at + deadlineMs);
}

function pushRunTimer(state: RunState, kind: "run" | "deadline", at: number): void {
  state.timers.push({ at, kind, position: -1, index: 0 });
}

function onTaskScheduled(state: RunState, event: Events.TaskScheduled): RunState {
  const task = taskOf(state, event.task);
  task.instances = [createInstance(task.attemptsBefore)];
  return openTask(state, task, event.at);
}

function onTaskExpanded(state: RunState, event: Events.TaskExpanded): RunState {
  const task = taskOf(state, event.task);
  task.instances = Array.from({ length: event.count }, () => createInstance(task.attemptsBefore));
  if (event.count > 0) return openTask(state, task, event.at);
  task.scheduledAt = task.startedAt = event.at;
  return endTask(state, task, "completed", event.at, []);
}

function openTask(state: RunState, task: TaskState, at: number): RunState {
  state.released.delete(task.plan.position);
  task.open = task.count = task.instances.length;
  task.scheduledAt = at;
  watchTotalTime(state, task, at);
  enqueue(state, task);
  return state;
}

function watchTotalTime(state: RunState, task: TaskState, at: number): void {
  const { totalMs } = task.plan.spec.timeout;
  if (totalMs === undefined) return;
  state.timers.push({ at: at + totalMs, kind: "total", position: task.plan.position, index: 0 });
}

function onTaskWaiting(state: RunState, event: Events.TaskWaiting): RunState {
  const task = taskOf(state, event.task);
  state.released.delete(task.plan.position);
  task.scheduledAt = task.startedAt = event.at;
  task.result.status = "waiting";
  task.waitUntil = event.until;
  const limit = event.until === null ? "" : ` until ${new Date(event.until).toISOString()}`;
  task.reason = `waits${event.signal === undefined ? "" : ` for signal "${event.signal}"`}${limit}`;
  if (event.until === null) return state;
  state.timers.push({ at: event.until, kind: "wait", position: task.plan.position, index: 0 });
  return state;
}

function onSignalReceived(state: RunState, event: Events.SignalReceived): RunState {
  state.signals.push({ name: event.name, payload: event.payload });
  state.signalIds.push(event.signalId);
  if (state.signalIds.length > SIGNAL_IDS_MAX) state.signalIds.shift();
  return state;
}

/** The task that waited for a signal has taken the oldest one. */
function takeSignal(state: RunState, { plan }: TaskState): void {
  const { target } = plan.spec;
  if (target.type !== "waitSignal") return;
  const at = state.signals.findIndex(({ name }) => name === target.signal);
  if (at >= 0) state.signals.splice(at, 1);
}

function onAttemptStarted(state: RunState, event: Events.AttemptStarted): RunState {
  const task = taskOf(state, event.task);
  const index = event.index ?? 0;
  const instance = task.instances[index]!;
  task.again.delete(index);
  noteAssignment(task, index, event.assignment);
  instance.status = "running";
  instance.attempt = event.attempt;
  instance.agent = event.agent;
  instance.node = event.node ?? null;
  instance.startedAt ??= event.at;
  if (instance.contestOf !== null) task.instances[instance.contestOf]!.startedAt ??= event.at;
  task.startedAt ??= event.at;
  task.result.status = "running";
  task.running++;
  state.running++;
  if (state.running >= state.plan.definition.concurrency) state.isHeldUp = true;
  passFresh(task, index);
  return state;
}

function onStepRecorded(state: RunState, event: Events.StepRecorded): RunState {
  const instance = taskOf(state, event.task).instances[event.index ?? 0]!;
  instance.steps ??= Object.create(null) as Record<string, Json>;
  instance.steps[event.stepId] = event.output;
  return state;
}

function onAttemptFailed(state: RunState, event: Events.AttemptFailed): RunState {
  const task = taskOf(state, event.task);
  const index = event.index ?? 0;
  const instance = task.instances[index]!;
  endAttempt(state, task, instance, "waiting");
  instance.error = event.error;
  if (!event.lost) countFailure(task, instance);
  if (event.fallback !== undefined) takeOver(instance, event.fallback);
  const nextAt = event.retryAt ?? (event.fallback === undefined ? null : event.at);
  if (nextAt !== null) tryAgainAt(state, task, index, nextAt);
  else instance.notBeforeAt = Infinity;
  return state;
}

function countFailure(task: TaskState, instance: Instance): void {
  instance.failures++;
  if (task.plan.spec.target.type !== "capability") return;
  const agent = instance.agent!;
  instance.failed = { ...instance.failed, [agent]: (instance.failed?.[agent] ?? 0) + 1 };
}

function onTaskRepeated(state: RunState, event: Events.TaskRepeated): RunState {
  const task = taskOf(state, event.task);
  const index = event.index ?? 0;
  const instance = task.instances[index]!;
  endAttempt(state, task, instance, "waiting");
  instance.repeats++;
  instance.failures = 0;
  instance.failed = null;
  instance.steps = null;
  tryAgainAt(state, task, index, event.nextAt);
  return state;
}

function onTaskCompleted(state: RunState, event: Events.TaskCompleted): RunState {
  const task = taskOf(state, event.task);
  if (task.instances.length === 0) {
    task.scheduledAt ??= event.at;
    task.startedAt ??= event.at;
    takeSignal(state, task);
    return endTask(state, task, "completed", event.at, event.output);
  }
  const index = event.index ?? 0;
  const instance = task.instances[index]!;
  if (event.reused !== undefined) noteReuse(task, index, event);
  instance.output = event.output;
  instance.error = null;
  instance.steps = null;
  return endInstance(state, task, index, "completed", event.at);
}

function onTaskFailed(state: RunState, event: Events.TaskFailed): RunState {
  const task = taskOf(state, event.task);
  if (event.index === undefined && !isPlainInstance(task)) {
    return failTask(state, task, event);
  }
  const index = event.index ?? 0;
  const instance = task.instances[index]!;
  instance.error = event.error;
  if (instance.contestOf !== null) return endInstance(state, task, index, "failed", event.at);
  task.failed++;
  task.result.error ??= event.error;
  if (!task.plan.spec.continueOnError) {
    giveUpInstances(state, task, event.at, (other) => other !== instance && isIdle(other));
  }
  return endInstance(state, task, index, "failed", event.at);
}

function isPlainInstance(task: TaskState): boolean {
  return task.plan.forEach === undefined && task.count === 1;
}

/** The task as a whole failed: before it had instances, or with all of its items at once. */
function failTask(state: RunState, task: TaskState, event: Events.TaskFailed): RunState {
  task.result.error = event.error;
  giveUpInstances(state, task, event.at, isOpen);
  return endTask(state, task, "failed", event.at, null);
}

function endInstance(
  state: RunState,
  task: TaskState,
  index: number,
  status: "completed" | "failed" | "cancelled",
  at: number,
): RunState {
  closeInstance(state, task, index, { status, at });
  return index < task.count && task.open === 0 ? joinTask(state, task, at) : state;
}

/** All instances have ended: so has the task. */
function joinTask(state: RunState, task: TaskState, at: number): RunState {
  const isForEach = task.plan.forEach !== undefined;
  const items = itemInstances(task);
  const isCancelled = items.some((instance) => instance.status === "cancelled");
  const outputs = (): Json =>
    isForEach ? items.map((instance) => instance.output) : items[0]!.output;
  if (task.failed > 0 && !(isForEach && task.plan.spec.continueOnError)) {
    return endTask(state, task, "failed", at, null);
  }
  if (isCancelled) return endTask(state, task, "cancelled", at, null);
  return endTask(state, task, "completed", at, outputs());
}

function endTask(
  state: RunState,
  task: TaskState,
  status: TaskStatus,
  at: number,
  output: Json,
): RunState {
  state.released.delete(task.plan.position);
  task.result.status = status;
  task.result.output = output;
  if (status === "completed") task.result.error = null;
  task.finishedAt = at;
  task.waitUntil = null;
  // Why it waited is told no longer.
  if (status !== "skipped") task.reason = null;
  state.open--;
  for (const position of task.plan.dependents) {
    const dependent = state.tasks[position]!;
    if (--dependent.waitingOn === 0 && !hasEnded(dependent.result.status)) {
      state.released.add(position);
    }
  }
  return state;
}

function onTaskSkipped(state: RunState, event: Events.TaskSkipped): RunState {
  const task = taskOf(state, event.task);
  task.reason = event.reason;
  return endTask(state, task, "skipped", event.at, null);
}

function onTaskCancelled(state: RunState, event: Events.TaskCancelled): RunState {
  const task = taskOf(state, event.task);
  if (event.index !== undefined || isPlainInstance(task)) {
    return endInstance(state, task, event.index ?? 0, "cancelled", event.at);
  }
  giveUpInstances(state, task, event.at, isOpen);
  return endTask(state, task, "cancelled", event.at, null);
}

function closeRun(
  state: RunState,
  status: "completed" | "failed" | "cancelled",
  at: number,
): RunState {
  state.status = status;
  state.finishedAt = at;
  return state;
}

function onRunRetried(state: RunState, event: Events.RunRetried): RunState {
  state.status = "running";
  state.stop = null;
  state.isPaused = false;
  state.error = null;
  state.output = null;
  state.finishedAt = null;
  state.bindings = null;
  state.runAttempt++;
  state.lanes = new Map();
  state.timers = new Heap((a, b) => a.at < b.at);
  state.released = new Set();
  state.due = new Set();
  for (const task of state.tasks) resetUnlessCompleted(state, task, event.at);
  startClocks(state, event.at);
  recountNeeds(state);
  return state;
}

/** Items of a `forEach` that completed stay completed, unless what they came from is done anew. */
function resetUnlessCompleted(state: RunState, task: TaskState, at: number): void {
  if (task.result.status === "completed") return;
  const { instances, count, scheduledAt, items, attemptsBefore } = task;
  Object.assign(task, createTaskState(task.plan));
  task.attemptsBefore = instances.reduce(
    (most, { attempt }) => Math.max(most, attempt),
    attemptsBefore,
  );
  state.results[task.plan.spec.id] = task.result;
  const isDone = (need: number) => state.tasks[need]!.result.status === "completed";
  const keepsItems = task.plan.forEach !== undefined && task.plan.needs.every(isDone);
  if (!keepsItems || instances.length === 0) return;
  task.instances = instances.slice(0, count).map((instance) =>
    instance.status === "completed" ? instance : createInstance(instance.attempt)
  );
  task.count = count;
  task.open = task.instances.filter(isIdle).length;
  task.scheduledAt = scheduledAt;
  task.items = items;
  watchTotalTime(state, task, at);
  enqueue(state, task);
}

function recountNeeds(state: RunState): void {
  state.open = 0;
  for (const task of state.tasks) {
    if (task.result.status === "completed") continue;
    state.open++;
    const { needs, position } = task.plan;
    const isDone = (need: number) => state.tasks[need]!.result.status === "completed";
    task.waitingOn = needs.filter((need) => !isDone(need)).length;
    if (task.waitingOn === 0 && task.open === 0) state.released.add(position);
  }
}
