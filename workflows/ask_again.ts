/**
 * When a task that nobody was found for is looked at again.
 *
 * @module
 */
import type { Instance, RunState, TaskState } from "./state.ts";
import type { Turn } from "./turn.ts";

/** No event: whoever folds the journal asks at once anyway. */
export function askAgain({ state }: Pick<Turn, "state">, task: TaskState, at: number): void {
  if (task.askAgainAt !== null && task.askAgainAt <= at) return;
  task.askAgainAt = at;
  state.timers.push({ at, kind: "ask", position: task.plan.position, index: 0 });
}

/** When it could have begun: with its task or the run's retry, or after its own last attempt. */
export function readyAt(
  { startedAt }: RunState,
  task: TaskState,
  { notBeforeAt }: Instance,
): number {
  return Math.max(task.scheduledAt ?? 0, startedAt, notBeforeAt);
}
