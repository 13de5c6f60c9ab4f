/**
 * A run as a document tells it, until the events of its history have come. What a document does not
 * say (which item of a `forEach` stands where) is filled in by counts.
 *
 * @module
 */
import type { RunView, TaskView } from "../../../../../workflows/mod.ts";
import {
  attemptsOf,
  countNone,
  createLiveInstance,
  createLiveRun,
  type GraphTask,
  type LiveInstance,
  type LiveRun,
  type LiveTask,
  statusOf,
} from "../live/mod.ts";

/** The document of a run, without items, as the page holds a run. */
export function snapshotRun(detail: RunView, graph: readonly GraphTask[]): LiveRun {
  const run = createLiveRun(detail.runId, graph);
  for (const view of detail.tasks) {
    const position = run.positionOf.get(view.id);
    if (position !== undefined) fill(run.tasks[position]!, view);
  }
  return Object.assign(run, {
    version: 1,
    workflow: detail.workflow,
    workflowVersion: detail.version,
    status: detail.status,
    // The document has decided already whether the run waits.
    running: detail.status === "running" ? 1 : 0,
    input: detail.input,
    output: detail.output,
    error: detail.error,
    startedAt: epoch(detail.startedAt),
    finishedAt: epoch(detail.finishedAt),
  });
}

function fill(task: LiveTask, view: TaskView): void {
  task.status = view.status;
  task.error = view.error;
  task.reason = view.reason;
  task.startedAt = epoch(view.startedAt);
  task.finishedAt = epoch(view.finishedAt);
  task.scheduledAt = task.startedAt;
  if (view.items !== undefined) task.instances = itemsOf(view.items, view.status);
  else if (view.attempts > 0) task.instances = [soleOf(view)];
  for (const { status } of task.instances) task.counts[status]++;
}

function soleOf(view: TaskView): LiveInstance {
  const status = view.status === "pending" || view.status === "paused"
    ? "ready"
    : view.status === "skipped"
    ? "cancelled"
    : view.status;
  return { ...createLiveInstance(view.attempts), status, agent: view.agent };
}

function itemsOf(items: NonNullable<TaskView["items"]>, status: string): LiveInstance[] {
  const { total, completed, failed, running } = items;
  const rest = status === "failed" || status === "cancelled" ? "cancelled" : "ready";
  const counts = { ...countNone(), completed, failed, running };
  counts[rest] = Math.max(0, total - completed - failed - running);
  return Object.entries(counts).flatMap(([status, count]) =>
    Array.from({ length: count }, (): LiveInstance => ({
      ...createLiveInstance(0),
      status: status as LiveInstance["status"],
    }))
  );
}

function epoch(instant: string | null): number | null {
  return instant === null ? null : Date.parse(instant);
}

/**
 * Takes over what a document says of the tasks that a fold sees otherwise: the document has the last
 * word. Changes `run`.
 */
export function adoptDocument(run: LiveRun, detail: RunView): void {
  for (const view of detail.tasks) {
    const position = run.positionOf.get(view.id);
    const task = position === undefined ? undefined : run.tasks[position]!;
    if (task === undefined || statusOf(task) === view.status) continue;
    const { status, error, reason } = view;
    Object.assign(task, { status, error, reason, finishedAt: epoch(view.finishedAt) });
  }
}

/** How far a run has come: attempts begun, tasks and items that have ended. */
export interface Progress {
  attempts: number;
  ended: number;
}

/** As a document tells it. */
export function progressOfView({ tasks }: RunView): Progress {
  let [attempts, ended] = [0, 0];
  for (const task of tasks) {
    attempts += task.attempts;
    if (task.finishedAt !== null) ended++;
    if (task.items !== undefined) ended += task.items.completed + task.items.failed;
  }
  return { attempts, ended };
}

/** As the page's fold tells it. */
export function progressOfRun({ tasks }: LiveRun): Progress {
  let [attempts, ended] = [0, 0];
  for (const task of tasks) {
    const { finishedAt, isForEach, counts } = task;
    attempts += attemptsOf(task);
    if (finishedAt !== null) ended++;
    if (isForEach) ended += counts.completed + counts.failed;
  }
  return { attempts, ended };
}
