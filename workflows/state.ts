/**
 * The state of a run: the fold of its events. `evolve` (evolve.ts) is the only writer.
 *
 * @module
 */
import { Heap } from "../core/heap.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { Abstention, AssignmentRecord, Bid, ReuseRecord } from "../core/assignment.ts";
import type { ErrorData } from "../core/errors.ts";
import type { Bindings } from "../rules/mod.ts";
import type { RunOrigin } from "./events.ts";
import type { Plan, PlannedTask } from "./plan.ts";
import type { RunStatus, TaskStatus } from "./status.ts";

/** What a run keeps of a choice: the words of the task stay in the journal. */
export type KeptAssignment = Omit<AssignmentRecord, "text" | "inputHash" | "codeHash" | "bids">;

/** Bids that are asked for, or are in. Never changed in place. */
export interface Auction {
  /** Number of the attempt that is auctioned. */
  attempt: number;
  agents: readonly string[];
  closesAt: number;
  /** `null` until it is closed. */
  bids: readonly Bid[] | null;
}

/** A piece of work that several agents do. Never changed in place. */
export interface Contest {
  way: "vote" | "judge" | "merge";
  /** Index of the first contender; behind the last comes who judges or merges, where somebody does. */
  first: number;
  /** Contenders. */
  of: number;
  settled: { winner: number | null; reason: string } | null;
}

/** One piece of work: a plain task, one item of a `forEach`, or what one contender does of it. */
export interface Instance {
  /** `waiting` is for `notBeforeAt`, or for those who contend for it. */
  status: "ready" | "running" | "waiting" | "completed" | "failed" | "cancelled";
  /** Attempts started so far. */
  attempt: number;
  /** Failed attempts that count against `maxAttempts`. */
  failures: number;
  /** Runs finished without `repeat.until` holding. */
  repeats: number;
  agent: string | null;
  /** Node that does the attempt in flight, as `name/boot`; `null` where it cannot be adopted. */
  node: string | null;
  /** The agent named by `fallback`, once it has taken over. */
  fallback: string | null;
  /** Why the agent of the newest attempt was chosen; `null` where the workflow names it. */
  assignment: KeptAssignment | null;
  /** Why nobody can do it for now, and when it is given up. */
  deferred: { why: Abstention; giveUpAt: number } | null;
  auction: Auction | null;
  /** Several agents do it, or did; the instance itself has no attempt then. */
  contest: Contest | null;
  /** Of a contender, and of who judges: the index of the work that it is about. */
  contestOf: number | null;
  /** Where the output was taken from, instead of doing the work. */
  reused: ReuseRecord | null;
  /** Failed attempts by agent, of a task that names a capability. Never changed in place. */
  failed: Readonly<Record<string, number>> | null;
  notBeforeAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  output: Json;
  error: ErrorData | null;
  steps: JsonObject | null;
  /** What the attempt in flight was given; kept only until its frame has left. */
  input: Json | undefined;
}

/** What expressions see of a task: `tasks.<id>.output | status | error`. */
export interface TaskResult {
  status: TaskStatus;
  output: Json;
  error: ErrorData | null;
}

export interface TaskState {
  plan: PlannedTask;
  result: TaskResult;
  /** Needs that have not ended; at 0 the task is decided on. */
  waitingOn: number;
  /** One for a plain task, one per item for a `forEach`, then contenders; empty until scheduled. */
  instances: Instance[];
  /** Instances that are not contenders. */
  count: number;
  /** Instances whose contest is open. */
  contested: Set<number>;
  /** Instances whose auction is open. */
  bidding: Set<number>;
  /** Instances that have not ended, contenders aside. */
  open: number;
  /** Instances with an attempt in flight. */
  running: number;
  failed: number;
  /** Instances before this one have all been started; `forEach` items start in order. */
  nextFresh: number;
  /** Instances that may start again (retry, repeat, fallback). */
  again: Set<number>;
  /** Instances that nobody can do for now. */
  deferred: Set<number>;
  /** When they are given up: kept from the first of a row, until one starts. */
  giveUpAt: number | null;
  /** When nobody was found for it, but will be asked again although nothing changed. */
  askAgainAt: number | null;
  /** Items of the `forEach`, once expanded. */
  items: Json[] | null;
  /** Stands in its lane's heap. */
  isQueued: boolean;
  /** Attempts before the run was retried: no number is used twice. */
  attemptsBefore: number;
  scheduledAt: number | null;
  startedAt: number | null;
  finishedAt: number | null;
  waitUntil: number | null;
  reason: string | null;
}

/** Something that time will make due. Stale entries are left in place and passed over. */
export interface Timer {
  at: number;
  kind: "again" | "ask" | "auction" | "assign" | "total" | "wait" | "run" | "deadline";
  position: number;
  index: number;
}

export interface RunState {
  runId: string;
  plan: Plan;
  /** Events folded so far: the place in the run's history that this state stands at. */
  eventCount: number;
  /** Instant of the newest of them, in epoch milliseconds. */
  lastAt: number;
  status: RunStatus;
  input: JsonObject;
  workDir: string;
  /** Where it comes from, as far as anybody said. */
  origin: RunOrigin;
  submittedAt: number;
  startedAt: number;
  finishedAt: number | null;
  output: Json;
  error: ErrorData | null;
  /** Set once the run is being stopped. */
  stop: { reason: string; error?: ErrorData; force: boolean } | null;
  isPaused: boolean;
  /**
   * A pause, or its own `concurrency`, has held up work since somebody was last looked for: what
   * waits for an agent may have one. Whoever looks for agents takes it back, which no event says.
   */
  isHeldUp: boolean;
  tasks: TaskState[];
  /** Tasks that have not ended. */
  open: number;
  /** Attempts in flight. */
  running: number;
  /** Positions of tasks whose needs have ended and on which nothing was decided yet. */
  released: Set<number>;
  /** Positions of tasks of whose contests something has changed. */
  due: Set<number>;
  /** Tasks with work that may start now, by lane (those who may do it), longest way first. */
  lanes: Map<string, Heap<TaskState>>;
  timers: Heap<Timer>;
  /** `tasks` in expressions. */
  results: Record<string, TaskResult>;
  /** Signals that no task has taken yet, the oldest first. */
  signals: { name: string; payload: Json }[];
  /** The last signals that came, by id. */
  signalIds: string[];
  /** How often the run was retried after it had closed, plus one. */
  runAttempt: number;
  /** Names that every expression of the run sees; made on first use. */
  bindings: Bindings | null;
}

/** A run about which nothing is known but its plan. */
export function createRunState(runId: string, plan: Plan): RunState {
  const results: Record<string, TaskResult> = Object.create(null);
  const tasks = plan.tasks.map((planned) => {
    const task = createTaskState(planned);
    results[planned.spec.id] = task.result;
    return task;
  });
  return {
    runId,
    plan,
    eventCount: 0,
    lastAt: 0,
    status: "pending",
    input: {},
    workDir: "",
    origin: {},
    submittedAt: 0,
    startedAt: 0,
    finishedAt: null,
    output: null,
    error: null,
    stop: null,
    isPaused: false,
    isHeldUp: false,
    tasks,
    open: tasks.length,
    running: 0,
    released: new Set(),
    due: new Set(),
    lanes: new Map(),
    timers: new Heap((a, b) => a.at < b.at),
    results,
    signals: [],
    signalIds: [],
    runAttempt: 1,
    bindings: null,
  };
}

export function createTaskState(plan: PlannedTask): TaskState {
  return {
    plan,
    result: { status: "pending", output: null, error: null },
    waitingOn: plan.needs.length,
    instances: [],
    count: 0,
    contested: new Set(),
    bidding: new Set(),
    open: 0,
    running: 0,
    failed: 0,
    nextFresh: 0,
    again: new Set(),
    deferred: new Set(),
    giveUpAt: null,
    askAgainAt: null,
    items: null,
    isQueued: false,
    attemptsBefore: 0,
    scheduledAt: null,
    startedAt: null,
    finishedAt: null,
    waitUntil: null,
    reason: null,
  };
}

/** A piece of work that nobody has begun, or that is begun anew after `attempt` attempts. */
export function createInstance(attempt = 0): Instance {
  return {
    status: "ready",
    attempt,
    failures: 0,
    repeats: 0,
    agent: null,
    node: null,
    fallback: null,
    assignment: null,
    deferred: null,
    auction: null,
    contest: null,
    contestOf: null,
    reused: null,
    failed: null,
    notBeforeAt: 0,
    startedAt: null,
    finishedAt: null,
    output: null,
    error: null,
    steps: null,
    input: undefined,
  };
}

/** The task of that name. */
export function taskOf(state: RunState, id: string): TaskState {
  return state.tasks[state.plan.positionOf.get(id)!]!;
}
