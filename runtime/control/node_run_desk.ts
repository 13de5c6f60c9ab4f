import { setTimeout as sleep } from "node:timers/promises";
import process from "node:process";
import {
  ConflictError,
  type DenizenError,
  InvalidInputError,
  toErrorData,
} from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { isShared } from "../../core/partitions.ts";
import { hasEnded, type RunStatus, viewRun } from "../../workflows/mod.ts";
import type { LoadedWorkflow } from "../node/mod.ts";
import { findWish } from "../node/reader.ts";
import { BoundedCache } from "./bounded_cache.ts";
import type { Caller, Labels, Page, Sees } from "./caller.ts";
import type { NodeClusterDesk } from "./cluster_desk.ts";
import type { ControlNode } from "./control_node.ts";
import type { PackageReader } from "./package_reader.ts";
import type { ForkOptions, PreparedRun, RunDesk } from "./run_desk.ts";
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
import { readRunFile } from "./run_file.ts";
import type { FoldedRun, RunFolds } from "./run_folds.ts";
import { readEvents } from "./run_history.ts";
import type { RunPages } from "./run_pages.ts";
import { keyOf, readTerms, type RunTerms } from "./run_request.ts";
import { showValue } from "./shown_value.ts";
import { detailOf, placeOf } from "./task_detail.ts";
import { graphOf } from "./task_graph.ts";
import type { WorkflowRegistry } from "./workflow_registry.ts";

/** What a {@linkcode NodeRunDesk} works with. */
export interface NodeRunDeskOptions {
  node: Pick<ControlNode, "runs" | "reader" | "stores">;
  workflows: Pick<WorkflowRegistry, "resolve" | "inline">;
  packages: PackageReader;
  folds: RunFolds;
  pages: RunPages;
  cluster: Pick<NodeClusterDesk, "leaderOf">;
}

const LABELS_MAX = 10_000;
const SIGNALS_MAX = 1_000;
const BULK_MAX = 500;
/** Also while nobody leads, all are dealt with before a request may take no longer. */
const BULK_AT_ONCE = 32;
/** How long a wish is watched, so that whoever asks next sees what came of it. */
const DEALT_WITHIN_MS = 1_000;
const LOOK_MS = 15;

/** See {@linkcode RunDesk}. */
export class NodeRunDesk implements RunDesk {
  readonly #options: NodeRunDeskOptions;
  readonly #labels = new BoundedCache<Labels>({ entriesMax: LABELS_MAX });

  constructor(options: NodeRunDeskOptions) {
    this.#options = options;
  }

  // --- beginning ---

  async prepare(request: RunRequest, caller: Caller): Promise<PreparedRun> {
    const terms = readTerms(request, caller);
    const { workflows } = this.#options;
    const { workflow, definition, files } = request;
    const loaded = workflow === undefined
      ? await workflows.inline({ source: definition!, files })
      : await workflows.resolve(workflow, terms.tenant);
    const { tags, tenant } = terms;
    return {
      labels: { workflow: loaded.definition.name, tags, tenant },
      isInline: workflow === undefined,
      submit: () => this.#submit(loaded, request, terms),
    };
  }

  async submit(request: RunRequest, caller: Caller): Promise<AcceptedRun> {
    return await (await this.prepare(request, caller)).submit();
  }

  async #submit(
    loaded: LoadedWorkflow,
    { input = {}, idempotencyKey, workDir }: RunRequest,
    { tenant, tags, origin }: RunTerms,
  ): Promise<AcceptedRun> {
    const { node, pages } = this.#options;
    const { runId } = await node.runs.submit(loaded, input, {
      id: idempotencyKey === undefined ? undefined : keyOf(idempotencyKey, tenant),
      workDir: workDir ?? process.cwd(),
      origin,
    });
    pages.touch();
    const { name, version = null } = loaded.definition;
    const isOld = idempotencyKey !== undefined;
    const entry = isOld ? await node.stores.runs.run(runId) : null;
    const status = (entry?.status ?? "pending") as RunStatus;
    const { packageHash } = loaded;
    return { runId, workflow: name, version, packageHash, tenant, tags, status };
  }

  async fork(
    runId: string,
    caller: Caller,
    { input = {}, idempotencyKey, traceparent }: ForkOptions = {},
  ): Promise<AcceptedRun> {
    const { packages, folds } = this.#options;
    const { state } = await folds.get(runId);
    const { packageHash, definition } = state.plan;
    const loaded = await packages.loaded(packageHash, definition.name);
    const { tenant, tags = [] } = state.origin;
    const request = { input: { ...state.input, ...input }, idempotencyKey, workDir: state.workDir };
    const trace = traceparent === undefined ? {} : { traceparent };
    const origin = { submittedBy: caller.by, parent: runId, ...trace };
    return await this.#submit(loaded, request, {
      tenant: tenant ?? null,
      tags,
      origin: {
        ...origin,
        ...(tenant === undefined ? {} : { tenant }),
        ...(tags.length === 0 ? {} : { tags }),
      },
    });
  }

  // --- looking ---

  async labelsOf(runId: string): Promise<Labels> {
    const known = this.#labels.get(runId);
    if (known !== undefined) return known;
    const entry = await this.#options.node.stores.runs.run(runId);
    const labels = entry === null ? labelsOfFold(await this.#options.folds.get(runId)) : {
      workflow: entry.workflow,
      tags: entry.tags ?? [],
      tenant: entry.tenant ?? null,
    };
    this.#labels.set(runId, labels);
    return labels;
  }

  list(
    filters?: RunFilters,
    options?: { limit?: number; cursor?: string; sees?: Sees },
  ): Promise<Page<RunListItem>> {
    return this.#options.pages.list(filters, options);
  }

  async show(runId: string, { items = true }: { items?: boolean } = {}): Promise<RunDetail> {
    const run = await this.#options.folds.get(runId);
    const leader = await this.#options.cluster.leaderOf(run.partition);
    return detailOfRun(run, { items, leader });
  }

  async graph(runId: string): Promise<RunGraph> {
    const { state: { plan } } = await this.#options.folds.get(runId);
    const { name, version = null } = plan.definition;
    const { packageHash } = plan;
    return { runId, workflow: name, version, packageHash, tasks: graphOf(plan.tasks) };
  }

  async task(runId: string, taskId: string): Promise<TaskDetail> {
    const run = await this.#options.folds.get(runId);
    const leader = await this.#options.cluster.leaderOf(run.partition);
    return detailOf(run, placeOf(run, taskId), { leader, isBegun: run.entry !== null });
  }

  async events(
    runId: string,
    options: { after?: string; limit?: number } = {},
  ): Promise<Page<EventDocument>> {
    const { node: { stores }, folds } = this.#options;
    const entry = await stores.runs.run(runId);
    if (entry !== null) return await readEvents(stores, entry, options);
    // Nothing has happened to it yet, or nobody knows it.
    await folds.get(runId);
    return { items: [], nextCursor: null };
  }

  async file(runId: string, path: string): Promise<RunFile> {
    return await readRunFile(await this.#options.folds.get(runId), path);
  }

  // --- changing ---

  async cancel(runId: string, reason?: string): Promise<void> {
    await this.#open(runId);
    await this.#options.node.runs.cancel(runId, reason);
    await this.#dealtWith(runId);
  }

  async pause(runId: string): Promise<void> {
    await this.#open(runId);
    await this.#options.node.runs.pause(runId);
    await this.#dealtWith(runId);
  }

  async resume(runId: string): Promise<void> {
    const { state } = await this.#open(runId);
    if (!state.isPaused) {
      throw new ConflictError("RUN_NOT_PAUSED", {
        message: `Run "${runId}" is ${viewRun(state, { items: false }).status}, not paused`,
        hint: "Only a paused run can go on",
        details: { runId },
      });
    }
    await this.#options.node.runs.unpause(runId);
    await this.#dealtWith(runId);
  }

  async retry(runId: string): Promise<void> {
    const { state, partition } = await this.#fresh(runId);
    if (!hasEnded(state.status) || state.status === "completed") {
      throw new ConflictError("RUN_NOT_RETRYABLE", {
        message: `Cannot retry run "${runId}": it is ${state.status}`,
        hint: "Only runs that failed or were cancelled can be retried",
        details: { runId, status: state.status },
      });
    }
    if (!isShared(partition)) throw isPrivate(runId);
    // It resolves when the wish was dealt with: while nobody leads the partition, that takes long.
    const retried = this.#options.node.runs.retry(runId);
    retried.catch(() => {});
    const late = new AbortController();
    const patience = sleep(DEALT_WITHIN_MS, undefined, { signal: late.signal }).catch(() => {});
    await Promise.race([retried, patience]).finally(() => late.abort());
    this.#touch(runId);
  }

  async signal(
    runId: string,
    name: string,
    payload: Json = null,
    options: { signalId?: string } = {},
  ): Promise<void> {
    const { state } = await this.#open(runId);
    if (state.signals.length >= SIGNALS_MAX) {
      throw new ConflictError("SIGNALS_FULL", {
        message: `Run "${runId}" has ${SIGNALS_MAX} signals that no task has taken`,
        hint: "Wait until tasks have taken some",
        details: { runId },
      });
    }
    await this.#options.node.runs.signal(runId, name, payload, options);
    await this.#dealtWith(runId);
  }

  async cancelTask(
    runId: string,
    taskId: string,
    reason = "cancelled by a user",
  ): Promise<void> {
    const run = await this.#open(runId);
    const { task, index } = placeOf(run, taskId);
    const status = index === null ? task.result.status : task.instances[index]!.status;
    if (status !== "ready" && hasEnded(status)) {
      throw new ConflictError("TASK_CLOSED", {
        message: `Task "${taskId}" is already ${status}`,
        hint: "Once the run has closed, a retry does it again",
        details: { runId, task: taskId, status },
      });
    }
    const item = index === null ? {} : { index };
    const wish = { type: "cancelTask", task: task.plan.spec.id, ...item, reason } as const;
    await this.#options.node.reader.request(runId, wish);
    await this.#dealtWith(runId);
  }

  async bulk(
    action: "cancel" | "retry",
    runIds: readonly string[],
    authorize: (runId: string, labels: Labels) => void | Promise<void> = () => {},
  ): Promise<BulkResult[]> {
    if (runIds.length > BULK_MAX) {
      throw new InvalidInputError("BULK_TOO_LARGE", {
        message: `Cannot ${action} ${runIds.length} runs at once`,
        hint: `Name up to ${BULK_MAX}`,
        details: { max: BULK_MAX },
      });
    }
    const results: BulkResult[] = [];
    for (let at = 0; at < runIds.length; at += BULK_AT_ONCE) {
      const group = runIds.slice(at, at + BULK_AT_ONCE);
      results.push(
        ...await Promise.all(group.map((runId) => this.#one(action, runId, authorize))),
      );
    }
    return results;
  }

  async #one(
    action: "cancel" | "retry",
    runId: string,
    authorize: (runId: string, labels: Labels) => void | Promise<void>,
  ): Promise<BulkResult> {
    try {
      await authorize(runId, await this.labelsOf(runId));
      await this[action](runId);
      return { runId, ok: true };
    } catch (error) {
      return { runId, ok: false, error: toErrorData(error as DenizenError) };
    }
  }

  #fresh(runId: string): Promise<FoldedRun> {
    return this.#options.folds.get(runId, { isFresh: true });
  }

  async #open(runId: string): Promise<FoldedRun> {
    const run = await this.#fresh(runId);
    const { status } = run.state;
    if (!hasEnded(status)) return run;
    throw new ConflictError("RUN_CLOSED", {
      message: `Run "${runId}" is already ${status}`,
      hint: status === "completed" ? "Fork it to run it again" : "Retry it to go on with it",
      details: { runId, status },
    });
  }

  /** Waits a little until no wish for the run is left, so that what is read next is after it. */
  async #dealtWith(runId: string): Promise<void> {
    const { folds, node: { stores } } = this.#options;
    const entry = await stores.runs.run(runId);
    const partition = entry?.partition ?? await folds.partitionOf(runId);
    const until = performance.now() + DEALT_WITHIN_MS;
    while (partition !== null && performance.now() < until) {
      if (await findWish(stores.runs, partition, runId) === null) break;
      await sleep(LOOK_MS);
    }
    this.#touch(runId);
  }

  #touch(runId: string): void {
    this.#options.folds.touch(runId);
    this.#options.pages.expire();
  }
}

function labelsOfFold({ state: { plan, origin } }: FoldedRun): Labels {
  const { tags = [], tenant = null } = origin;
  return { workflow: plan.definition.name, tags, tenant };
}

function detailOfRun(
  { state, entry, partition }: FoldedRun,
  { items, leader }: { items: boolean; leader: string | null },
): RunDetail {
  const view = viewRun(state, { items });
  const input = showValue(view.input);
  const output = showValue(view.output);
  const truncated: Record<string, number> = {};
  if (input.truncated) truncated.input = input.bytes;
  if (output.truncated) truncated.output = output.bytes;
  const { parent } = state.origin;
  return {
    ...view,
    status: entry === null ? "pending" : view.status,
    input: input.value,
    output: output.value,
    tags: view.tags ?? [],
    packageHash: state.plan.packageHash,
    isShared: isShared(partition),
    leader,
    ...(parent === undefined ? {} : { parent }),
    ...(Object.keys(truncated).length === 0 ? {} : { truncated }),
  };
}

function isPrivate(runId: string): ConflictError {
  return new ConflictError("RUN_ORPHANED", {
    message: `Run "${runId}" belongs to a process of its own, not to the nodes`,
    hint: `Retry it with: deno task denizen runs retry ${runId}`,
    details: { runId },
  });
}
