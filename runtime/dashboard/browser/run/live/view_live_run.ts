/**
 * The run that the page holds as the document of `GET /runs/{id}`.
 *
 * @module
 */
import { explainInstance, explainItems } from "../../../../../workflows/assignment_words.ts";
import type { RunView, TaskView } from "../../../../../workflows/mod.ts";
import {
  attemptsOf,
  itemStatusOf,
  type LiveInstance,
  type LiveRun,
  type LiveTask,
  membersOf,
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
    attempts: attemptsOf(task),
    agent: instances.find(({ agent }) => agent !== null)?.agent ?? null,
    reason: reasonOf(task),
    startedAt: instant(task.startedAt),
    finishedAt: instant(task.finishedAt),
    error: task.error ?? sole?.error ?? null,
  };
  if (!task.isForEach || task.scheduledAt === null) return view;
  const { completed, failed, running } = counts;
  return { ...view, items: { total: instances.length, completed, failed, running } };
}

/** Why it waits, was skipped or went to this agent, in words; `null` when there is nothing to say. */
export function reasonOf(task: LiveTask): string | null {
  if (task.reason !== null) return task.reason;
  const { instances, contenders, deferred, spec } = task;
  const capability = spec.capability ?? null;
  if (task.isForEach) return explainItems(deferred, [...instances, ...contenders], capability);
  const [sole] = instances;
  return sole === undefined ? null : explainInstance(sole, capability, membersOf(task, 0));
}

function itemOf(task: LiveTask): (instance: LiveInstance, index: number) => TaskView {
  return (instance, index) => viewLiveItem(task, instance, index);
}

/** One item of a `forEach`, in the document that lists them. */
export function viewLiveItem(task: LiveTask, instance: LiveInstance, index: number): TaskView {
  return {
    id: `${task.spec.id}[${index}]`,
    status: itemStatusOf(instance),
    attempts: membersOf(task, index).reduce((sum, one) => sum + one.attempt, instance.attempt),
    agent: instance.agent,
    reason: explainInstance(instance, task.spec.capability ?? null, membersOf(task, index)),
    startedAt: instant(instance.startedAt),
    finishedAt: instant(instance.finishedAt),
    error: instance.error,
  };
}

function instant(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
