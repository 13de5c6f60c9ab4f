/**
 * Runs that nodes of a cluster work on, as any process sees them that reaches their store: wishes go
 * through the inboxes, news come from the journals.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { resolve } from "node:path";
import process from "node:process";
import { monotonicFactory } from "ulid";
import { ConflictError } from "../../core/errors.ts";
import type { BellTopic } from "../../core/cluster_ports.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import { partitionOfRun } from "../../core/partitions.ts";
import type { Holder, RunEntry } from "../../core/ports.ts";
import type { RunEvent, SubmitWish, UserWish } from "../../workflows/mod.ts";
import type { CellInfo, Cells } from "../cells/mod.ts";
import type { DenizenNode, RunHandle, RunUpdate, SubmitOptions } from "./denizen_node.ts";
import { FollowedRun } from "./followed_run.ts";
import { refuseOther } from "./idempotency.ts";
import { validateInput } from "./input_validation.ts";
import { loadWithCells } from "./load_with_cells.ts";
import type { Stores } from "./open_store.ts";
import type { PackageShelf } from "./package_shelf.ts";
import type { LoadedWorkflow, LoadOptions } from "./packages.ts";
import { findWish, type RunReader, runUnknown } from "./reader.ts";
import { tellAll, toUpdate } from "./run_update.ts";

export interface ClusterClientOptions {
  stores: Pick<Stores, "runs">;
  shelf: PackageShelf;
  reader: RunReader;
  /** How many partitions the nodes share. */
  partitions: number;
  holder: Holder;
  dataDir: string;
  /**
   * Begins a run at once, where this process leads its partition.
   *
   * @param isFresh nobody else may have submitted a run of that id
   * @returns whether it is durable; else the wish goes to the inbox. Default: always the inbox
   */
  begin?: (runId: string, wish: Omit<SubmitWish, "type">, isFresh: boolean) => Promise<boolean>;
  /** Tells nodes that something waits. */
  ring: (topics: BellTopic[]) => void;
  /** For the questions that loading a file asks of agents. */
  cells: Cells;
  /** Agents that a file may name beside its own. */
  registered?: LoadOptions["registered"];
  /** Lets go of what was opened for the client. */
  onClose: () => Promise<void>;
}

/** How often the inbox is looked at until a wish was dealt with. */
const WISH_POLL_MS = 50;

/** Submits to a cluster and follows. Closing it stops nothing. */
export class ClusterClient implements DenizenNode {
  readonly #options: ClusterClientOptions;
  readonly #nextId = monotonicFactory();
  readonly #listeners = new Set<(update: RunUpdate) => void>();
  readonly #closing = new AbortController();

  constructor(options: ClusterClientOptions) {
    this.#options = options;
  }

  get nodeId(): string {
    return this.#options.holder.nodeId;
  }

  load(file: string): Promise<LoadedWorkflow> {
    return loadWithCells(file, this.#options);
  }

  /** Accepts a run: once this resolves it is durable, and some node will begin it. */
  async submit(
    workflow: LoadedWorkflow,
    input: JsonObject,
    options: SubmitOptions = {},
  ): Promise<RunHandle> {
    const { stores: { runs }, shelf, holder, reader } = this.#options;
    const checked = await validateInput(input, workflow.definition.input);
    await shelf.remember(workflow);
    const reservation = { runId: this.#nextId(), holder };
    // Whoever has the key may send the wish as well: a run begins once.
    const { runId } = options.id === undefined
      ? reservation
      : await runs.reserve(options.id, reservation, () => false);
    const known = options.id === undefined ? null : await reader.show(runId);
    if (known !== null) {
      refuseOther(known, workflow, checked, options.id!);
      return await this.#known(runId);
    }
    const workDir = resolve(options.workDir ?? process.cwd());
    const { packageHash } = workflow;
    const wish = { packageHash, input: checked, workDir, origin: options.origin };
    const isBegun = await this.#options.begin?.(runId, wish, options.id === undefined);
    if (isBegun !== true) await this.#send(runId, "submit", bodyOf(wish));
    return await this.#follow(runId, workflow.packageHash);
  }

  /** Nothing is left over in a cluster: the handles of one run, or none. */
  async resume(runId?: string): Promise<RunHandle[]> {
    if (runId === undefined) return [];
    const view = await this.#options.reader.show(runId);
    if (view === null) throw runUnknown(runId);
    // The run list says how a run opened and closed, not whether it is paused.
    if (view.status === "paused") await this.unpause(runId);
    return [await this.#known(runId)];
  }

  async cancel(runId: string, reason = "cancelled by a user"): Promise<void> {
    await this.#wish(runId, { type: "cancel", reason });
  }

  async pause(runId: string): Promise<void> {
    await this.#wish(runId, { type: "pause" });
  }

  async unpause(runId: string): Promise<void> {
    await this.#wish(runId, { type: "resume" });
  }

  async signal(
    runId: string,
    name: string,
    payload: Json = null,
    { signalId = crypto.randomUUID() }: { signalId?: string } = {},
  ): Promise<void> {
    await this.#wish(runId, { type: "signal", name, payload, signalId });
  }

  async retry(runId: string): Promise<RunHandle> {
    const entry = await this.#entry(runId);
    if (entry.finishedAt === null || entry.status === "completed") {
      throw new ConflictError("RUN_NOT_RETRYABLE", {
        message: `Cannot retry run "${runId}": it is ${entry.status}`,
        hint: "Only runs that failed or were cancelled can be retried",
      });
    }
    await this.#send(runId, "retry", {});
    await this.#dealtWith(runId);
    return await this.#known(runId);
  }

  subscribe(listener: (update: RunUpdate) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  inspectCells(): CellInfo[] {
    return this.#options.cells.inspect();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#options.onClose();
  }

  async #wish(runId: string, wish: UserWish): Promise<void> {
    await this.#options.reader.request(runId, wish);
    this.#options.ring([`partition:${this.#partitionOf(runId)}`]);
  }

  async #send(runId: string, type: string, body: JsonObject): Promise<void> {
    const partition = this.#partitionOf(runId);
    await this.#options.stores.runs.send(partition, [{ runId, type, body }]);
    this.#options.ring([`partition:${partition}`]);
  }

  #partitionOf(runId: string): number {
    return partitionOfRun(runId, this.#options.partitions);
  }

  /** Resolves once no wish for the run waits any more. */
  async #dealtWith(runId: string): Promise<void> {
    const { stores: { runs } } = this.#options;
    const partition = this.#partitionOf(runId);
    const { signal } = this.#closing;
    while (!signal.aborted && await findWish(runs, partition, runId) !== null) {
      await sleep(WISH_POLL_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #entry(runId: string): Promise<RunEntry> {
    const entry = await this.#options.stores.runs.run(runId);
    if (entry !== null) return entry;
    throw runUnknown(runId);
  }

  /** A run that was submitted: its package stands in its first event, or in the wish for it. */
  async #known(runId: string): Promise<RunHandle> {
    const { stores: { runs }, reader } = this.#options;
    const wish = await findWish(runs, this.#partitionOf(runId), runId);
    if (wish?.type === "submit") return await this.#follow(runId, String(wish.body.packageHash));
    for await (const { event } of reader.events(runId)) {
      if (event.type === "RunSubmitted") return await this.#follow(runId, event.packageHash);
    }
    throw runUnknown(runId);
  }

  async #follow(runId: string, packageHash: string): Promise<RunHandle> {
    const plan = await this.#options.shelf.plan(packageHash);
    const run = new FollowedRun({ runId, plan }, () => this.#events(runId), (event) => {
      tellAll(this.#listeners, toUpdate({ type: "event", runId, event }, event.at));
    });
    // Whoever listens wants to hear of it from the start; whoever waits is told why it ended.
    if (this.#listeners.size > 0) void run.finished;
    return run;
  }

  async *#events(runId: string): AsyncIterable<RunEvent> {
    const { stores: { runs }, reader } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted && await runs.run(runId) === null) {
      await sleep(WISH_POLL_MS, undefined, { signal }).catch(() => {});
    }
    if (signal.aborted) return;
    for await (const { event } of reader.follow(runId, signal)) yield event;
  }
}

/** A submission as the inbox has it. */
function bodyOf({ packageHash, input, workDir, origin }: Omit<SubmitWish, "type">): JsonObject {
  const body: JsonObject = { packageHash, input, workDir };
  return origin === undefined ? body : { ...body, origin: { ...origin } as JsonObject };
}
