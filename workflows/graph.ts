/**
 * The graph of tasks and needs. Pure functions over `{ id, needs }`; needs that name no task are
 * passed over. Nothing recurses, so chains of any length are fine.
 *
 * @module
 */

/** What the graph needs to know of a task. */
export interface GraphTask {
  id: string;
  needs: readonly string[];
  /** Expected duration. */
  estimateMs?: number;
}

/** Positions of each task's needs, by position. */
function needsByPosition(tasks: readonly GraphTask[]): number[][] {
  const positionOf = new Map(tasks.map((task, position) => [task.id, position]));
  return tasks.map((task) =>
    task.needs.map((need) => positionOf.get(need)).filter((position) => position !== undefined)
  );
}

/**
 * Ids in an order in which every task comes after its needs, otherwise as given (A. B. Kahn,
 * "Topological sorting of large networks", CACM 1962). `null` when there is a cycle.
 */
export function topologicalOrder(tasks: readonly GraphTask[]): string[] | null {
  const order = orderPositions(needsByPosition(tasks));
  return order.length === tasks.length ? order.map((position) => tasks[position]!.id) : null;
}

/** Positions in topological order; those on or behind a cycle are missing. */
function orderPositions(needs: readonly number[][]): number[] {
  const dependents: number[][] = needs.map(() => []);
  const open = needs.map((each) => each.length);
  needs.forEach((each, position) => each.forEach((need) => dependents[need]!.push(position)));
  const order = needs.keys().filter((position) => open[position] === 0).toArray();
  for (let i = 0; i < order.length; i++) {
    for (const dependent of dependents[order[i]!]!) {
      if (--open[dependent]! === 0) order.push(dependent);
    }
  }
  return order;
}

/**
 * One shortest cycle for each set of tasks that wait for each other, as the ids along `needs` with
 * the first repeated at the end: `["load", "check", "load"]`. Empty when there is none.
 */
export function findCycles(tasks: readonly GraphTask[]): string[][] {
  const needs = needsByPosition(tasks);
  return stronglyConnected(needs)
    .filter((component) => component.length > 1 || needs[component[0]!]!.includes(component[0]!))
    .map((component) => component.reduce((first, each) => Math.min(first, each)))
    .sort((a, b) => a - b)
    .map((start) => shortestCycle(start, needs).map((position) => tasks[position]!.id));
}

/** Breadth first along needs until the start is met again. */
function shortestCycle(start: number, needs: readonly number[][]): number[] {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (let i = 0; i < queue.length; i++) {
    const at = queue[i]!;
    for (const need of needs[at]!) {
      if (need === start) return [...pathTo(at, start, cameFrom), start];
      if (cameFrom.has(need)) continue;
      cameFrom.set(need, at);
      queue.push(need);
    }
  }
  return [start];
}

function pathTo(end: number, start: number, cameFrom: ReadonlyMap<number, number>): number[] {
  const path = [end];
  while (path.at(-1) !== start) path.push(cameFrom.get(path.at(-1)!)!);
  return path.reverse();
}

/**
 * Strongly connected components (R. Tarjan, "Depth-first search and linear graph algorithms", SIAM
 * J. Comput. 1972), with an explicit stack.
 */
function stronglyConnected(needs: readonly number[][]): number[][] {
  const indexOf: number[] = new Array(needs.length).fill(-1);
  const lowest: number[] = new Array(needs.length).fill(0);
  const isOnStack: boolean[] = new Array(needs.length).fill(false);
  const stack: number[] = [];
  const components: number[][] = [];
  let nextIndex = 0;

  function enter(position: number): { position: number; next: number } {
    indexOf[position] = lowest[position] = nextIndex++;
    stack.push(position);
    isOnStack[position] = true;
    return { position, next: 0 };
  }

  function leave(position: number): void {
    if (lowest[position] !== indexOf[position]) return;
    const component = stack.splice(stack.lastIndexOf(position));
    for (const member of component) isOnStack[member] = false;
    components.push(component);
  }

  for (const root of needs.keys()) {
    if (indexOf[root] !== -1) continue;
    const frames = [enter(root)];
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const { position } = frame;
      const need = needs[position]![frame.next++];
      if (need === undefined) {
        leave(position);
        frames.pop();
        const parent = frames.at(-1)?.position;
        if (parent !== undefined) lowest[parent] = Math.min(lowest[parent]!, lowest[position]!);
      } else if (indexOf[need] === -1) frames.push(enter(need));
      else if (isOnStack[need]) lowest[position] = Math.min(lowest[position]!, indexOf[need]!);
    }
  }
  return components;
}

/** Ids of all tasks that must end before the task `id`, direct or not. */
export function transitiveNeeds(tasks: readonly GraphTask[], id: string): Set<string> {
  const needsOf = new Map(tasks.map((task) => [task.id, task.needs]));
  const found = new Set<string>();
  const open = [...needsOf.get(id) ?? []];
  for (let need = open.pop(); need !== undefined; need = open.pop()) {
    if (found.has(need) || !needsOf.has(need)) continue;
    found.add(need);
    open.push(...needsOf.get(need)!);
  }
  return found;
}

/**
 * Length of the longest way from the start of each task to the end of the run, the task itself
 * included. List scheduling that starts the largest first is HLFET (T. Adam, K. Chandy, J. Dickson,
 * "A comparison of list schedules for parallel processing systems", CACM 1974).
 *
 * A task without an estimate weighs the mean of the given ones, or 1 when there is none at all.
 * Tasks on a cycle, or that lead into one, are given their own weight only.
 */
export function bottomLevels(tasks: readonly GraphTask[]): Map<string, number> {
  const estimates = tasks.flatMap((task) => task.estimateMs ?? []);
  const mean = estimates.reduce((sum, each) => sum + each, 0) / estimates.length;
  const weights = tasks.map((task) => task.estimateMs ?? (estimates.length === 0 ? 1 : mean));
  const needs = needsByPosition(tasks);
  const behind = new Array<number>(tasks.length).fill(0);
  for (const position of orderPositions(needs).reverse()) {
    const level = behind[position]! + weights[position]!;
    for (const need of needs[position]!) behind[need] = Math.max(behind[need]!, level);
  }
  return new Map(tasks.map((task, i) => [task.id, behind[i]! + weights[i]!]));
}
