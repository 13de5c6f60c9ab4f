/**
 * What an embedding program sees of a node.
 *
 * @module
 */
import type { Json, JsonObject } from "../../core/json.ts";
import type { RunEvent, RunOrigin, RunView } from "../../workflows/mod.ts";
import type { CellInfo } from "../cells/mod.ts";
import type { LoadedWorkflow } from "./packages.ts";

/** Options of {@linkcode DenizenNode.submit}. */
export interface SubmitOptions {
  /** Idempotency key: the same key answers the same run. */
  id?: string;
  /** Folder at which relative paths begin. Default: that of the process. */
  workDir?: string;
  /** Whose it is, and what it is found by. */
  origin?: RunOrigin;
}

/** Options of {@linkcode openNode}. */
export interface NodeOptions {
  /** State directory; made where it is missing. */
  dataDir: string;
  /** `kv:FILE`, `postgres://…` or `https://…`. Default: a KV file in the state directory. */
  store?: string;
  /** Names the node to other processes on the directory; by default it is drawn. */
  nodeId?: string;
  /** How long a cell without work is kept. Default 30 s. */
  idleMs?: number;
  /** Cells without an agent that are kept ready. Default 1. */
  spares?: number;
  /** Largest output of an attempt, in characters of JSON text. Default 8 Mi. */
  outputBytesMax?: number;
}

/**
 * A running node. Runs are durable: what a node leaves open when it closes or dies, another one on
 * the same directory can resume.
 *
 * Every method that takes a `runId` throws `InvalidInputError` `RUN_NOT_FOUND` when nobody knows
 * the run.
 */
export interface DenizenNode {
  /** Names the node to other processes on the directory. */
  readonly nodeId: string;

  /**
   * Reads, checks and bundles a workflow file.
   *
   * @throws {InvalidWorkflowError} `INVALID_WORKFLOW` with every issue found
   */
  load(file: string): Promise<LoadedWorkflow>;

  /**
   * Accepts a run: once this resolves it is durable.
   *
   * @param options `id`: idempotency key; the same key answers the same run. `workDir`: folder at
   *   which relative paths begin, by default that of the process. `origin`: whose it is, and what
   *   it is found by
   * @throws {InvalidInputError} `INVALID_INPUT` when the input does not fit the workflow's schema
   */
  submit(
    workflow: LoadedWorkflow,
    input: JsonObject,
    options?: SubmitOptions,
  ): Promise<RunHandle>;

  /**
   * Continues what a crash left.
   *
   * @param runId only this run; without it, every open run that no living process works on
   * @throws {ConflictError} `RUN_ACTIVE` when a living process works on the named run
   */
  resume(runId?: string): Promise<RunHandle[]>;

  /**
   * Asks a run of this node to stop; resolves when that is durable.
   *
   * @throws {ConflictError} `RUN_CLOSED` when this node does not work on it, or not any more
   */
  cancel(runId: string, reason?: string): Promise<void>;

  /**
   * Starts nothing more of a run until {@linkcode unpause}; what is in flight finishes.
   *
   * @throws {ConflictError} `RUN_CLOSED` when this node does not work on it, or not any more
   */
  pause(runId: string): Promise<void>;

  /**
   * Lets a paused run go on.
   *
   * @throws {ConflictError} `RUN_NOT_PAUSED` when it is open and not paused, `RUN_CLOSED` when this
   *   node does not work on it, or not any more
   */
  unpause(runId: string): Promise<void>;

  /**
   * Gives a run news from outside: the first task that waits for a signal of that name takes it as
   * its output, now or later.
   *
   * @param options `signalId`: the same one again is not another signal; by default it is drawn
   * @throws {ConflictError} `RUN_CLOSED`; `SIGNALS_FULL` when 1,000 signals wait for a task
   */
  signal(
    runId: string,
    name: string,
    payload?: Json,
    options?: { signalId?: string },
  ): Promise<void>;

  /**
   * Runs the failed, cancelled and skipped tasks of a closed run again.
   *
   * @throws {ConflictError} `RUN_NOT_RETRYABLE` when it is open or completed
   */
  retry(runId: string): Promise<RunHandle>;

  /** Calls `listener` with every update until the function returned is called. */
  subscribe(listener: (update: RunUpdate) => void): () => void;

  /** The processes in which agents run, and the spares, as they are now. */
  inspectCells(): CellInfo[];

  /** Stops the node. Open runs stay open: `resume` goes on with them. */
  close(): Promise<void>;
}

/** A run that this node works on, or one that has closed. */
export interface RunHandle {
  /** ULID: sorts by time of submission. */
  runId: string;
  /** The run as it is now; `items`: with each item of a `forEach`, which is the default. */
  view(options?: { items: boolean }): RunView;
  /** Resolves when the run has closed; rejects when the node lost it. */
  finished: Promise<RunView>;
}

/** What a node tells its listeners: events once they are durable, the rest as it comes. */
export interface RunUpdate {
  /** Run that it is about. */
  runId: string;
  /** Epoch milliseconds. */
  at: number;
  /** Says which of the members below are there. */
  type: "event" | "progress" | "log";
  /** `list`, or `measure[3]` for an item of a `forEach`; absent when it concerns the whole run. */
  taskId?: string;
  /** With `event`. */
  event?: RunEvent;
  /** With `progress`: share of the work done, 0 to 1; `null` when the agent cannot tell. */
  fraction?: number | null;
  /** With `progress` and `log`: the agent's words. */
  message?: string;
  /** With `log`. */
  level?: "debug" | "info" | "warn" | "error";
  /** With `log`: what the agent gave beside the message. */
  fields?: Record<string, unknown>;
}
