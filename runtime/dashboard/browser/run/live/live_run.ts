/**
 * A run as the page holds it: the fold of its events, as on the server, and beside it every attempt
 * for the timeline. `foldRun` (fold_run.ts) is the only writer.
 *
 * @module
 */
import type { ErrorData } from "../../../../../core/errors.ts";
import type { Json } from "../../../../../core/json.ts";
import type { ToldInstance } from "../../../../../workflows/assignment_words.ts";
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
  /** Several agents do it, and how one result is made of theirs. */
  contest?: { way: "vote" | "judge" | "merge"; of: number; by: string | null } | null;
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
  /** Of a contest: number of the contender, from 0; who judges or merges comes behind the last. */
  contender: number | null;
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

/** One piece of work: a plain task, one item of a `forEach`, or what one contender does of it. */
export interface LiveInstance extends ToldInstance {
  attempt: number;
  startedAt: number | null;
  finishedAt: number | null;
  /** Of a contender, and of who judges: the index of the work that it is about. */
  contestOf: number | null;
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
  /** One for a plain task, one for each item of a `forEach`. */
  instances: LiveInstance[];
  /** Those who contend for one of these: event indexes go on with them, behind the instances. */
  contenders: LiveInstance[];
  /** Instances by how they stand; contenders aside. */
  counts: ItemCounts;
  /** Indexes of those that nobody can do for now. */
  deferred: Set<number>;
  /** Instances that have not ended, contenders aside. */
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
    contenders: [] as LiveInstance[],
    counts: countNone(),
    deferred: new Set<number>(),
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
    assignment: null,
    deferred: null,
    auction: null,
    contest: null,
    contestOf: null,
    reused: null,
    notBeforeAt: 0,
    startedAt: null,
    finishedAt: null,
    error: null,
    span: null,
  };
}

/** Where a task stands, as people are told: one that waits for its next attempt is `waiting`. */
export function statusOf(task: LiveTask): TaskStatus {
  const sole = task.isForEach ? undefined : task.instances[0];
  return sole?.status === "waiting" ? itemStatusOf(sole) : task.status;
}

/** Where an item stands, as people are told. */
export function itemStatusOf(instance: LiveInstance): TaskStatus {
  const stand = standOf(instance);
  return stand === "ready" ? "pending" : stand;
}

/** Where an instance stands: one that waits for its contenders is at work. */
export function standOf({ status, contest }: LiveInstance): LiveInstance["status"] {
  return status === "waiting" && contest !== null ? "running" : status;
}

/** The instance, or the contender, that events name so. */
export function instanceAt(
  { instances, contenders }: LiveTask,
  index: number,
): LiveInstance | undefined {
  return index < instances.length ? instances[index] : contenders[index - instances.length];
}

/** The contenders for an instance, and who judges or merges; none where one agent does it. */
export function membersOf(task: LiveTask, index: number): LiveInstance[] {
  const contest = task.instances[index]?.contest ?? null;
  if (contest === null) return [];
  const from = contest.first - task.instances.length;
  return task.contenders.slice(from, from + contest.of + 1)
    .filter(({ contestOf }) => contestOf === index);
}

/** The task or item that news of `taskId` are about: what contenders do is news of their work. */
export function workNameOf({ tasks, positionOf }: LiveRun, taskId: string): string {
  const match = /^(.+)\[(\d+)\]$/.exec(taskId);
  const position = match === null ? undefined : positionOf.get(match[1]!);
  if (match === null || position === undefined) return taskId;
  const task = tasks[position]!;
  const of = instanceAt(task, Number(match[2]))?.contestOf ?? null;
  if (of === null) return taskId;
  return task.isForEach ? `${task.spec.id}[${of}]` : task.spec.id;
}

/** Attempts begun, also those of contenders. */
export function attemptsOf({ instances, contenders }: LiveTask): number {
  let attempts = 0;
  for (const { attempt } of instances) attempts += attempt;
  for (const { attempt } of contenders) attempts += attempt;
  return attempts;
}
