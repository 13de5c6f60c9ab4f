/**
 * A run as people and programs read it: the document of `run --json` and `runs show --json`.
 *
 * @module
 */
import type { Json } from "../core/json.ts";
import type { ErrorData } from "../core/errors.ts";

export type RunStatus =
  | "pending"
  | "running"
  | "waiting"
  | "paused"
  | "completed"
  | "failed"
  | "cancelled";

export type TaskStatus = RunStatus | "skipped";

/** Instants are ISO 8601 in UTC. */
export interface TaskView {
  /** `list`, or `measure[3]` for an item of a `forEach`. */
  id: string;
  status: TaskStatus;
  /** Attempts started so far. */
  attempts: number;
  agent: string | null;
  /** Why the task waits, was skipped or went to this agent, in words. */
  reason: string | null;
  startedAt: string | null;
  finishedAt: string | null;
  error: ErrorData | null;
  /** Items of a `forEach`: counts by status; absent for a plain task. */
  items?: { total: number; completed: number; failed: number; running: number };
}

export interface RunView {
  runId: string;
  workflow: string;
  version: string | null;
  status: RunStatus;
  input: Json;
  output: Json;
  error: ErrorData | null;
  startedAt: string | null;
  finishedAt: string | null;
  tasks: TaskView[];
}
