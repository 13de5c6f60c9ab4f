/**
 * What happened to a run, in the order in which it happened. Events are the journal: the state of
 * a run is the fold of its events, and nothing else. All are plain JSON.
 *
 * `index` is the item of a `forEach` and is left out for plain tasks.
 *
 * @module
 */
import type { Json, JsonObject } from "../core/json.ts";
import type { ErrorData } from "../core/errors.ts";

/** A run was accepted: definition and agents' code are pinned by `packageHash`. */
export interface RunSubmitted {
  type: "RunSubmitted";
  at: number;
  workflow: string;
  version: string | null;
  /** SHA-256 of the stored package: definition, agents' code hashes, base folder. */
  packageHash: string;
  /** Absolute folder from which the run was started: relative paths begin there. */
  workDir: string;
  input: JsonObject;
}

/** A task without `forEach` may start as soon as there is room. */
export interface TaskScheduled {
  type: "TaskScheduled";
  at: number;
  task: string;
}

/** A `forEach` became `count` items, each of which may start as soon as there is room. */
export interface TaskExpanded {
  type: "TaskExpanded";
  at: number;
  task: string;
  count: number;
}

/** A `wait` task sleeps until `until` (epoch ms). */
export interface TaskWaiting {
  type: "TaskWaiting";
  at: number;
  task: string;
  until: number;
}

/** An attempt was given to an agent; its frame leaves after this is durable. */
export interface AttemptStarted {
  type: "AttemptStarted";
  at: number;
  task: string;
  index?: number;
  attempt: number;
  agent: string;
}

/** `ctx.step` finished once; later attempts get the result instead of running it. */
export interface StepRecorded {
  type: "StepRecorded";
  at: number;
  task: string;
  index?: number;
  stepId: string;
  output: Json;
}

/** An agent asked the system for something that it was not granted. */
export interface PermissionDenied {
  type: "PermissionDenied";
  at: number;
  task: string;
  index?: number;
  attempt: number;
  permission: string;
  value: string | null;
}

/** An attempt failed. Exactly one of `retryAt`, `fallback` or a following `TaskFailed` says what is next. */
export interface AttemptFailed {
  type: "AttemptFailed";
  at: number;
  task: string;
  index?: number;
  attempt: number;
  error: ErrorData;
  /** Not the attempt's own fault (node or neighbour died): does not count against `maxAttempts`. */
  lost?: true;
  /** Another attempt may start from then on (epoch ms). */
  retryAt?: number;
  /** The named agent takes over. */
  fallback?: string;
}

/** `repeat.until` did not hold yet: the task runs again from `nextAt` on. */
export interface TaskRepeated {
  type: "TaskRepeated";
  at: number;
  task: string;
  index?: number;
  nextAt: number;
}

export interface TaskCompleted {
  type: "TaskCompleted";
  at: number;
  task: string;
  index?: number;
  output: Json;
}

export interface TaskFailed {
  type: "TaskFailed";
  at: number;
  task: string;
  index?: number;
  error: ErrorData;
}

export interface TaskSkipped {
  type: "TaskSkipped";
  at: number;
  task: string;
  reason: string;
}

/** A task, or with `index` one item of it, was given up because the run is being stopped. */
export interface TaskCancelled {
  type: "TaskCancelled";
  at: number;
  task: string;
  index?: number;
}

/** The run is to stop: what runs is asked to end, what waits is given up. */
export interface RunCancelRequested {
  type: "RunCancelRequested";
  at: number;
  reason: string;
  /** Present when a time limit stops the run: it then ends as failed with this error. */
  error?: ErrorData;
}

export interface RunPaused {
  type: "RunPaused";
  at: number;
}

export interface RunResumed {
  type: "RunResumed";
  at: number;
}

/** A closed run starts again from its failed, cancelled and skipped tasks. */
export interface RunRetried {
  type: "RunRetried";
  at: number;
}

export interface RunCompleted {
  type: "RunCompleted";
  at: number;
  output: Json;
}

export interface RunFailed {
  type: "RunFailed";
  at: number;
  error: ErrorData;
}

export interface RunCancelled {
  type: "RunCancelled";
  at: number;
  reason: string;
}

export type RunEvent =
  | RunSubmitted
  | TaskScheduled
  | TaskExpanded
  | TaskWaiting
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
