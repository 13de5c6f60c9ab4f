/**
 * Where a run stands.
 *
 * - `pending`: not accepted yet
 * - `running`: something runs or may start
 * - `waiting`: nothing runs until a time has come (a `wait`, a retry)
 * - `paused`: nothing more starts until it is resumed
 * - `completed`, `failed`, `cancelled`: it is closed; only a retry opens it again
 */
export type RunStatus =
  | "pending"
  | "running"
  | "waiting"
  | "paused"
  | "completed"
  | "failed"
  | "cancelled";

/** Where a task stands. `skipped`: its `if` is false, or a need of it did not complete. */
export type TaskStatus = RunStatus | "skipped";

const ENDED: ReadonlySet<TaskStatus> = new Set(["completed", "failed", "cancelled", "skipped"]);

/** Whether nothing more will happen to a task or run with this status. */
export function hasEnded(status: TaskStatus): boolean {
  return ENDED.has(status);
}
