/**
 * A run as the page holds it: the fold of its events, as on the server, and beside it every attempt
 * for the timeline. `foldRun` (fold_run.ts) is the only writer.
 *
 * @module
 */
import type { ErrorData } from "../../../../../core/errors.ts";
import type { Json } from "../../../../../core/json.ts";
import type { RunOrigin, RunStatus, TaskStatus } from "../../../../../workflows/mod.ts";

/** A task as `GET /runs/{id}/graph` gives it. */
export interface GraphTask {
  /** Name under `tasks:`. */
  id: string;
  /** `agent`, `capability`, `value`, `emit`, `wait` … */
  kind: string;
  /** Agent that the file names. */
  agent: string | null;
  /** Capability that the file asks for, in place of an agent. */
  capability?: string | null;
  /** Ids of the tasks that must end before it. */
  needs: string[];
  /** The list that it goes through; absent or `null` for a plain task. */
  forEach?: string | null;
  /** Its condition. */
  if?: string | null;
  /** Its failure does not fail the run, nor end the other items. */
  continueOnError?: boolean;
}

/** How an attempt stands. `lost`: its node went away. `repeated`: `until` did not hold. */
export type AttemptStatus =
  | "running"
  | "completed"
  | "failed"
  | "lost"
  | "repeated"
  | "cancelled"
  | "waiting";

/** A bar of the timeline: an attempt, or the time that a `wait` task waited. */
export interface Span {
  /** Position of the task. */
  position: number;
  /** Item of a `forEach`. */
  index: number | null;
  /** From 1; 0 for a wait. */
  attempt: number;
  agent: string | null;
  node: string | null;
  status: AttemptStatus;
  /** Epoch milliseconds. */
  startedAt: number;
  finishedAt: number | null;
  error: ErrorData | null;
}

/** One piece of work: a plain task, or one item of a `forEach`. */
export interface LiveInstance {
  status: "ready" | "running" | "waiting" | "completed" | "failed" | "cancelled";
  attempt: number;
  agent: string | null;
  fallback: string | null;
  notBeforeAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  error: ErrorData | null;
  /** The attempt in flight. */
  span: Span | null;
}

/** Items of a `forEach` by status. */
export type ItemCounts = Record<LiveInstance["status"], number>;

/** A task and all that is known of it. */
export interface LiveTask {
  readonly spec: GraphTask;
  readonly position: number;
  readonly isForEach: boolean;
  status: TaskStatus;
  error: ErrorData | null;
  reason: string | null;
  instances: LiveInstance[];
  counts: ItemCounts;
  /** Instances that have not ended. */
  open: number;
  failed: number;
  attemptsBefore: number;
  scheduledAt: number | null;
  startedAt: number | null;
  finishedAt: number | null;
  /** The wait that goes on. */
  wait: Span | null;
}

/** A run and all that is known of it. */
export interface LiveRun {
  readonly runId: string;
  readonly tasks: LiveTask[];
  readonly positionOf: ReadonlyMap<string, number>;
  /** Every attempt and wait, in order of their start. */
  readonly spans: Span[];
  /** Events folded: tells whether something has changed. */
  version: number;
  workflow: string;
  workflowVersion: string | null;
  status: RunStatus;
  input: Json;
  output: Json;
  error: ErrorData | null;
  origin: RunOrigin;
  isPaused: boolean;
  submittedAt: number | null;
  startedAt: number | null;
  finishedAt: number | null;
  /** Attempts in flight. */
  running: number;
}

/** A run about which nothing is known but its graph. */
export function createLiveRun(runId: string, graph: readonly GraphTask[]): LiveRun {
  return {
    runId,
    tasks: graph.map(createLiveTask),
    positionOf: new Map(graph.map(({ id }, position) => [id, position])),
    spans: [],
    version: 0,
    workflow: "",
    workflowVersion: null,
    status: "pending",
    input: {},
    output: null,
    error: null,
    origin: {},
    isPaused: false,
    submittedAt: null,
    startedAt: null,
    finishedAt: null,
    running: 0,
  };
}

function createLiveTask(spec: GraphTask, position: number): LiveTask {
  return {
    spec,
    position,
    isForEach: spec.forEach !== undefined && spec.forEach !== null,
    attemptsBefore: 0,
    ...pendingTask(),
  };
}

/** What a task is before anything happened to it, and again after a retry. */
export function pendingTask() {
  return {
    status: "pending" as TaskStatus,
    error: null,
    reason: null,
    instances: [] as LiveInstance[],
    counts: countNone(),
    open: 0,
    failed: 0,
    scheduledAt: null,
    startedAt: null,
    finishedAt: null,
    wait: null,
  };
}

/** No item of any status. */
export function countNone(): ItemCounts {
  return { ready: 0, running: 0, waiting: 0, completed: 0, failed: 0, cancelled: 0 };
}

/** A piece of work that nobody has begun, or that is begun anew after `attempt` attempts. */
export function createLiveInstance(attempt: number): LiveInstance {
  return {
    status: "ready",
    attempt,
    agent: null,
    fallback: null,
    notBeforeAt: 0,
    startedAt: null,
    finishedAt: null,
    error: null,
    span: null,
  };
}

/** Where a task stands, as people are told: one that waits for its next attempt is `waiting`. */
export function statusOf(task: LiveTask): TaskStatus {
  return !task.isForEach && task.instances[0]?.status === "waiting" ? "waiting" : task.status;
}

/** Where an item stands, as people are told. */
export function itemStatusOf({ status }: LiveInstance): TaskStatus {
  return status === "ready" ? "pending" : status;
}
