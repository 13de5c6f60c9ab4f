/**
 * The list of runs while it changes: pages from the API, changes from the live feed.
 *
 * @module
 */
import type { RunChange, RunListItem, RunsUpdate, TaskCounts } from "../api/mod.ts";
import { acceptsRun, type RunFilters } from "./run_filters.ts";

/** A line of the list; `tasks` as soon as the feed has told. */
export type RunRow = RunListItem & { tasks?: TaskCounts | null };

/** Lines that the page keeps at most; older ones are on the next pages again. */
export const ROWS_MAX = 1_000;

/** The rows after an update: known runs as they are now, new ones that match in front. */
export function applyUpdate(
  rows: readonly RunRow[],
  update: RunsUpdate,
  filters: RunFilters,
): RunRow[] {
  const changes = new Map(update.runs.map((run) => [run.runId, run]));
  const kept = rows.map((row) => {
    const change = changes.get(row.runId);
    changes.delete(row.runId);
    return change === undefined ? row : { ...row, ...toRow(change), isOrphan: false };
  });
  const added = [...changes.values()]
    .filter((run) => acceptsRun(filters, run, update.at) && isWithin(run, rows))
    .map((run): RunRow => ({ ...toRow(run), isOrphan: false, isShared: true }));
  if (added.length === 0) return kept;
  return [...added, ...kept].sort(byNewest).slice(0, ROWS_MAX);
}

/** Older runs than the last row are on a page that is not loaded yet. */
function isWithin(run: RunChange, rows: readonly RunRow[]): boolean {
  const last = rows.at(-1);
  return run.isNew || last === undefined || run.runId > last.runId;
}

function toRow(change: RunChange): Omit<RunRow, "isOrphan" | "isShared"> {
  const { runId, workflow, version, status, tenant, tags, startedAt, finishedAt, tasks } = change;
  const durationMs = finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt);
  return {
    runId,
    workflow,
    version,
    status,
    tenant,
    tags,
    startedAt,
    finishedAt,
    durationMs,
    tasks,
  };
}

/** Ids of runs sort by the time of submission. */
function byNewest(a: RunRow, b: RunRow): number {
  return a.runId < b.runId ? 1 : a.runId > b.runId ? -1 : 0;
}
