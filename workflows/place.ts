/**
 * How events name a piece of work.
 *
 * @module
 */
import type { RunEvent } from "./events.ts";
import type { TaskState } from "./state.ts";

/** Takes an event that was decided: it is folded at once. */
export type Emit = (event: RunEvent) => void;

/** `task` and, for an item of a `forEach` or a contender, `index`. */
export function place(task: TaskState, index: number): { task: string; index?: number } {
  const { id } = task.plan.spec;
  return task.plan.forEach === undefined && index === 0 ? { task: id } : { task: id, index };
}
