/**
 * Which closed runs are kept no longer.
 *
 * @module
 */
import type { RetentionPolicy } from "./definition.ts";
import type { RunStatus } from "./status.ts";

/** A closed run, with what the file that it is pinned to says of it. */
export interface ClosedRun {
  runId: string;
  workflow: string;
  status: RunStatus;
  /** Epoch milliseconds. */
  finishedAt: number;
  /** `null`: kept for ever. */
  policy: RetentionPolicy | null;
}

/** Closed runs that were looked at, by workflow: those that are newer than all that follow. */
export type ClosedRunCounts = Map<string, number>;

/**
 * Runs that are to be deleted at `now`.
 *
 * @param runs from the newest to the oldest, page by page
 * @param counts of the pages before; counts on
 */
export function selectExpired(
  runs: readonly ClosedRun[],
  now: number,
  counts: ClosedRunCounts,
): string[] {
  return runs.filter((run) => {
    const newer = counts.get(run.workflow) ?? 0;
    counts.set(run.workflow, newer + 1);
    if (run.policy === null) return false;
    return newer >= (run.policy.runsMax ?? Infinity) || now - run.finishedAt >= ageMax(run);
  }).map(({ runId }) => runId);
}

function ageMax({ status, policy }: ClosedRun): number {
  switch (status) {
    case "completed":
      return policy?.completedMs ?? Infinity;
    case "failed":
      return policy?.failedMs ?? Infinity;
    case "cancelled":
      return policy?.cancelledMs ?? Infinity;
    default:
      return Infinity;
  }
}
