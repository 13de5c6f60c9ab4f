/**
 * What a cluster does at the moment, and did in the last hour. Instants are ISO 8601.
 *
 * @module
 */
import type { PartitionStatus } from "../node/cluster_status.ts";
import type { NodeStatus } from "./cluster_desk.ts";
import type { Sees } from "./caller.ts";

/** Runs that closed within ten seconds. */
export interface ThroughputBucket {
  /** Start of the bucket. */
  at: string;
  completed: number;
  failed: number;
  cancelled: number;
}

/** How long a task takes, from the start of an attempt to its end, over the last hour. */
export interface TaskTiming {
  workflow: string;
  task: string;
  /** Attempts that completed. */
  count: number;
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
}

/** Failures of a kind, over the last hour. */
export interface FailureCount {
  code: string;
  workflow: string;
  task: string;
  count: number;
  lastAt: string;
  /** The last run in which it happened. */
  runId: string;
}

/** See {@linkcode OverviewDesk.read}. */
export interface Overview {
  at: string;
  runs: {
    /** Open runs: something runs, or may start. */
    running: number;
    /** Open runs that wait for time or a signal. */
    waiting: number;
    paused: number;
    /** Closed within the last hour. */
    completed: number;
    failed: number;
    cancelled: number;
  };
  /** 360 buckets of the last hour, oldest first. */
  throughput: ThroughputBucket[];
  /** Pieces of work that may start and have no worker, and wishes that no leader has taken. */
  queue: { waiting: number; wishes: number };
  /** Like `partitions`, `missing` and `queue.wishes` empty for whoever sees a part only. */
  nodes: NodeStatus[];
  partitions: PartitionStatus[];
  /** At most 10, slowest p95 first. */
  slowestTasks: TaskTiming[];
  /** At most 20, most frequent first. */
  failures: FailureCount[];
  /** Living nodes that did not answer in time: what they do is not counted. */
  missing: string[];
}

/** Reads what all nodes do. */
export interface OverviewDesk {
  /** @param options `sees`: leaves out runs that it refuses. Answers within about a second */
  read(options?: { sees?: Sees; tenant?: string | null }): Promise<Overview>;
}
