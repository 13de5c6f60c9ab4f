/**
 * A node: the composition root of store, cells and scheduler. It never runs a user's code itself.
 *
 * @module
 */
import { join, resolve } from "node:path";
import process from "node:process";
import { monotonicFactory } from "ulid";
import { ConflictError, InvalidInputError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Clock, Fence, Holder, RunEntry, Store } from "../../core/ports.ts";
import { createRunState, hasEnded, type Plan, type RunEvent } from "../../workflows/mod.ts";
import type { RunState } from "../../workflows/mod.ts";
import { type CellInfo, type Cells, createCells } from "../cells/mod.ts";
import { createActiveRun, Partition, recoverOpenRuns, recoverRun } from "../scheduler/mod.ts";
import { type ActiveRun, type RunNews, viewActiveRun } from "../scheduler/mod.ts";
import { openStore } from "./open_store.ts";
import { hasFixedPermissions, manifestOf } from "./agents_of_run.ts";
import { systemClock } from "./clock.ts";
import type { DenizenNode, NodeOptions, RunHandle, RunUpdate } from "./denizen_node.ts";
import { validateInput } from "./input_validation.ts";
import { loadPackage, loadWorkflow, planOf } from "./packages.ts";
import type { LoadedWorkflow, WorkflowPackage } from "./packages.ts";
import { identifyProcess, isGone } from "./process_identity.ts";

/** Partitions that processes on one data directory share: each works on its own. */
const PARTITIONS = 64;
/** How often wishes of other processes are looked for. */
const INBOX_POLL_MS = 200;

/**
 * Starts a node. It works until {@linkcode DenizenNode.close}. The state directory is not touched
 * before a run is submitted, resumed or looked for.
 */
export function openNode(options: NodeOptions): DenizenNode {
  return openNodeWith(createCells(options), options);
}

/** As {@linkcode openNode}, with cells that were started before: they come up meanwhile. */
export function openNodeWith(cells: Cells, options: NodeOptions): DenizenNode {
  return new LocalNode(cells, resolve(options.dataDir), options.nodeId);
}

/** A node whose cells are child processes of this one. */
class LocalNode implements DenizenNode {
  readonly #cells: Cells;
  #opening: Promise<Store<RunEvent>> | null = null;
  readonly #clock: Clock = systemClock;
  readonly #dataDir: string;
  readonly #workDir = process.cwd();
  readonly #holder: Holder;
  readonly #nextId = monotonicFactory();
  readonly #plans = new Map<string, Promise<Plan>>();
  readonly #packages = new Map<string, Promise<WorkflowPackage>>();
  readonly #agentKeys = new WeakMap<
    WorkflowPackage,
    { workDir: string; keys: ReadonlyMap<string, string> }
  >();
  readonly #partitions = new Map<number, Partition>();
  readonly #partitionOf = new Map<string, Partition>();
  /** Submissions with an idempotency key that are under way, by run id. */
  readonly #submitting = new Map<string, Promise<RunHandle>>();
  readonly #listeners = new Set<(update: RunUpdate) => void>();
  #home: Promise<Partition> | null = null;
  #poll: ReturnType<typeof setInterval> | undefined;
  #isPolling = false;

  constructor(cells: Cells, dataDir: string, nodeId?: string) {
    this.#cells = cells;
    this.#dataDir = dataDir;
    this.#holder = identifyProcess(nodeId ?? `node-${this.#nextId()}`);
    cells.listen({
      onResults: (results) => this.#onResults(results),
      onReport: (id, report) => this.#partitionOf.get(id.runId)?.report(id, report),
    });
  }

  /** Opened on first use: a file that cannot run leaves nothing behind. */
  #store(): Promise<Store<RunEvent>> {
    return this.#opening ??= openStore(this.#dataDir);
  }

  get nodeId(): string {
    return this.#holder.nodeId;
  }

  inspectCells(): CellInfo[] {
    return this.#cells.inspect();
  }

  load(file: string): Promise<LoadedWorkflow> {
    return loadWorkflow(file, {
      cacheDir: join(this.#dataDir, "bundles"),
      foreign: "defer",
      describe: async (spec, code, codeHash) => {
        const bindings = { input: {}, vars: {}, run: { id: "", name: "" } };
        const blank = { ...spec, permissions: {} };
        const manifest = await manifestOf(blank, codeHash, { bindings, workDir: process.cwd() });
        return (await this.#cells.describe(this.#cells.register(manifest, code))).capabilities;
      },
    });
  }

  async submit(
    workflow: LoadedWorkflow,
    input: JsonObject,
    options: { id?: string; workDir?: string } = {},
  ): Promise<RunHandle> {
    const checked = await validateInput(input, workflow.definition.input);
    if (options.id === undefined) {
      return await this.#accept(workflow, checked, this.#nextId(), options);
    }
    const runId = await (await this.#store()).reserve(options.id, this.#nextId());
    // Callers with the same key that come at the same time share one submission.
    let handle = this.#submitting.get(runId);
    if (handle === undefined) {
      handle = this.#find(runId).then((known) =>
        known ?? this.#accept(workflow, checked, runId, options)
      );
      this.#submitting.set(runId, handle);
      const forget = () => this.#submitting.delete(runId);
      handle.then(forget, forget);
    }
    return await handle;
  }

  async #accept(
    workflow: LoadedWorkflow,
    checked: JsonObject,
    runId: string,
    options: { id?: string; workDir?: string },
  ): Promise<RunHandle> {
    const workDir = options.workDir === undefined ? this.#workDir : resolve(options.workDir);
    const plan = await this.#remember(workflow);
    const partition = await this.#homePartition();
    const state = createRunState(runId, plan);
    const bindings = { input: checked, runId, workDir };
    const agentKeys = await this.#registerAgents(workflow.package, bindings, workflow.code);
    const run = createActiveRun(state, this.#newEntry(state, partition), agentKeys);
    // A second submission with the same key looks for the first one in the list.
    run.isListedAtOnce = options.id !== undefined;
    this.#adopt(partition, run);
    const at = this.#clock.now();
    run.entry.submittedAt = at;
    await partition.execute(run, { type: "SubmitRun", at, input: checked, workDir }).durable;
    return this.#handle(run);
  }

  async resume(runId?: string): Promise<RunHandle[]> {
    if (runId === undefined) {
      for (let number = 0; number < PARTITIONS; number++) await this.#takeOver(number);
      return [...this.#partitionOf].flatMap(([id, partition]) => {
        const run = partition.runs.get(id);
        return run === undefined ? [] : [this.#handle(run)];
      });
    }
    const entry = await this.#entry(runId);
    if (!this.#partitions.has(entry.partition)) await this.#takeOver(entry.partition);
    const handle = await this.#find(runId);
    const run = this.#active(runId);
    if (run?.state.isPaused) {
      await this.#execute(runId, { type: "ResumeRun", at: this.#clock.now() });
    }
    return handle === null ? [] : [handle];
  }

  cancel(runId: string, reason = "cancelled by a user"): Promise<void> {
    return this.#execute(runId, { type: "CancelRun", at: this.#clock.now(), reason });
  }

  pause(runId: string): Promise<void> {
    return this.#execute(runId, { type: "PauseRun", at: this.#clock.now() });
  }

  unpause(runId: string): Promise<void> {
    return this.#execute(runId, { type: "ResumeRun", at: this.#clock.now() });
  }

  async retry(runId: string): Promise<RunHandle> {
    const entry = await this.#entry(runId);
    if (!this.#partitions.has(entry.partition)) await this.#takeOver(entry.partition);
    const partition = this.#partitions.get(entry.partition) ?? await this.#claimIdle(entry);
    const active = partition.runs.get(runId);
    const found = active ?? await this.#recover(runId);
    if (active === undefined && hasEnded(found.state.status)) this.#adopt(partition, found);
    const command = { type: "RetryRun", at: this.#clock.now() } as const;
    const { rejection, durable } = partition.execute(found, command);
    if (rejection !== null) {
      if (active === undefined) partition.forget(found);
      throw conflict(rejection);
    }
    await durable;
    return this.#handle(found);
  }

  subscribe(listener: (update: RunUpdate) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    clearInterval(this.#poll);
    await Promise.all([...this.#partitions.values()].map((partition) => partition.stop()));
    await this.#cells.close();
    const store = await this.#opening;
    for (const partition of this.#partitions.values()) {
      // With open runs the holder's name stays: it tells the next process what to take over.
      if (partition.runs.size === 0) await store?.release(partition.fence);
    }
    store?.close();
  }

  // --- runs ---

  #handle(run: ActiveRun): RunHandle {
    return {
      runId: run.state.runId,
      view: (options) => viewActiveRun(run, options),
      // Made when asked for: a view of every item is no small thing.
      get finished() {
        return run.closed.promise.then(() => viewActiveRun(run));
      },
    };
  }

  #active(runId: string): ActiveRun | undefined {
    return this.#partitionOf.get(runId)?.runs.get(runId);
  }

  /** A run of this node, or one that has closed; `null` when nobody knows it. */
  async #find(runId: string): Promise<RunHandle | null> {
    const active = this.#active(runId);
    if (active !== undefined) return this.#handle(active);
    const entry = await (await this.#store()).run(runId);
    if (entry === null) return null;
    if (entry.finishedAt === null) await this.#takeOver(entry.partition);
    const taken = this.#active(runId);
    if (taken !== undefined) return this.#handle(taken);
    const run = await this.#recover(runId);
    if (!hasEnded(run.state.status)) throw await this.#activeElsewhere(entry);
    run.closed.resolve();
    return this.#handle(run);
  }

  async #activeElsewhere(entry: RunEntry): Promise<ConflictError> {
    const holder = await (await this.#store()).holder(entry.partition);
    return new ConflictError("RUN_ACTIVE", {
      message: `Run "${entry.runId}" is being worked on by process ${holder?.pid ?? "unknown"}`,
      hint: `Follow it with: deno task denizen runs follow ${entry.runId}`,
      details: { runId: entry.runId, pid: holder?.pid ?? null },
    });
  }

  async #execute(
    runId: string,
    command: { type: "CancelRun"; at: number; reason: string } | {
      type: "PauseRun" | "ResumeRun";
      at: number;
    },
  ): Promise<void> {
    const run = this.#active(runId);
    if (run === undefined) {
      const entry = await this.#entry(runId);
      if (entry.finishedAt === null) throw await this.#activeElsewhere(entry);
      throw conflict({ code: "RUN_CLOSED", message: `Run "${runId}" is already ${entry.status}` });
    }
    const { rejection, durable } = this.#partitionOf.get(runId)!.execute(run, command);
    if (rejection !== null) throw conflict(rejection);
    await durable;
  }

  async #entry(runId: string): Promise<RunEntry> {
    const entry = await (await this.#store()).run(runId);
    if (entry !== null) return entry;
    throw new InvalidInputError("RUN_NOT_FOUND", {
      message: `Found no run "${runId}"`,
      hint: "List the runs with: deno task denizen runs list",
      details: { runId },
    });
  }

  #newEntry(state: RunState, partition: Partition): RunEntry {
    const { name, version } = state.plan.definition;
    return {
      runId: state.runId,
      workflow: name,
      version: version ?? null,
      status: "running",
      submittedAt: 0,
      finishedAt: null,
      partition: partition.fence.partition,
      firstSeq: 0,
    };
  }

  #adopt(partition: Partition, run: ActiveRun): void {
    partition.adopt(run);
    this.#track(partition, run);
  }

  #track(partition: Partition, run: ActiveRun): void {
    const { runId } = run.state;
    this.#partitionOf.set(runId, partition);
    const forget = () => {
      if (this.#active(runId) === undefined) this.#partitionOf.delete(runId);
    };
    run.closed.promise.then(forget, forget);
  }

  async #recover(runId: string): Promise<ActiveRun> {
    const recovered = await recoverRun(await this.#store(), runId, (hash) => this.#plan(hash));
    if (recovered === null) throw await this.#entry(runId);
    return await this.#activate(recovered);
  }

  async #activate({ state, entry }: { state: RunState; entry: RunEntry }): Promise<ActiveRun> {
    const content = await this.#package(state.plan.packageHash);
    const { input, runId, workDir } = state;
    return createActiveRun(
      state,
      entry,
      await this.#registerAgents(content, { input, runId, workDir }),
    );
  }

  // --- workflows ---

  /** Stores definition and code, once, before a run refers to them. */
  #remember(workflow: LoadedWorkflow): Promise<Plan> {
    const { packageHash } = workflow;
    let plan = this.#plans.get(packageHash);
    if (plan === undefined) {
      plan = this.#storePackage(workflow);
      this.#plans.set(packageHash, plan);
      this.#packages.set(packageHash, Promise.resolve(workflow.package));
    }
    return plan;
  }

  async #storePackage(workflow: LoadedWorkflow): Promise<Plan> {
    const encoder = new TextEncoder();
    for (const code of workflow.code.values()) {
      await (await this.#store()).putBlob(encoder.encode(code));
    }
    await (await this.#store()).putBlob(encoder.encode(workflow.packageText));
    return planOf(workflow.package, workflow.packageHash);
  }

  #package(packageHash: string): Promise<WorkflowPackage> {
    let content = this.#packages.get(packageHash);
    if (content === undefined) {
      content = this.#store().then((store) => loadPackage(store, packageHash));
      this.#packages.set(packageHash, content);
    }
    return content;
  }

  #plan(packageHash: string): Promise<Plan> {
    let plan = this.#plans.get(packageHash);
    if (plan === undefined) {
      plan = this.#package(packageHash).then((content) => planOf(content, packageHash));
      this.#plans.set(packageHash, plan);
    }
    return plan;
  }

  /** Keys in the cells by agent name; cells start to warm up. */
  async #registerAgents(
    content: WorkflowPackage,
    run: { input: JsonObject; runId: string; workDir: string },
    code?: ReadonlyMap<string, string>,
  ): Promise<ReadonlyMap<string, string>> {
    const known = this.#agentKeys.get(content);
    if (known?.workDir === run.workDir) return known.keys;
    const { definition } = content;
    const bindings = {
      input: run.input,
      vars: definition.vars,
      run: { id: run.runId, name: definition.name },
    };
    const keys = new Map<string, string>();
    for (const spec of definition.agents) {
      const { codeHash } = content.agents[spec.name]!;
      const manifest = await manifestOf(spec, codeHash, { bindings, workDir: run.workDir });
      const text = code?.get(codeHash) ??
        new TextDecoder().decode(await (await this.#store()).getBlob(codeHash));
      const key = this.#cells.register(manifest, text);
      this.#cells.warm(key);
      keys.set(spec.name, key);
    }
    // Where nothing depends on the run, all runs of the package share the same keys.
    if (definition.agents.every(hasFixedPermissions)) {
      this.#agentKeys.set(content, { workDir: run.workDir, keys });
    }
    return keys;
  }

  // --- partitions ---

  /** The partition that takes this process's new runs; claimed on first use. */
  #homePartition(): Promise<Partition> {
    return this.#home ??= this.#claimHome();
  }

  async #claimHome(): Promise<Partition> {
    for (let number = 0; number < PARTITIONS; number++) {
      const holder = await (await this.#store()).holder(number);
      if (holder !== null) continue;
      const fence = await this.#tryClaim(number, null);
      if (fence !== null) return await this.#lead(fence);
    }
    throw new ConflictError("NO_PARTITION_FREE", {
      message: `All ${PARTITIONS} partitions of "${this.#dataDir}" are taken by other processes`,
      hint:
        "Continue or cancel what crashed with: deno task denizen runs resume; or choose another --data",
    });
  }

  async #tryClaim(number: number, expected: Holder | null): Promise<Fence | null> {
    try {
      return await (await this.#store()).claim(number, this.#holder, expected);
    } catch (error) {
      if (error instanceof ConflictError) return null;
      throw error;
    }
  }

  /** For a closed run: its partition, when nobody works on it. */
  async #claimIdle(entry: RunEntry): Promise<Partition> {
    const holder = await (await this.#store()).holder(entry.partition);
    const fence = holder === null ? await this.#tryClaim(entry.partition, null) : null;
    if (fence !== null) return await this.#lead(fence);
    throw new ConflictError("RUN_ACTIVE", {
      message: `Process ${holder?.pid} still writes to the journal of run "${entry.runId}"`,
      hint: "Try again when its own runs have ended",
      details: { runId: entry.runId, pid: holder?.pid ?? null },
    });
  }

  async #lead(fence: Fence): Promise<Partition> {
    const partition = new Partition({
      store: await this.#store(),
      fence,
      cells: this.#cells,
      clock: this.#clock,
      random: Math.random,
      onNews: (news) => this.#publish(news),
      onLost: () => this.#partitions.delete(fence.partition),
    });
    this.#partitions.set(fence.partition, partition);
    this.#poll ??= setInterval(() => this.#pollInboxes(), INBOX_POLL_MS);
    return partition;
  }

  /** Takes a partition whose process is gone, and its open runs with it. */
  async #takeOver(number: number): Promise<void> {
    const holder = await (await this.#store()).holder(number);
    if (holder === null || this.#partitions.has(number) || !isGone(holder)) return;
    const fence = await this.#tryClaim(number, holder);
    if (fence === null) return;
    const partition = await this.#lead(fence);
    const open = await recoverOpenRuns(await this.#store(), number, (hash) => this.#plan(hash));
    for (const recovered of open) {
      const run = await this.#activate(recovered);
      this.#track(partition, run);
      partition.recover(run);
    }
    await partition.settled();
  }

  async #pollInboxes(): Promise<void> {
    if (this.#isPolling) return;
    this.#isPolling = true;
    try {
      for (const [number, partition] of this.#partitions) {
        for (const wish of await (await this.#store()).inbox(number)) partition.handle(wish);
      }
    } finally {
      this.#isPolling = false;
    }
  }

  // --- news ---

  #onResults(results: Parameters<Partition["finish"]>[0]): void {
    const groups = new Map<Partition, Parameters<Partition["finish"]>[0][number][]>();
    for (const result of results) {
      const partition = this.#partitionOf.get(result.id.runId);
      if (partition === undefined) continue;
      const group = groups.get(partition);
      if (group === undefined) groups.set(partition, [result]);
      else group.push(result);
    }
    for (const [partition, group] of groups) partition.finish(group);
  }

  #publish(news: RunNews): void {
    if (this.#listeners.size === 0) return;
    const update = describe(news, this.#clock.now());
    for (const listener of this.#listeners) listener(update);
  }
}

function describe(news: RunNews, at: number): RunUpdate {
  const { runId } = news;
  if (news.type === "event") {
    const { event } = news;
    const named = event as { task?: string; index?: number };
    return { runId, at: event.at, type: "event", taskId: taskId(named.task, named.index), event };
  }
  const { task, index, ...rest } = news;
  return { ...rest, at, taskId: taskId(task, index) };
}

function taskId(task: string | undefined, index: number | undefined): string | undefined {
  return index === undefined ? task : `${task}[${index}]`;
}

function conflict(rejection: { code: string; message: string }): ConflictError {
  return new ConflictError(rejection.code, {
    message: rejection.message,
    hint: "See where it stands with: deno task denizen runs show ID",
  });
}
