/**
 * The run that the page holds as the document of `GET /runs/{id}`.
 *
 * @module
 */
import type { RunView, TaskView } from "../../../../../workflows/mod.ts";
import {
  itemStatusOf,
  type LiveInstance,
  type LiveRun,
  type LiveTask,
  statusOf,
} from "./live_run.ts";

/** Where the run stands, as people are told: `waiting` when nothing runs and something waits. */
export function runStatusOf(run: LiveRun): RunView["status"] {
  const isWaiting = run.status === "running" && run.running === 0 &&
    run.tasks.some((task) => task.status === "waiting");
  return isWaiting ? "waiting" : run.status;
}

/**
 * The document of a run.
 *
 * @param options `items`: also list each item of a `forEach` (as `measure[3]`, after `measure`)
 */
export function viewLiveRun(run: LiveRun, options: { items: boolean }): RunView {
  const { tenant, tags, submittedBy } = run.origin;
  return {
    runId: run.runId,
    workflow: run.workflow,
    version: run.workflowVersion,
    status: runStatusOf(run),
    input: run.input,
    output: run.output,
    error: run.error,
    ...(tenant === undefined ? {} : { tenant }),
    ...(tags === undefined ? {} : { tags }),
    ...(submittedBy === undefined ? {} : { submittedBy }),
    startedAt: instant(run.startedAt),
    finishedAt: instant(run.finishedAt),
    tasks: run.tasks.flatMap((task) => [
      viewLiveTask(task),
      ...(options.items && task.isForEach ? task.instances.map(itemOf(task)) : []),
    ]),
  };
}

/** One task of the document. */
export function viewLiveTask(task: LiveTask): TaskView {
  const { instances, counts } = task;
  const sole = task.isForEach ? undefined : instances[0];
  const view: TaskView = {
    id: task.spec.id,
    status: statusOf(task),
    attempts: instances.reduce((sum, { attempt }) => sum + attempt, 0),
    agent: instances.find(({ agent }) => agent !== null)?.agent ?? null,
    reason: task.reason ?? (sole === undefined ? null : explain(task, sole)),
    startedAt: instant(task.startedAt),
    finishedAt: instant(task.finishedAt),
    error: task.error ?? sole?.error ?? null,
  };
  if (!task.isForEach || task.scheduledAt === null) return view;
  const { completed, failed, running } = counts;
  return { ...view, items: { total: instances.length, completed, failed, running } };
}

function itemOf(task: LiveTask): (instance: LiveInstance, index: number) => TaskView {
  return (instance, index) => viewLiveItem(task, instance, index);
}

/** One item of a `forEach`, in the document that lists them. */
export function viewLiveItem(task: LiveTask, instance: LiveInstance, index: number): TaskView {
  return {
    id: `${task.spec.id}[${index}]`,
    status: itemStatusOf(instance),
    attempts: instance.attempt,
    agent: instance.agent,
    reason: explain(task, instance),
    startedAt: instant(instance.startedAt),
    finishedAt: instant(instance.finishedAt),
    error: instance.error,
  };
}

function explain(task: LiveTask, instance: LiveInstance): string | null {
  if (instance.status === "waiting") {
    if (!Number.isFinite(instance.notBeforeAt)) return null;
    const until = new Date(instance.notBeforeAt).toISOString();
    const why = instance.error === null
      ? "runs again"
      : `failed with ${instance.error.code}; next attempt`;
    return `${why} at ${until}`;
  }
  if (instance.agent === null) {
    return instance.status === "ready" ? "waits for a free worker" : null;
  }
  if (instance.fallback === instance.agent) return "fallback, after the first choice had failed";
  const { capability } = task.spec;
  if (typeof capability === "string") return `offers the capability "${capability}"`;
  return "named by the workflow";
}

function instant(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
