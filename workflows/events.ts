/**
 * What happened to a run, in the order in which it happened. Events are the journal: the state of
 * a run is the fold of its events, and nothing else. All are plain JSON.
 *
 * @module
 */
import type { Json, JsonObject } from "../core/json.ts";
import type { Abstention, AssignmentRecord, Bid, ReuseRecord } from "../core/assignment.ts";
import type { ErrorData } from "../core/errors.ts";

/** What every event carries. */
export interface RunEventBase<Type extends string> {
  /** Name of the event: tells the members of {@linkcode RunEvent} apart. */
  type: Type;
  /** When it was decided, in epoch milliseconds. */
  at: number;
}

/** An event about a whole task. */
export interface TaskEventBase<Type extends string> extends RunEventBase<Type> {
  /** Id of the task in the workflow file. */
  task: string;
}

/** An event about one piece of work: a plain task, or one item of a `forEach`. */
export interface ItemEventBase<Type extends string> extends TaskEventBase<Type> {
  /** Item of the `forEach`, from 0, or contender behind them; absent for a plain task. */
  index?: number;
}

/** Where a run comes from, and what it is found by. All of it is optional. */
export interface RunOrigin {
  /** Whose run it is, where several parties share the nodes. */
  tenant?: string;
  /** What it is found by, beside its workflow; at most 20. */
  tags?: string[];
  /** Who submitted it, as the audit log names them. */
  submittedBy?: string;
  /** Trace that it belongs to, as W3C `traceparent`. */
  traceparent?: string;
  /** Run that it was forked from. */
  parent?: string;
}

/** A run was accepted: definition and agents' code are pinned by `packageHash`. */
export interface RunSubmitted extends RunEventBase<"RunSubmitted"> {
  /** Name of the workflow. */
  workflow: string;
  /** Version that the file states. */
  version: string | null;
  /** SHA-256 (hex) of the stored package: the definition and the hashes of its agents' code. */
  packageHash: string;
  /** Absolute folder from which the run was started: relative paths begin there. */
  workDir: string;
  /** Input after the workflow's schema filled in its defaults. */
  input: JsonObject;
  /** Absent for a run that nobody said more of. */
  origin?: RunOrigin;
}

/** A task without `forEach` may start as soon as there is room. */
export type TaskScheduled = TaskEventBase<"TaskScheduled">;

/** A `forEach` became `count` items, each of which may start as soon as there is room. */
export interface TaskExpanded extends TaskEventBase<"TaskExpanded"> {
  /** Items, 0 or more. */
  count: number;
}

/** A `wait` task sleeps, or waits for a signal. */
export interface TaskWaiting extends TaskEventBase<"TaskWaiting"> {
  /** When it wakes, or gives up, in epoch milliseconds; `null`: it waits as long as it takes. */
  until: number | null;
  /** Name of the signal that it waits for. */
  signal?: string;
}

/** Somebody sent the run a signal: the first task that waits for one of that name takes it. */
export interface SignalReceived extends RunEventBase<"SignalReceived"> {
  /** As in `wait: { signal: NAME }`. */
  name: string;
  /** What came with it: the output of the task that takes it. */
  payload: Json;
  /** Given by the sender, so that a signal that is sent twice counts once. */
  signalId: string;
}

/** An attempt was given to an agent; its frame leaves after this is durable. */
export interface AttemptStarted extends ItemEventBase<"AttemptStarted"> {
  /** Counts the attempts of this piece of work, from 1. */
  attempt: number;
  /** Name of the agent in the workflow file, or `name@version` of a registered one. */
  agent: string;
  /** Why it was chosen; absent where the workflow names the agent. */
  assignment?: AssignmentRecord;
  /** Node whose cells do it, as `name/boot`; absent where no other node could adopt it. */
  node?: string;
}

/** Nobody can do it for now. Said once for as long as the reason stays the same. */
export interface AssignmentDeferred extends ItemEventBase<"AssignmentDeferred"> {
  /** The reason. */
  why: Abstention;
  /** The work fails then, in epoch milliseconds; kept from the first of a row of these. */
  giveUpAt: number;
}

/** Nobody could do it for as long as it may wait: another agent takes over. */
export interface TaskFellBack extends ItemEventBase<"TaskFellBack"> {
  /** Agent that takes over, as the task's `fallback` names it. */
  fallback: string;
  /** Why nobody could. */
  error: ErrorData;
}

/**
 * Several agents are to do it. Each contender is a piece of work with an `index` of its own, behind
 * the items of the task: its attempts and its end are told under that. After the contenders comes
 * the agent that judges or merges, where one does.
 */
export interface ContestOpened extends ItemEventBase<"ContestOpened"> {
  /** How it is settled. */
  way: "vote" | "judge" | "merge";
  /** Index of the first contender. */
  first: number;
  /** Contenders: as many as the workflow asks for, or as there are agents that can do it. */
  of: number;
}

/** The results of the contenders became one; the output follows with `TaskCompleted`. */
export interface ContestSettled extends ItemEventBase<"ContestSettled"> {
  /**
   * `only`: there was one result. `evidence`: the agent that is expected to do best, because a vote
   * was tied or the judge failed.
   */
  way: "vote" | "judge" | "merge" | "only" | "evidence";
  /** Index of the contender whose result counts; `null` when they were merged. */
  winner: number | null;
  /** Indexes of contenders that have a result which does not count. */
  losers: number[];
  /** Of a vote: how many returned the same, the most first. */
  votes?: number[];
  /** Why, in words. */
  reason: string;
}

/** Agents are asked for bids; the questions leave after this is durable. */
export interface AuctionOpened extends ItemEventBase<"AuctionOpened"> {
  /** Number of the attempt that is auctioned. */
  attempt: number;
  /** Who is asked. */
  agents: string[];
  /** No bid counts after it, in epoch milliseconds. */
  closesAt: number;
}

/** Bids are in, or time was over. The attempt is awarded next. */
export interface AuctionClosed extends ItemEventBase<"AuctionClosed"> {
  /** Number of the attempt that was auctioned. */
  attempt: number;
  /** What was bid, in the order in which agents were asked. */
  bids: Bid[];
}

/** `ctx.step` finished once; later attempts get the result instead of running it. */
export interface StepRecorded extends ItemEventBase<"StepRecorded"> {
  /** First argument of `ctx.step`. */
  stepId: string;
  /** What the step returned. */
  output: Json;
}

/** An agent asked the system for something that it was not granted. */
export interface PermissionDenied extends ItemEventBase<"PermissionDenied"> {
  /** Attempt that asked, from 1. */
  attempt: number;
  /** Kind of permission: `read`, `net`, `run` … */
  permission: string;
  /** Path, host or name that was asked for; `null` when the ask named none. */
  value: string | null;
  /** Attempts in flight in the same worker, when more than one: any of them may have asked. */
  among?: number;
}

/**
 * An attempt failed. What is next is said by `retryAt`, by `fallback`, or by the `TaskFailed` or
 * `TaskCancelled` that follows.
 */
export interface AttemptFailed extends ItemEventBase<"AttemptFailed"> {
  /** Attempt that failed, from 1. */
  attempt: number;
  /** Why it failed. */
  error: ErrorData;
  /** Not the attempt's own fault (node or neighbour died): does not count against `maxAttempts`. */
  lost?: true;
  /** Another attempt may start from then on, in epoch milliseconds. */
  retryAt?: number;
  /** Agent that takes over, because the first choice has no attempts left. */
  fallback?: string;
}

/** `repeat.until` did not hold yet: the task runs again. */
export interface TaskRepeated extends ItemEventBase<"TaskRepeated"> {
  /** Earliest start of the next round, in epoch milliseconds. */
  nextAt: number;
}

/** A task, or with `index` one item of it, has its output. */
export interface TaskCompleted extends ItemEventBase<"TaskCompleted"> {
  /** What the agent returned, or the value of a `value` task. */
  output: Json;
  /** Whose result this is, where the work was not done again. */
  reused?: ReuseRecord;
}

/** A task, or with `index` one item of it, failed for good. */
export interface TaskFailed extends ItemEventBase<"TaskFailed"> {
  /** Error of the last attempt, or why there was none. */
  error: ErrorData;
}

/** A task will not run: its `if` does not hold, or a need of it did not complete. */
export interface TaskSkipped extends TaskEventBase<"TaskSkipped"> {
  /** Why, in words. */
  reason: string;
}

/** A task, or with `index` one item of it, was given up because the run is being stopped. */
export type TaskCancelled = ItemEventBase<"TaskCancelled">;

/** The run is to stop: what runs is asked to end, what waits is given up. */
export interface RunCancelRequested extends RunEventBase<"RunCancelRequested"> {
  /** Why, in words. */
  reason: string;
  /** Present when a time limit stops the run: it then ends as failed with this error. */
  error?: ErrorData;
  /** Asked for the second time: clean-up is given up as well. */
  force?: true;
}

/** Nothing more of the run starts; what is in flight finishes. */
export type RunPaused = RunEventBase<"RunPaused">;

/** A paused run goes on. */
export type RunResumed = RunEventBase<"RunResumed">;

/** A closed run starts again from its failed, cancelled and skipped tasks. */
export type RunRetried = RunEventBase<"RunRetried">;

/** The run ended well. */
export interface RunCompleted extends RunEventBase<"RunCompleted"> {
  /** The workflow's `output`; `null` when it names none. */
  output: Json;
}

/** The run ended because a task failed, or a time limit was reached. */
export interface RunFailed extends RunEventBase<"RunFailed"> {
  /** What made it fail. */
  error: ErrorData;
}

/** The run ended because somebody asked for it. */
export interface RunCancelled extends RunEventBase<"RunCancelled"> {
  /** Why, in words. */
  reason: string;
}

/** Anything that happens to a run. `RunCompleted`, `RunFailed` and `RunCancelled` close it. */
export type RunEvent =
  | RunSubmitted
  | TaskScheduled
  | TaskExpanded
  | TaskWaiting
  | SignalReceived
  | AssignmentDeferred
  | TaskFellBack
  | ContestOpened
  | ContestSettled
  | AuctionOpened
  | AuctionClosed
  | AttemptStarted
  | StepRecorded
  | PermissionDenied
  | AttemptFailed
  | TaskRepeated
  | TaskCompleted
  | TaskFailed
  | TaskSkipped
  | TaskCancelled
  | RunCancelRequested
  | RunPaused
  | RunResumed
  | RunRetried
  | RunCompleted
  | RunFailed
  | RunCancelled;
