/**
 * What passes between the scheduler and the cells for one attempt of one task. Plain data.
 *
 * @module
 */
import type { Json, JsonObject } from "../core/json.ts";
export type { AttemptOutcome } from "../core/outcome.ts";

/** Names one attempt: a result that names another attempt than the current one is refused. */
export interface AttemptId {
  runId: string;
  taskId: string;
  /** Item of a `forEach`, from 0; 0 for a plain task. */
  index: number;
  /** From 1. */
  attempt: number;
}

/** A run as its trace names it. */
export interface TracedRun {
  /** Name of the workflow. */
  workflow: string;
  /** Version that the workflow file states. */
  version: string | null;
  /** When it was accepted, in epoch milliseconds. */
  submittedAt: number;
  /** W3C `traceparent` that it was submitted with. */
  traceparent: string | undefined;
  /** Whether this process goes on with what a journal said: the run began earlier, or elsewhere. */
  isTakenOn: boolean;
}

/** An attempt that is in the journal and may now leave the node. */
export interface Attempt extends AttemptId {
  /** Name of the agent in the workflow file. */
  agent: string;
  /** Set when the task asked for a capability instead of an agent. */
  capability?: string;
  input: Json;
  /** Start-to-close, counted from the moment the frame leaves for a ready worker. */
  timeoutMs: number;
  /** Term of the node that dispatched it: a fencing token for what the attempt writes elsewhere. */
  term: number;
  /** Longest silence of the worker's event loop. */
  heartbeatMs: number;
  /** `ctx.step` results of earlier attempts, by step id. */
  steps?: JsonObject;
  /** For traces; the same object for all attempts of a run. */
  run?: TracedRun;
  /** W3C `traceparent` of the attempt's own span; set by whoever traces it. */
  traceparent?: string;
}

/** A `ctx.step` that ran to its end, for traces. */
export interface StepTimes {
  /** First argument of `ctx.step`. */
  stepId: string;
  /** Epoch milliseconds with fractions, as the worker tells them. */
  startedAt: number;
  endedAt: number;
  /** Set when it threw. */
  errorCode?: string;
}

/** What an attempt asks to be reminded of. */
export interface RecallQuery {
  /** Words of the task at hand. */
  text: string;
  /** Only solutions of this capability, and of its kin; `null`: of any. */
  capability: string | null;
  /** Solutions at most, 1 to 20. */
  limit: number;
}

/** An earlier solution, as an agent gets it. */
export interface RecalledSolution {
  /** Words of the task that it solved. */
  text: string;
  /** `null` where it is not kept any more, or too large. */
  output: Json;
  agent: string;
  capability: string | null;
  runId: string;
  task: string;
  index: number;
  /** When it was finished, in epoch milliseconds. */
  at: number;
  /** 0 to 1; 1 for the same words. */
  similarity: number;
}

/** What a worker says while it works. */
export type AttemptReport =
  | { type: "progress"; fraction: number | null; message: string }
  | {
    type: "log";
    level: "debug" | "info" | "warn" | "error";
    message: string;
    fields?: JsonObject;
  }
  /** Durable once `acknowledge` was called; only then does `ctx.step` return in the worker. */
  | {
    type: "step";
    stepId: string;
    output: Json;
    acknowledge: () => void;
    /** Of traced attempts. */
    times?: StepTimes;
  }
  /** The worker asked the system for something. Denied asks are always told, granted ones never. */
  | {
    type: "permission";
    permission: string;
    value: string | null;
    message: string;
    /** Attempts in flight in that worker, when more than one: any of them may have asked. */
    among?: number;
  };
