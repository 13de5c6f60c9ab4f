import type { RunStatus } from "../../workflows/mod.ts";

/** How far the tasks of a run are; each item of a `forEach` counts as one. */
export interface TaskCounts {
  /** `null` until it is known. Grows when a `forEach` becomes items. */
  total: number | null;
  completed: number;
  failed: number;
  /** Skipped or cancelled. */
  dropped: number;
  running: number;
}

/** A run that changed, as it is now. Instants are ISO 8601. */
export interface RunChange {
  runId: string;
  workflow: string;
  version: string | null;
  status: RunStatus;
  tenant: string | null;
  tags: string[];
  startedAt: string;
  finishedAt: string | null;
  /** It opened, or was retried, since the frame before. */
  isNew: boolean;
  /** `null` where the node that works on it is not of the cluster. */
  tasks: TaskCounts | null;
}

/** Data of a `runs` frame. */
export interface RunsUpdate {
  /** Epoch milliseconds. */
  at: number;
  /** Runs that opened since the frame before. */
  opened: number;
  /** Runs that closed since the frame before, by how. */
  completed: number;
  failed: number;
  cancelled: number;
  /** Runs that changed, the newest first: so many as fit. */
  runs: RunChange[];
  /** Runs that changed as well and are not among `runs`: read the list anew. */
  more: number;
}

/** What access to a run is decided by. */
export type RunLabels = Pick<RunChange, "workflow" | "tags" | "tenant">;

/** Which runs somebody may hear of. */
export interface RunFilter {
  /** Filters of one key accept the same runs: their listeners share frames. */
  key: string;
  /** Called often: it must be cheap, and depend on nothing else. */
  accepts(run: RunLabels): boolean;
}

/** Everything. */
export const ALL_RUNS: RunFilter = { key: "", accepts: () => true };

/** Two changes of one run, the later one last, as one. */
export function mergeChanges(before: RunChange | undefined, after: RunChange): RunChange {
  return before?.isNew === true ? { ...after, isNew: true } : after;
}
