/**
 * Runs, as a client of a node works with them.
 *
 * @module
 */
import type { Json, JsonObject } from "../../core/json.ts";
import type { Caller, Labels, Page, Sees } from "./caller.ts";
import type {
  AcceptedRun,
  BulkResult,
  EventDocument,
  RunDetail,
  RunFile,
  RunFilters,
  RunGraph,
  RunListItem,
  RunRequest,
  TaskDetail,
} from "./run_documents.ts";

/** Options of {@linkcode RunDesk.fork}. */
export interface ForkOptions {
  /** Members that replace those of the run's input. */
  input?: JsonObject;
  idempotencyKey?: string;
  /** Trace that the new run belongs to, as W3C `traceparent`. */
  traceparent?: string;
}

/** A run that was checked and not yet submitted. */
export interface PreparedRun {
  /** What it is going to have: for the decision whether the caller may. */
  readonly labels: Labels;
  /** Whether the workflow came along with the request. */
  readonly isInline: boolean;
  /**
   * Accepts the run: once this resolves it is durable.
   *
   * @throws {InvalidInputError} `INVALID_INPUT` when the input does not fit the workflow's schema
   * @throws {ConflictError} `KEY_MISMATCH` when the idempotency key was used for something else
   */
  submit(): Promise<AcceptedRun>;
}

/**
 * What can be done with runs. Who may do it is for the caller to decide, by {@linkcode labelsOf}.
 *
 * Methods that take a `runId` throw `InvalidInputError` `RUN_NOT_FOUND` when nobody knows the run.
 * Those that change a run resolve once the wish is durable; `cancel`, `pause`, `resume`, `signal`
 * and `cancelTask` throw `ConflictError` `RUN_CLOSED` when it has ended.
 */
export interface RunDesk {
  /**
   * Finds the workflow and checks the request.
   *
   * @throws as `WorkflowRegistry.resolve` and `inline` do
   * @throws {InvalidInputError} `RUN_REQUEST_WRONG`
   */
  prepare(request: RunRequest, caller: Caller): Promise<PreparedRun>;
  /** {@linkcode prepare}, and submit. */
  submit(request: RunRequest, caller: Caller): Promise<AcceptedRun>;

  /** Workflow, tags and tenant of a run. Cheap after the first call. */
  labelsOf(runId: string): Promise<Labels>;

  /**
   * Runs, newest first. Looks at a bounded number of them: a page may have fewer than `limit` items,
   * or none, though `nextCursor` says that there are more.
   *
   * @param options `limit`: 1 to 200, default 50. `sees`: leaves out what it refuses
   */
  list(
    filters?: RunFilters,
    options?: { limit?: number; cursor?: string; sees?: Sees },
  ): Promise<Page<RunListItem>>;

  /** @param options `items`: with each item of a `forEach`; default `true` */
  show(runId: string, options?: { items?: boolean }): Promise<RunDetail>;
  graph(runId: string): Promise<RunGraph>;
  /**
   * @param taskId `list`, or `measure[3]`
   * @throws {InvalidInputError} `TASK_NOT_FOUND`
   */
  task(runId: string, taskId: string): Promise<TaskDetail>;
  /**
   * Events in order.
   *
   * @param options `after`: id of the last event that is known. `limit`: 1 to 1,000, default 200
   */
  events(
    runId: string,
    options?: { after?: string; limit?: number },
  ): Promise<Page<EventDocument>>;

  cancel(runId: string, reason?: string): Promise<void>;
  /** Pausing what is paused does nothing. */
  pause(runId: string): Promise<void>;
  /** @throws {ConflictError} `RUN_NOT_PAUSED` */
  resume(runId: string): Promise<void>;
  /** @throws {ConflictError} `RUN_NOT_RETRYABLE` when it is open or completed */
  retry(runId: string): Promise<void>;
  /** @throws {ConflictError} `SIGNALS_FULL` */
  signal(
    runId: string,
    name: string,
    payload?: Json,
    options?: { signalId?: string },
  ): Promise<void>;
  /**
   * Ends one task; the run then fails, unless the task may fail.
   *
   * @param taskId `list`, or `measure[3]`
   * @throws {InvalidInputError} `TASK_NOT_FOUND`
   * @throws {ConflictError} `TASK_CLOSED`
   */
  cancelTask(runId: string, taskId: string, reason?: string): Promise<void>;
  /**
   * Begins a run of the same package, tags, tenant and folder.
   *
   * @param options `input`: members that replace those of the run's input
   */
  fork(
    runId: string,
    caller: Caller,
    options?: ForkOptions,
  ): Promise<AcceptedRun>;

  /**
   * Cancels or retries many, each for itself.
   *
   * @param runIds at most 500
   * @param authorize called for each before anything is done with it; what it throws is its result
   */
  bulk(
    action: "cancel" | "retry",
    runIds: readonly string[],
    authorize?: (runId: string, labels: Labels) => void | Promise<void>,
  ): Promise<BulkResult[]>;

  /**
   * A file that the run's output names, in a folder that one of its agents may write to.
   *
   * @throws {InvalidInputError} `FILE_NOT_FOUND`, `RUN_FILE_TOO_LARGE` above 20 MiB
   */
  file(runId: string, path: string): Promise<RunFile>;
}
