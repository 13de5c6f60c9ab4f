import type { AttemptId } from "../../actors/mod.ts";
import type { AttemptPlace } from "../../workflows/mod.ts";

/** An attempt of a run, by its place in it. */
export function attemptAt(
  runId: string,
  { task: taskId, index, attempt }: AttemptPlace,
): AttemptId {
  return { runId, taskId, index, attempt };
}

/** One text for each attempt, as a key of sets and maps. */
export function nameOfAttempt({ runId, taskId, index, attempt }: AttemptId): string {
  // Only the task's id may hold spaces, and it comes last.
  return `${runId} ${index} ${attempt} ${taskId}`;
}
