/**
 * A node: the composition root of store, cells and scheduler. It never runs a user's code itself.
 *
 * @module
 */
import { resolve } from "node:path";
import process from "node:process";
import { monotonicFactory } from "ulid";
import { ConflictError, type DenizenError, UnavailableError } from "../../core/errors.ts";
import { isShared } from "../../core/partitions.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { Clock, Holder, RunEntry, Store } from "../../core/ports.ts";
import { hasEnded, labelsOf, type RunCommand, type RunEvent } from "../../workflows/mod.ts";
import { type AuditLog, openAudit } from "../audit/mod.ts";
import { type CellInfo, type Cells, createCells } from "../cells/mod.ts";
import { recoverRun, viewActiveRun } from "../scheduler/mod.ts";
import type { ActiveRun, RunNews } from "../scheduler/mod.ts";
import { type AgentServices, openAgentServices } from "./agent_services.ts";
import { AttemptDesk } from "./attempt_desk.ts";
import { askForBids } from "../assignment/mod.ts";
import { isStoreThere, openStores, type StorePlace, type Stores } from "./open_store.ts";
import { systemClock } from "./clock.ts";
import type {
  DenizenNode,
  NodeOptions,
  RunHandle,
  RunUpdate,
  SubmitOptions,
} from "./denizen_node.ts";
import { HostedSystems } from "./hosted_systems.ts";
import { refuseOther } from "./idempotency.ts";
import { validateInput } from "./input_validation.ts";
import { listenToCells } from "./listen_to_cells.ts";
import { PackageShelf } from "./package_shelf.ts";
import { loadWithCells } from "./load_with_cells.ts";
import type { LoadedWorkflow } from "./packages.ts";
import { PartitionTable } from "./partition_table.ts";
import { PrivatePartitions } from "./private_partitions.ts";
import { identifyProcess, isGone, retire } from "./process_identity.ts";
import { readRuns, runUnknown } from "./reader.ts";
import { RunFactory } from "./run_factory.ts";
import { tellAll, toUpdate } from "./run_update.ts";

/**
 * Starts a node. It works until {@linkcode DenizenNode.close}. The state directory is not touched
 * before a run is submitted, resumed or looked for.
 */
export function openNode(options: NodeOptions): DenizenNode {
  return openNodeWith(createCells(options), options);
}

/** As {@linkcode openNode}, with cells that were started before: they come up meanwhile. */
export function openNodeWith(cells: Cells, options: NodeOptions): DenizenNode {
  const { dataDir, store, nodeId } = options;
  return new LocalNode(cells, { dataDir: resolve(dataDir), store }, nodeId);
}

/** What a data directory holds, and its audit log. */
interface Opened {
  stores: Stores;
  audit: AuditLog;
}

/** A node whose cells are child processes of this one. */
class LocalNode implements DenizenNode {
  readonly #cells: Cells;
  #opening: Promise<Opened> | null = null;
  #openingAgents: Promise<AgentServices> | null = null;
  /** Once they are open. */
  #agents: AgentServices | null = null;
  /** Once it is open. */
  #audit: AuditLog | null = null;
  readonly #clock: Clock = systemClock;
  readonly #place: StorePlace;
  readonly #workDir = process.cwd();
  readonly #holder: Holder;
  readonly #nextId = monotonicFactory();
  /** Submissions with an idempotency key that are under way, by key. */
  readonly #submitting = new Map<string, Promise<RunHandle>>();
  readonly #retrying = new Map<string, Promise<RunHandle>>();
  readonly #listeners = new Set<(update: RunUpdate) => void>();
  readonly #shelf = new PackageShelf(() => this.#store());
  /** What cells say of runs that were lost to another process is of no use any more. */
  readonly #table = new PartitionTable(() => {});
  readonly #partitions: PrivatePartitions;
  readonly #factory: RunFactory;
  readonly #systems: HostedSystems;
  readonly #desk: AttemptDesk;

  constructor(cells: Cells, place: StorePlace, nodeId?: string) {
    this.#cells = cells;
    this.#place = place;
    this.#holder = identifyProcess(nodeId ?? `node-${this.#nextId()}`);
    this.#systems = new HostedSystems({
      open: () => this.#open(),
      cells,
      holder: this.#holder,
      loadCode: (codeHash) => this.#shelf.code(codeHash),
    });
    this.#desk = new AttemptDesk({
      cells,
      systemOf: (name) => this.#systems.find(name),
      onResults: (results) => this.#table.finish(results),
    });
    this.#factory = new RunFactory({
      cells,
      shelf: this.#shelf,
      systems: this.#systems,
      markets: async () => (await this.#openAgents()).markets,
    });
    this.#partitions = new PrivatePartitions({
      dataDir: place.dataDir,
      stores: async () => (await this.#open()).stores,
      table: this.#table,
      cells: this.#desk,
      clock: this.#clock,
      holder: this.#holder,
      loadPlan: (packageHash) => this.#shelf.plan(packageHash),
      activate: (recovered) => this.#factory.activate(recovered),
      onNews: (news) => this.#publish(news),
      askForBids: (run, auction) =>
        askForBids(run, auction, { cells, audit: this.#audit }, this.#clock.now()),
      onCommitted: (...commit) => this.#agents?.knowledge.offer(...commit),
    });
    cells.answerRecalls(async (attempt, query) =>
      await (await this.#openAgents()).recall(attempt, query)
    );
    listenToCells(cells, {
      table: this.#table,
      systems: this.#systems,
      audit: () => this.#audit,
      agentKeysOf: (runId) => this.#table.active(runId)?.agentKeys,
    });
  }

  /** Opened on first use: a file that cannot run leaves nothing behind. */
  #open(): Promise<Opened> {
    return this.#opening ??= openStores(this.#place).then((stores) => {
      this.#audit = openAudit(stores.audit, this.#clock);
      return { stores, audit: this.#audit };
    });
  }

  /** Opened with the first run that needs somebody to be chosen. */
  #openAgents(): Promise<AgentServices> {
    return this.#openingAgents ??= this.#open().then(async ({ stores, audit }) =>
      this.#agents = await openAgentServices({
        stores,
        audit,
        cells: this.#cells,
        dataDir: this.#place.dataDir,
        clock: this.#clock,
        tenantOf: (runId) => this.#table.tenantOf(runId),
        onChange: () => this.#table.wake(),
        onError: (error) => this.#tell(`Could not look at the agents: ${error}`),
      })
    );
  }

  async #store(): Promise<Store<RunEvent>> {
    return (await this.#open()).stores.runs;
  }

  get nodeId(): string {
    return this.#holder.nodeId;
  }

  inspectCells(): CellInfo[] {
    return this.#cells.inspect();
  }

  load(file: string): Promise<LoadedWorkflow> {
    return loadWithCells(file, {
      cells: this.#cells,
      dataDir: this.#place.dataDir,
      // Where nothing is kept, nobody is registered: looking leaves nothing behind.
      registered: isStoreThere(this.#place)
        ? async () => (await this.#openAgents()).registry.roster
        : undefined,
    });
  }

  async submit(
    workflow: LoadedWorkflow,
    input: JsonObject,
    options: SubmitOptions = {},
  ): Promise<RunHandle> {
    const checked = await validateInput(input, workflow.definition.input);
    if (options.id === undefined) {
      return await this.#accept(workflow, checked, this.#nextId(), options);
    }
    // Callers with the same key that come at the same time share one submission.
    const { id } = options;
    let handle = this.#submitting.get(id);
    if (handle === undefined) {
      handle = this.#submitOnce(workflow, checked, { ...options, id });
      this.#submitting.set(id, handle);
      const forget = () => this.#submitting.delete(id);
      handle.then(forget, forget);
    }
    const submitted = await handle;
    refuseOther(submitted.view({ items: false }), workflow, checked, id);
    return submitted;
  }

  /** The key belongs to the process that came first, as long as that lives or until it accepted. */
  async #submitOnce(
    workflow: LoadedWorkflow,
    checked: JsonObject,
    options: SubmitOptions & { id: string },
  ): Promise<RunHandle> {
    const wish = { runId: this.#nextId(), holder: this.#holder };
    const store = await this.#store();
    const { runId, holder } = await store.reserve(options.id, wish, isGone);
    const known = await this.#find(runId);
    if (known !== null) return known;
    if (holder.nodeId === this.nodeId) return await this.#accept(workflow, checked, runId, options);
    throw new ConflictError("RUN_ACTIVE", {
      message: `Process ${holder.pid} is just submitting a run with the key "${options.id}"`,
      hint: "Ask again in a moment",
      details: { runId, pid: holder.pid },
    });
  }

  async #accept(
    workflow: LoadedWorkflow,
    checked: JsonObject,
    runId: string,
    options: SubmitOptions,
  ): Promise<RunHandle> {
    const workDir = options.workDir === undefined ? this.#workDir : resolve(options.workDir);
    const plan = await this.#shelf.remember(workflow);
    const partition = await this.#partitions.home();
    const run = await this.#factory.create({
      runId,
      plan,
      content: workflow.package,
      input: checked,
      workDir,
      partition: partition.fence.partition,
      origin: options.origin,
      code: workflow.code,
    });
    // A second submission with the same key looks for the first one in the list.
    run.isListedAtOnce = options.id !== undefined;
    this.#table.adopt(partition, run);
    const at = this.#clock.now();
    const { origin } = options;
    run.entry = { ...run.entry, submittedAt: at, ...labelsOf(origin) };
    const command = { type: "SubmitRun", at, input: checked, workDir, origin } as const;
    const { rejection, durable } = partition.execute(run, command);
    if (rejection !== null) throw conflict(runId, rejection);
    await durable;
    return this.#handle(run);
  }

  async resume(runId?: string): Promise<RunHandle[]> {
    if (runId === undefined) {
      await this.#partitions.takeOverAll();
      return [...this.#table.activeRuns()].map((run) => this.#handle(run));
    }
    const entry = await this.#entry(runId);
    await this.#partitions.takeOver(entry.partition);
    const handle = await this.#find(runId);
    const run = this.#table.active(runId);
    if (run?.state.isPaused) {
      await this.#execute(runId, { type: "ResumeRun", at: this.#clock.now() });
    }
    return handle === null ? [] : [handle];
  }

  async cancel(runId: string, reason = "cancelled by a user"): Promise<void> {
    const command = { type: "CancelRun", at: this.#clock.now(), reason } as const;
    if (this.#table.active(runId) !== undefined) return await this.#execute(runId, command);
    const entry = await this.#entry(runId);
    if (entry.finishedAt !== null) return await this.#execute(runId, command);
    let durable: Promise<void> | null = null;
    await this.#partitions.takeOver(entry.partition, (partition, run) => {
      if (run.state.runId === runId) durable = partition.execute(run, command).durable;
    });
    if (durable === null) return await this.#execute(runId, command);
    await durable;
  }

  pause(runId: string): Promise<void> {
    return this.#execute(runId, { type: "PauseRun", at: this.#clock.now() });
  }

  unpause(runId: string): Promise<void> {
    return this.#execute(runId, { type: "ResumeRun", at: this.#clock.now() });
  }

  signal(
    runId: string,
    name: string,
    payload: Json = null,
    { signalId = crypto.randomUUID() }: { signalId?: string } = {},
  ): Promise<void> {
    const at = this.#clock.now();
    return this.#execute(runId, { type: "SignalRun", at, name, payload, signalId });
  }

  retry(runId: string): Promise<RunHandle> {
    // Two at once are one retry.
    let handle = this.#retrying.get(runId);
    if (handle === undefined) {
      handle = this.#retry(runId);
      this.#retrying.set(runId, handle);
      const forget = () => this.#retrying.delete(runId);
      handle.then(forget, forget);
    }
    return handle;
  }

  async #retry(runId: string): Promise<RunHandle> {
    const { stores } = await this.#open();
    // Left to nodes of which none has begun it, it has no line in the list.
    const isPending = await stores.runs.run(runId) === null &&
      await readRuns(stores).show(runId) !== null;
    const entry = isPending ? null : await this.#entry(runId);
    if (entry === null || entry.finishedAt === null) {
      const message = `Cannot retry run "${runId}": it is still open`;
      throw conflict(runId, { code: "RUN_NOT_RETRYABLE", message });
    }
    const partition = await this.#partitions.claimFor(entry);
    const active = partition.runs.get(runId);
    const run = active ?? await this.#recover(runId);
    const content = await this.#shelf.package(run.state.plan.packageHash);
    await this.#factory.startSystem(content, run.state.workDir);
    if (active === undefined) this.#table.adopt(partition, run);
    const command = { type: "RetryRun", at: this.#clock.now() } as const;
    const { rejection, durable } = partition.execute(run, command);
    if (rejection !== null) {
      if (active === undefined) this.#table.forget(partition, run);
      throw conflict(runId, rejection);
    }
    await durable;
    return this.#handle(run);
  }

  subscribe(listener: (update: RunUpdate) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#partitions.stop();
    this.#desk.stop();
    await this.#systems.close();
    await (await this.#openingAgents)?.close();
    await this.#cells.close();
    const opened = await this.#opening;
    if (opened !== null) {
      await this.#partitions.release(opened.stores);
      await opened.audit.close();
      await opened.stores.close();
    }
    retire(this.nodeId);
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

  /** A run of this node, or one that has closed; `null` when nobody knows it. */
  async #find(runId: string): Promise<RunHandle | null> {
    const active = this.#table.active(runId);
    if (active !== undefined) return this.#handle(active);
    const entry = await (await this.#store()).run(runId);
    if (entry === null) return null;
    if (entry.finishedAt === null) await this.#partitions.takeOver(entry.partition);
    const taken = this.#table.active(runId);
    if (taken !== undefined) return this.#handle(taken);
    const run = await this.#recover(runId);
    if (!hasEnded(run.state.status)) throw await this.#activeElsewhere(entry);
    run.closed.resolve();
    return this.#handle(run);
  }

  async #activeElsewhere(entry: RunEntry): Promise<DenizenError> {
    if (isShared(entry.partition)) {
      return new UnavailableError("SERVER_NOT_FOUND", {
        message: `Cannot reach run "${entry.runId}": it belongs to nodes, and none of them lives`,
        hint: "Start one with: deno task serve",
      });
    }
    const { holder } = await (await this.#store()).term(entry.partition);
    return new ConflictError("RUN_ACTIVE", {
      message: `Run "${entry.runId}" is being worked on by process ${holder?.pid ?? "unknown"}`,
      hint: `Follow it with: deno task denizen runs follow ${entry.runId}`,
      details: { runId: entry.runId, pid: holder?.pid ?? null },
    });
  }

  async #execute(
    runId: string,
    command: Extract<
      RunCommand,
      { type: "CancelRun" | "PauseRun" | "ResumeRun" | "SignalRun" }
    >,
  ): Promise<void> {
    const run = this.#table.active(runId);
    if (run === undefined) {
      const entry = await this.#entry(runId);
      if (entry.finishedAt === null) throw await this.#activeElsewhere(entry);
      throw conflict(runId, {
        code: "RUN_CLOSED",
        message: `Run "${runId}" is already ${entry.status}`,
      });
    }
    const { rejection, durable } = this.#table.ofRun(runId)!.execute(run, command);
    if (rejection !== null) throw conflict(runId, rejection);
    await durable;
  }

  async #entry(runId: string): Promise<RunEntry> {
    const entry = await (await this.#store()).run(runId);
    if (entry !== null) return entry;
    throw runUnknown(runId);
  }

  async #recover(runId: string): Promise<ActiveRun> {
    const { runs, archive } = (await this.#open()).stores;
    const loadPlan = (hash: string) => this.#shelf.plan(hash);
    const recovered = await recoverRun(runs, runId, loadPlan, archive);
    if (recovered === null) throw await this.#entry(runId);
    return await this.#factory.activate(recovered);
  }

  // --- news ---

  #tell(message: string): void {
    this.#publish({ type: "log", runId: "", task: "", level: "error", message });
  }

  #publish(news: RunNews): void {
    if (this.#listeners.size === 0) return;
    tellAll(this.#listeners, toUpdate(news, this.#clock.now()));
  }
}

function conflict(
  runId: string,
  rejection: { code: string; message: string },
): ConflictError {
  return new ConflictError(rejection.code, {
    message: rejection.message,
    hint: `See where it stands with: deno task denizen runs show ${runId}`,
  });
}
