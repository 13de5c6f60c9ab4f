/**
 * The rows of the list of tasks.
 *
 * @module
 */
import type { TaskStatus } from "../../../../../workflows/mod.ts";
import {
  attemptsOf,
  itemStatusOf,
  type LiveRun,
  type LiveTask,
  membersOf,
  statusOf,
} from "../live/mod.ts";

/** What the list is narrowed to. */
export interface TaskFilter {
  /** Empty: every status. */
  statuses: ReadonlySet<TaskStatus>;
  /** A part of the name. */
  text: string;
  /** Also each item of a `forEach`. */
  withItems: boolean;
}

/** A task, or with `index` one item of it. */
export interface TaskRow {
  position: number;
  index: number | null;
  id: string;
  status: TaskStatus;
  agent: string | null;
  attempts: number;
  startedAt: number | null;
  finishedAt: number | null;
}

/** Rows that pass the filter, in the order of the file. */
export function listTaskRows({ tasks }: LiveRun, filter: TaskFilter): TaskRow[] {
  const wanted = filter.text.trim().toLowerCase();
  const rows: TaskRow[] = [];
  const add = (row: TaskRow) => {
    if (filter.statuses.size > 0 && !filter.statuses.has(row.status)) return;
    if (row.id.toLowerCase().includes(wanted)) rows.push(row);
  };
  for (const task of tasks) {
    add(rowOfTask(task));
    if (!filter.withItems || !task.isForEach) continue;
    for (let index = 0; index < task.instances.length; index++) add(rowOfItem(task, index));
  }
  return rows;
}

function rowOfTask(task: LiveTask): TaskRow {
  const { instances, spec, position, startedAt, finishedAt } = task;
  return {
    position,
    index: null,
    id: spec.id,
    status: statusOf(task),
    agent: instances.find(({ agent }) => agent !== null)?.agent ??
      (spec.capability ? null : spec.agent),
    attempts: attemptsOf(task),
    startedAt,
    finishedAt,
  };
}

function rowOfItem(task: LiveTask, index: number): TaskRow {
  const instance = task.instances[index]!;
  const { agent, attempt, startedAt, finishedAt } = instance;
  return {
    position: task.position,
    index,
    id: `${task.spec.id}[${index}]`,
    status: itemStatusOf(instance),
    agent,
    attempts: membersOf(task, index).reduce((sum, one) => sum + one.attempt, attempt),
    startedAt,
    finishedAt,
  };
}

/** Tasks of each status; items do not count. */
export function countByStatus({ tasks }: LiveRun): Map<TaskStatus, number> {
  const counts = new Map<TaskStatus, number>();
  for (const task of tasks) {
    const status = statusOf(task);
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return counts;
}
