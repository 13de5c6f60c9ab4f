/**
 * How fast a workflow can be on m workers, and how fast list scheduling is.
 *
 * Model: m identical workers, each does one task at a time and ends what it starts; no transfer
 * cost; a task takes its recorded run time.
 *
 * @module
 */
import { Heap } from "../core/heap.ts";
import type { InstanceTask } from "./workflow_instance.ts";

/** Times before and behind each task, by position, in seconds. */
interface Levels {
  order: number[];
  /** Longest way from the start to the task, the task itself left out. */
  heads: number[];
  /** Longest way from the task to the end, the task itself left out. */
  tails: number[];
}

/**
 * No schedule on `workers` workers is shorter: the longest way, the work divided by the workers,
 * and for each pair of h and q, `h + q + W(h, q) / workers`, where W is the work of the tasks that
 * can neither start before h nor leave less than q behind them (E. Fernandez, B. Bussell, "Bounds
 * on the number of processors and time for multiprocessor optimal schedules", IEEE Trans. Comput.
 * 1973).
 *
 * @returns seconds
 */
export function lowerBoundS(tasks: readonly InstanceTask[], workers: number): number {
  const { heads, tails } = levelsOf(tasks);
  const work = tasks.reduce((sum, task) => sum + task.runtimeS, 0);
  const ways = tasks.map((task, i) => heads[i]! + task.runtimeS + tails[i]!);
  let bound = ways.reduce((longest, way) => Math.max(longest, way), work / workers);
  const byTail = tasks.map((_, i) => i).sort((a, b) => tails[b]! - tails[a]!);
  for (const head of new Set(heads)) {
    let enclosed = 0;
    for (const i of byTail) {
      if (heads[i]! < head) continue;
      enclosed += tasks[i]!.runtimeS;
      bound = Math.max(bound, head + tails[i]! + enclosed / workers);
    }
  }
  return bound;
}

/**
 * Length of the schedule by HLFET: whenever a worker is free, the ready task with the longest way
 * to the end starts (T. Adam, K. Chandy, J. Dickson, CACM 1974). At most `2 - 1 / workers` times
 * the best (R. Graham, 1966).
 *
 * @returns seconds
 */
export function upperBoundS(tasks: readonly InstanceTask[], workers: number): number {
  const { tails } = levelsOf(tasks);
  return listScheduleS(tasks, workers, tasks.map((task, i) => tails[i]! + task.runtimeS));
}

/**
 * Length of the list schedule in which the ready task of the highest priority starts first; among
 * equals the one whose id comes first.
 *
 * @param priorities by position
 * @returns seconds
 */
export function listScheduleS(
  tasks: readonly InstanceTask[],
  workers: number,
  priorities: readonly number[],
): number {
  const children = childrenOf(tasks);
  const open = tasks.map((task) => task.parents.length);
  const ready = new Heap<number>((a, b) =>
    priorities[a]! > priorities[b]! ||
    (priorities[a] === priorities[b] && tasks[a]!.id < tasks[b]!.id)
  );
  const running = new Heap<{ endS: number; task: number }>((a, b) => a.endS < b.endS);
  for (const task of tasks.keys()) if (open[task] === 0) ready.push(task);
  let nowS = 0;
  let free = workers;
  while (ready.size > 0 || running.size > 0) {
    for (; free > 0 && ready.size > 0; free--) {
      const task = ready.pop()!;
      running.push({ endS: nowS + tasks[task]!.runtimeS, task });
    }
    nowS = running.peek()!.endS;
    while (running.peek()?.endS === nowS) {
      free++;
      for (const child of children[running.pop()!.task]!) {
        if (--open[child]! === 0) ready.push(child);
      }
    }
  }
  return nowS;
}

function childrenOf(tasks: readonly InstanceTask[]): number[][] {
  const children: number[][] = tasks.map(() => []);
  tasks.forEach((task, i) => task.parents.forEach((parent) => children[parent]!.push(i)));
  return children;
}

function levelsOf(tasks: readonly InstanceTask[]): Levels {
  const order = topologicalPositions(tasks);
  const heads = new Array<number>(tasks.length).fill(0);
  const tails = new Array<number>(tasks.length).fill(0);
  for (const i of order) {
    for (const parent of tasks[i]!.parents) {
      heads[i] = Math.max(heads[i]!, heads[parent]! + tasks[parent]!.runtimeS);
    }
  }
  for (const i of order.toReversed()) {
    for (const parent of tasks[i]!.parents) {
      tails[parent] = Math.max(tails[parent]!, tails[i]! + tasks[i]!.runtimeS);
    }
  }
  return { order, heads, tails };
}

function topologicalPositions(tasks: readonly InstanceTask[]): number[] {
  const children = childrenOf(tasks);
  const open = tasks.map((task) => task.parents.length);
  const order = tasks.keys().filter((i) => open[i] === 0).toArray();
  for (let at = 0; at < order.length; at++) {
    for (const child of children[order[at]!]!) if (--open[child]! === 0) order.push(child);
  }
  if (order.length < tasks.length) throw new Error("the tasks wait for each other in a cycle");
  return order;
}
