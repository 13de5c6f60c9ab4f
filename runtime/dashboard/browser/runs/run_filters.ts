/**
 * Which runs a list shows: as the address has it, as the API takes it, and for one run.
 *
 * @module
 */
import type { Query, RunChange } from "../api/mod.ts";
import type { PlaceQuery } from "../navigation/mod.ts";

export interface RunFilters {
  statuses: string[];
  workflow: string;
  tag: string;
  q: string;
  /** A key of {@linkcode PERIODS}; empty: any time. */
  period: string;
}

export const STATUSES = [
  "running",
  "waiting",
  "paused",
  "completed",
  "failed",
  "cancelled",
] as const;

/** How long ago a run may have begun. */
export const PERIODS: Readonly<Record<string, { label: string; ms: number }>> = {
  "15m": { label: "15 minutes", ms: 900_000 },
  "1h": { label: "Hour", ms: 3_600_000 },
  "24h": { label: "24 hours", ms: 86_400_000 },
  "7d": { label: "7 days", ms: 604_800_000 },
  "30d": { label: "30 days", ms: 2_592_000_000 },
};

export function readFilters(query: URLSearchParams): RunFilters {
  const known: readonly string[] = STATUSES;
  const period = query.get("period") ?? "";
  return {
    statuses: (query.get("status") ?? "").split(",").filter((status) => known.includes(status)),
    workflow: query.get("workflow") ?? "",
    tag: query.get("tag") ?? "",
    q: query.get("q") ?? "",
    period: Object.hasOwn(PERIODS, period) ? period : "",
  };
}

export function writeFilters(filters: RunFilters): PlaceQuery {
  const { statuses, workflow, tag, q, period } = filters;
  return { status: statuses.join(","), workflow, tag, q, period };
}

export function isFiltered(filters: RunFilters): boolean {
  return Object.values(writeFilters(filters)).some((value) => value !== "");
}

/** @param now epoch milliseconds */
export function toApiQuery(filters: RunFilters, now: number): Query {
  const { statuses, workflow, tag, q } = filters;
  const period = PERIODS[filters.period];
  return {
    status: statuses.join(","),
    workflow: workflow.trim(),
    tag: tag.trim(),
    q: q.trim(),
    since: period === undefined ? "" : new Date(now - period.ms).toISOString(),
  };
}

/** Whether a run that changed belongs into the list; the node decides when it is loaded anew. */
export function acceptsRun(filters: RunFilters, run: RunChange, now: number): boolean {
  const { statuses, workflow, tag, period } = filters;
  const q = filters.q.trim().toLowerCase();
  const since = PERIODS[period] === undefined ? 0 : now - PERIODS[period].ms;
  return (statuses.length === 0 || statuses.includes(run.status)) &&
    (workflow === "" || run.workflow === workflow.trim()) &&
    (tag === "" || run.tags.includes(tag.trim())) &&
    Date.parse(run.startedAt) >= since &&
    [run.runId, run.workflow, ...run.tags].some((text) => text.toLowerCase().includes(q));
}
