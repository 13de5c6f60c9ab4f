import { BUCKET_MS, BUCKETS, type GroupReport } from "./activity_tally.ts";
import type { ActivityReports } from "./activity_reports.ts";
import type { Sees } from "./caller.ts";
import type { ClusterView, NodeClusterDesk } from "./cluster_desk.ts";
import { addCounts, figuresOf, type LatencyCounts } from "./latency_histogram.ts";
import type {
  FailureCount,
  Overview,
  OverviewDesk,
  TaskTiming,
  ThroughputBucket,
} from "./overview.ts";

export interface NodeOverviewDeskOptions {
  reports: Pick<ActivityReports, "all">;
  cluster: Pick<NodeClusterDesk, "read">;
  /** Epoch milliseconds. */
  now: () => number;
}

const SLOWEST_MAX = 10;
const FAILURES_MAX = 20;
const NO_CLUSTER: ClusterView = { nodes: [], partitions: [] };

/** See {@linkcode OverviewDesk}. */
export class NodeOverviewDesk implements OverviewDesk {
  readonly #options: NodeOverviewDeskOptions;

  constructor(options: NodeOverviewDeskOptions) {
    this.#options = options;
  }

  async read(options: { sees?: Sees; tenant?: string | null } = {}): Promise<Overview> {
    const { reports, cluster, now } = this.#options;
    const [{ groups, missing }, { nodes, partitions }] = await Promise.all([
      reports.all(),
      seesAll(options) ? cluster.read() : NO_CLUSTER,
    ]);
    const wishes = partitions.reduce((sum, { waiting }) => sum + waiting, 0);
    const seen = groups.filter((group) => isSeen(group, options));
    const silent = seesAll(options) ? missing : [];
    return { ...summarize(seen, { at: now(), wishes }), nodes, partitions, missing: silent };
  }
}

/** The cluster as a whole is nobody's who sees a part: neither here nor where it is asked for. */
function seesAll({ sees, tenant }: { sees?: Sees; tenant?: string | null }): boolean {
  return sees === undefined && (tenant ?? null) === null;
}

/** Whether a reader is shown the group. What has no labels is for those who see everything. */
export function isSeen(
  { labels }: Pick<GroupReport, "labels">,
  { sees, tenant }: { sees?: Sees; tenant?: string | null },
): boolean {
  if (labels === null) return seesAll({ sees, tenant });
  const isTheirs = (tenant ?? null) === null || labels.tenant === tenant;
  return isTheirs && (sees?.(labels) ?? true);
}

/** Sums of what several groups and nodes counted. Pure. */
export function summarize(
  groups: readonly GroupReport[],
  { at, wishes }: { at: number; wishes: number },
): Omit<Overview, "nodes" | "partitions" | "missing"> {
  const throughput = throughputOf(groups, at);
  const sum = (of: (group: GroupReport) => number) =>
    groups.reduce((total, group) => total + of(group), 0);
  const ended = (end: "completed" | "failed" | "cancelled") =>
    throughput.reduce((total, bucket) => total + bucket[end], 0);
  return {
    at: new Date(at).toISOString(),
    runs: {
      running: sum(({ running }) => running),
      waiting: sum(({ waiting }) => waiting),
      paused: sum(({ paused }) => paused),
      completed: ended("completed"),
      failed: ended("failed"),
      cancelled: ended("cancelled"),
    },
    throughput,
    queue: { waiting: sum(({ queued }) => queued), wishes },
    slowestTasks: slowestOf(groups),
    failures: failuresOf(groups, at),
  };
}

function throughputOf(groups: readonly GroupReport[], at: number): ThroughputBucket[] {
  const newest = Math.floor(at / BUCKET_MS);
  const buckets = Array.from({ length: BUCKETS }, (_, place): ThroughputBucket => ({
    at: new Date((newest - BUCKETS + 1 + place) * BUCKET_MS).toISOString(),
    completed: 0,
    failed: 0,
    cancelled: 0,
  }));
  for (const { ends } of groups) {
    for (const [age, completed, failed, cancelled] of ends) {
      const bucket = buckets[BUCKETS - 1 - age];
      if (bucket === undefined) continue;
      bucket.completed += completed;
      bucket.failed += failed;
      bucket.cancelled += cancelled;
    }
  }
  return buckets;
}

function slowestOf(groups: readonly GroupReport[]): TaskTiming[] {
  const byTask = new Map<string, { workflow: string; task: string; counts: LatencyCounts[] }>();
  for (const { labels, tasks } of groups) {
    const workflow = labels?.workflow ?? "";
    for (const { task, latency } of tasks) {
      byTask.getOrInsertComputed(JSON.stringify([workflow, task]), () => ({
        workflow,
        task,
        counts: [],
      })).counts.push(latency);
    }
  }
  return [...byTask.values()]
    .map(({ workflow, task, counts }) => ({ workflow, task, ...figuresOf(addCounts(counts)) }))
    .sort((a, b) => b.p95Ms - a.p95Ms)
    .slice(0, SLOWEST_MAX);
}

function failuresOf(groups: readonly GroupReport[], at: number): FailureCount[] {
  const byKind = new Map<string, FailureCount>();
  for (const { labels, failures } of groups) {
    const workflow = labels?.workflow ?? "";
    for (const { code, task, count, ageMs, runId } of failures) {
      const key = JSON.stringify([workflow, task, code]);
      const lastAt = new Date(at - ageMs).toISOString();
      const known = byKind.get(key);
      if (known === undefined) byKind.set(key, { code, workflow, task, count, lastAt, runId });
      else {
        known.count += count;
        if (lastAt > known.lastAt) Object.assign(known, { lastAt, runId });
      }
    }
  }
  return [...byKind.values()].sort((a, b) => b.count - a.count).slice(0, FAILURES_MAX);
}
