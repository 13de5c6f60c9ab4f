/**
 * Folds one event into the run that the page holds, in place: a page that listens shows each change
 * at once, and asks the server for nothing again. Mirrors `workflows/evolve.ts` in all that can be
 * seen; the tests compare the two over drawn runs.
 *
 * @module
 */
import type { RunEvent, TaskStatus } from "../../../../../workflows/mod.ts";
import {
  noteAssignment,
  noteReuse,
  onAssignmentDeferred,
  onAuctionClosed,
  onAuctionOpened,
  onContestOpened,
  onContestSettled,
  onTaskFellBack,
} from "./fold_assignment.ts";
import {
  change,
  closeInstance,
  closeSpan,
  endAttempt,
  find,
  giveUpInstances,
  isIdle,
  isOpen,
  recount,
} from "./instance_moves.ts";
import {
  createLiveInstance,
  type LiveInstance,
  type LiveRun,
  type LiveTask,
  pendingTask,
  type Span,
} from "./live_run.ts";

type EventOf<Type extends RunEvent["type"]> = Extract<RunEvent, { type: Type }>;

/** Folds `event` into `run`, which it changes and returns. Tasks that it does not know are passed over. */
export function foldRun(run: LiveRun, event: RunEvent): LiveRun {
  run.version++;
  if (!("task" in event)) return foldRunEvent(run, event);
  const position = run.positionOf.get(event.task);
  if (position === undefined) return run;
  foldTaskEvent(run, run.tasks[position]!, event);
  return run;
}

function foldRunEvent(run: LiveRun, event: Exclude<RunEvent, { task: string }>): LiveRun {
  switch (event.type) {
    case "RunSubmitted":
      return onRunSubmitted(run, event);
    case "RunCancelRequested":
      run.isPaused = false;
      run.status = "running";
      return run;
    case "RunPaused":
      run.isPaused = true;
      run.status = "paused";
      return run;
    case "RunResumed":
      run.isPaused = false;
      run.status = "running";
      return run;
    case "RunRetried":
      return onRunRetried(run, event.at);
    case "RunCompleted":
      run.output = event.output;
      return closeRun(run, "completed", event.at);
    case "RunFailed":
      run.error = event.error;
      return closeRun(run, "failed", event.at);
    case "RunCancelled":
      run.error = { code: "CANCELLED", message: event.reason };
      return closeRun(run, "cancelled", event.at);
    default:
      return run;
  }
}

function foldTaskEvent(
  run: LiveRun,
  task: LiveTask,
  event: Extract<RunEvent, { task: string }>,
): void {
  switch (event.type) {
    case "TaskScheduled":
      return openTask(task, [createLiveInstance(task.attemptsBefore)], event.at);
    case "TaskExpanded":
      return onTaskExpanded(task, event);
    case "TaskWaiting":
      return onTaskWaiting(run, task, event);
    case "AssignmentDeferred":
      return onAssignmentDeferred(task, event);
    case "TaskFellBack":
      return onTaskFellBack(run, task, event);
    case "AuctionOpened":
      return onAuctionOpened(task, event);
    case "AuctionClosed":
      return onAuctionClosed(task, event);
    case "ContestOpened":
      return onContestOpened(task, event);
    case "ContestSettled":
      return onContestSettled(run, task, event);
    case "AttemptStarted":
      return onAttemptStarted(run, task, event);
    case "AttemptFailed":
      return onAttemptFailed(run, task, event);
    case "TaskRepeated":
      return onTaskRepeated(run, task, event);
    case "TaskCompleted":
      return onTaskCompleted(run, task, event);
    case "TaskFailed":
      return onTaskFailed(run, task, event);
    case "TaskSkipped":
      task.reason = event.reason;
      return endTask(task, "skipped", event.at);
    case "TaskCancelled":
      return onTaskCancelled(run, task, event);
    default:
      // Steps and denials change nothing that is shown here.
  }
}

function onRunSubmitted(run: LiveRun, event: EventOf<"RunSubmitted">): LiveRun {
  run.workflow = event.workflow;
  run.workflowVersion = event.version;
  run.status = "running";
  run.input = event.input;
  run.origin = event.origin ?? {};
  run.submittedAt = run.startedAt = event.at;
  return run;
}

function onTaskExpanded(task: LiveTask, { count, at }: EventOf<"TaskExpanded">): void {
  const instances = Array.from({ length: count }, () => createLiveInstance(task.attemptsBefore));
  if (count > 0) return openTask(task, instances, at);
  task.instances = [];
  task.scheduledAt = task.startedAt = at;
  endTask(task, "completed", at);
}

function openTask(task: LiveTask, instances: LiveInstance[], at: number): void {
  task.instances = instances;
  recount(task);
  task.open = instances.length;
  task.scheduledAt = at;
}

function onTaskWaiting(run: LiveRun, task: LiveTask, event: EventOf<"TaskWaiting">): void {
  task.scheduledAt = task.startedAt = event.at;
  task.status = "waiting";
  const limit = event.until === null ? "" : ` until ${new Date(event.until).toISOString()}`;
  task.reason = `waits${event.signal === undefined ? "" : ` for signal "${event.signal}"`}${limit}`;
  task.wait = openSpan(run, task, { index: null, attempt: 0, at: event.at, status: "waiting" });
}

function onAttemptStarted(run: LiveRun, task: LiveTask, event: EventOf<"AttemptStarted">): void {
  const instance = find(task, event);
  if (instance === undefined) return;
  const { attempt, agent, at } = event;
  noteAssignment(task, event.index ?? 0, event.assignment);
  change(task, instance, { status: "running" });
  instance.attempt = attempt;
  instance.agent = agent;
  instance.startedAt ??= at;
  if (instance.contestOf !== null) task.instances[instance.contestOf]!.startedAt ??= at;
  task.startedAt ??= at;
  task.status = "running";
  run.running++;
  instance.span = openSpan(run, task, { ...event, ...workOf(task, event), status: "running" });
}

/** What an attempt is about: the item of a `forEach`, and the contender of a contest. */
function workOf(task: LiveTask, event: { index?: number }): Pick<Span, "index" | "contender"> {
  const of = find(task, event)?.contestOf ?? null;
  if (of === null) return { index: event.index ?? null, contender: null };
  const first = task.instances[of]?.contest?.first ?? task.instances.length;
  return { index: task.isForEach ? of : null, contender: (event.index ?? 0) - first };
}

function openSpan(
  run: LiveRun,
  { position }: LiveTask,
  from: Pick<Span, "index" | "attempt" | "status"> & {
    at: number;
    contender?: number | null;
    agent?: string;
    node?: string;
  },
): Span {
  const { index, contender = null, attempt, status, at, agent = null, node = null } = from;
  const bar = { position, index, contender, attempt, agent, node, status, error: null };
  const span: Span = { ...bar, startedAt: at, finishedAt: null };
  run.spans.push(span);
  return span;
}

function onAttemptFailed(run: LiveRun, task: LiveTask, event: EventOf<"AttemptFailed">): void {
  const instance = find(task, event);
  if (instance === undefined) return;
  if (instance.span !== null) instance.span.error = event.error;
  closeSpan(instance, event.lost ? "lost" : "failed", event.at);
  endAttempt(run, task, instance, "waiting");
  instance.error = event.error;
  if (event.fallback !== undefined) instance.fallback = event.fallback;
  instance.notBeforeAt = event.retryAt ?? (event.fallback === undefined ? Infinity : event.at);
}

function onTaskRepeated(run: LiveRun, task: LiveTask, event: EventOf<"TaskRepeated">): void {
  const instance = find(task, event);
  if (instance === undefined) return;
  closeSpan(instance, "repeated", event.at);
  endAttempt(run, task, instance, "waiting");
  instance.notBeforeAt = event.nextAt;
}

function onTaskCompleted(run: LiveRun, task: LiveTask, event: EventOf<"TaskCompleted">): void {
  if (task.instances.length === 0) {
    task.scheduledAt ??= event.at;
    task.startedAt ??= event.at;
    return endTask(task, "completed", event.at);
  }
  const instance = find(task, event);
  if (instance === undefined) return;
  if (event.reused !== undefined) noteReuse(task, instance, event);
  instance.error = null;
  endInstance(run, task, event, "completed");
}

function onTaskFailed(run: LiveRun, task: LiveTask, event: EventOf<"TaskFailed">): void {
  if (event.index === undefined && !isPlainInstance(task)) {
    task.error = event.error;
    giveUpInstances(run, task, event.at, isOpen);
    return endTask(task, "failed", event.at);
  }
  const instance = find(task, event);
  if (instance === undefined) return;
  instance.error = event.error;
  if (instance.contestOf !== null) return endInstance(run, task, event, "failed");
  task.failed++;
  task.error ??= event.error;
  if (!task.spec.continueOnError) {
    giveUpInstances(run, task, event.at, (other) => other !== instance && isIdle(other));
  }
  endInstance(run, task, event, "failed");
}

function onTaskCancelled(run: LiveRun, task: LiveTask, event: EventOf<"TaskCancelled">): void {
  if (event.index === undefined && !isPlainInstance(task)) {
    giveUpInstances(run, task, event.at, isOpen);
    return endTask(task, "cancelled", event.at);
  }
  if (find(task, event) !== undefined) endInstance(run, task, event, "cancelled");
}

function isPlainInstance(task: LiveTask): boolean {
  return !task.isForEach && task.instances.length === 1;
}

function endInstance(
  run: LiveRun,
  task: LiveTask,
  { index = 0, at }: { index?: number; at: number },
  status: "completed" | "failed" | "cancelled",
): void {
  closeInstance(run, task, index, { status, at });
  if (index < task.instances.length && task.open === 0) endTask(task, joinedStatus(task), at);
}

/** All instances have ended: so has the task. */
function joinedStatus(task: LiveTask): TaskStatus {
  const isTolerant = task.isForEach && task.spec.continueOnError === true;
  if (task.failed > 0 && !isTolerant) return "failed";
  return task.counts.cancelled > 0 ? "cancelled" : "completed";
}

function endTask(task: LiveTask, status: TaskStatus, at: number): void {
  task.status = status;
  if (status === "completed") task.error = null;
  task.finishedAt = at;
  if (status !== "skipped") task.reason = null;
  if (task.wait === null) return;
  task.wait.status = status === "completed" ? "completed" : "cancelled";
  task.wait.finishedAt = at;
  task.wait = null;
}

function closeRun(run: LiveRun, status: "completed" | "failed" | "cancelled", at: number): LiveRun {
  run.status = status;
  run.finishedAt = at;
  return run;
}

function onRunRetried(run: LiveRun, at: number): LiveRun {
  run.status = "running";
  run.isPaused = false;
  run.error = null;
  run.output = null;
  run.finishedAt = null;
  run.startedAt = at;
  for (const task of run.tasks) resetUnlessCompleted(run, task);
  return run;
}

/** Items of a `forEach` that completed stay completed, unless what they came from is done anew. */
function resetUnlessCompleted(run: LiveRun, task: LiveTask): void {
  if (task.status === "completed") return;
  const { instances, contenders, scheduledAt, attemptsBefore } = task;
  const attempts = [...instances, ...contenders]
    .reduce((most, { attempt }) => Math.max(most, attempt), attemptsBefore);
  Object.assign(task, pendingTask(), { attemptsBefore: attempts });
  const isDone = (id: string) => run.tasks[run.positionOf.get(id)!]!.status === "completed";
  if (!task.isForEach || instances.length === 0 || !task.spec.needs.every(isDone)) return;
  task.instances = instances.map((instance) =>
    instance.status === "completed" ? instance : createLiveInstance(instance.attempt)
  );
  recount(task);
  task.open = task.counts.ready;
  task.scheduledAt = scheduledAt;
}
