/**
 * Work that may start, by who may do it, the longest way through the run first.
 *
 * @module
 */
import { Heap } from "../core/heap.ts";
import type { Instance, RunState, TaskState } from "./state.ts";

/** Puts the task into its lane when it has work that may start. */
export function enqueue(state: RunState, task: TaskState): void {
  if (task.isQueued || !hasStartable(task)) return;
  const lane = task.again.size > 0
    ? laneOf(task, task.instances[firstOf(task.again)]!)
    : laneOf(task, null);
  let heap = state.lanes.get(lane);
  if (heap === undefined) state.lanes.set(lane, heap = new Heap(startsBefore));
  heap.push(task);
  task.isQueued = true;
}

/** Whether an instance may start now, as far as the task itself is concerned. */
export function hasStartable(task: TaskState): boolean {
  if (task.plan.spec.maxParallel !== undefined && task.running >= task.plan.spec.maxParallel) {
    return false;
  }
  return task.again.size > 0 || task.deferred.size > 0 || task.nextFresh < task.count;
}

function firstOf(indexes: ReadonlySet<number>): number {
  const [first] = indexes;
  return first!;
}

function laneOf(task: TaskState, instance: Instance | null): string {
  return instance?.fallback ?? task.plan.lane;
}

/** Order of a lane: the longest way to the end of the run first, then as in the file. */
export function startsBefore(a: TaskState, b: TaskState): boolean {
  return a.plan.level > b.plan.level ||
    (a.plan.level === b.plan.level && a.plan.position < b.plan.position);
}
