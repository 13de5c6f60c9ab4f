/**
 * What may be asked of a run. Time and randomness come in with the command.
 *
 * @module
 */
import type { Bid } from "../core/assignment.ts";
import type { ErrorData } from "../core/errors.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { AttemptOutcome } from "../core/outcome.ts";
import type { Assigner } from "./assigner.ts";
import type { RunOrigin } from "./events.ts";
import type { AttemptPlace } from "./wishes.ts";

export interface SubmitRun {
  type: "SubmitRun";
  at: number;
  input: JsonObject;
  /** Absolute folder that relative paths begin at. */
  workDir: string;
  origin?: RunOrigin;
}

/** Start what is ready while there is room. */
export interface StartAttempts {
  type: "StartAttempts";
  at: number;
  /** Free places by agent; an agent that is missing has none. Asked only for those that matter. */
  capacity: { get(agent: string): number | undefined };
  /** Chooses for tasks that name a capability. Default: the first of the file that has a place. */
  assigner?: Assigner;
  /** Node whose cells will do it, as `name/boot`; left out where no other node could adopt it. */
  node?: string;
}

/** A worker answered. */
export interface FinishAttempt {
  type: "FinishAttempt";
  at: number;
  task: string;
  index: number;
  attempt: number;
  outcome: AttemptOutcome;
  /** Uniform in `[0, 1)`, for the retry delay. */
  random: number;
}

/** Bids for an attempt are in, or time is over. */
export interface CloseAuction {
  type: "CloseAuction";
  at: number;
  task: string;
  index: number;
  /** Number of the attempt that was auctioned. */
  attempt: number;
  bids: Bid[];
}

export interface RecordStep {
  type: "RecordStep";
  at: number;
  task: string;
  index: number;
  attempt: number;
  stepId: string;
  output: Json;
}

export interface RecordDenial {
  type: "RecordDenial";
  at: number;
  task: string;
  index: number;
  attempt: number;
  permission: string;
  value: string | null;
  /** Attempts in flight in the same worker, when more than one. */
  among?: number;
}

/** Do what time has made due: waits, total time-outs, the run's own time limits. */
export interface FireTimers {
  type: "FireTimers";
  at: number;
}

/** A node took the run over: attempts of nodes that are gone are lost. */
export interface RecoverRun {
  type: "RecoverRun";
  at: number;
  /** Nodes, as `name/boot`, whose attempts go on: they are adopted. Default: none. */
  alive?: ReadonlySet<string>;
}

/** Attempts will never answer: their node died, or says that it does not have them. */
export interface LoseAttempts {
  type: "LoseAttempts";
  at: number;
  /** Of these, only attempts that are still in flight count. */
  attempts: readonly AttemptPlace[];
}

export interface CancelRun {
  type: "CancelRun";
  at: number;
  reason: string;
}

/** End one task, whatever becomes of the run then. */
export interface CancelTask {
  type: "CancelTask";
  at: number;
  task: string;
  /** Item of a `forEach`; absent: the whole task. */
  index?: number;
  reason: string;
}

/** Somebody outside has news for the run. */
export interface SignalRun {
  type: "SignalRun";
  at: number;
  name: string;
  payload: Json;
  /** The same one again is not another signal. */
  signalId: string;
}

/** The run cannot be worked on: ends it as failed. */
export interface FailRun {
  type: "FailRun";
  at: number;
  error: ErrorData;
}

export interface PauseRun {
  type: "PauseRun";
  at: number;
}

export interface ResumeRun {
  type: "ResumeRun";
  at: number;
}

/** Run the failed, cancelled and skipped tasks of a closed run again. */
export interface RetryRun {
  type: "RetryRun";
  at: number;
}

export type RunCommand =
  | SubmitRun
  | StartAttempts
  | FinishAttempt
  | CloseAuction
  | RecordStep
  | RecordDenial
  | FireTimers
  | RecoverRun
  | LoseAttempts
  | CancelRun
  | CancelTask
  | FailRun
  | SignalRun
  | PauseRun
  | ResumeRun
  | RetryRun;
