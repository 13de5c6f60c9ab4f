/**
 * Runs folded from their events, kept while somebody looks at them: what is asked for again costs
 * only the events since.
 *
 * @module
 */
import { partitionOfRun } from "../../core/partitions.ts";
import type { RunEntry } from "../../core/ports.ts";
import {
  createRunState,
  evolve,
  hasEnded,
  type RunState,
  type SubmitWish,
} from "../../workflows/mod.ts";
import type { Stores } from "../node/open_store.ts";
import type { WorkflowPackage } from "../node/mod.ts";
import { findWish, runUnknown } from "../node/reader.ts";
import { readHistory } from "../scheduler/mod.ts";
import { BoundedCache } from "./bounded_cache.ts";
import type { PackageReader } from "./package_reader.ts";
import { TaskLogs } from "./task_logs.ts";

/** A run as its journal leaves it. It changes in place: look at it without waiting in between. */
export interface FoldedRun {
  readonly runId: string;
  /** `null` before a node has begun it. */
  readonly entry: RunEntry | null;
  /** Partition whose leader works on it. */
  readonly partition: number;
  readonly state: RunState;
  readonly content: WorkflowPackage;
  readonly logs: TaskLogs;
}

/** Of all runs together that are kept folded: events, tasks, and their values by size. */
const CACHE = { entriesMax: 128, weightMax: 400_000 };
/** So many characters of JSON text weigh as much as an event. */
const CHARS_PER_EVENT = 200;
/** What is known may be so old, unless this node heard of news. */
const FRESH_MS = { open: 100, closed: 500 };

interface Kept {
  fold: Fold;
  checkedAt: number;
  refreshing: Promise<FoldedRun> | null;
  /** The look behind the one that is under way: it sees what that one may have come too early for. */
  next: Promise<FoldedRun> | null;
}

/** Folds runs. */
export class RunFolds {
  readonly #stores: Pick<Stores, "runs" | "archive" | "cluster">;
  readonly #packages: PackageReader;
  readonly #now: () => number;
  readonly #kept = new BoundedCache<Kept>(CACHE);
  readonly #opening = new Map<string, Promise<FoldedRun>>();
  #partitions: number | null = null;

  /** @param now milliseconds that never run backwards */
  constructor(
    stores: Pick<Stores, "runs" | "archive" | "cluster">,
    options: { packages: PackageReader; now: () => number },
  ) {
    this.#stores = stores;
    this.#packages = options.packages;
    this.#now = options.now;
  }

  /**
   * The run, at most a moment old.
   *
   * @param options `isFresh`: with everything that was durable at the call
   * @throws {InvalidInputError} `RUN_NOT_FOUND`
   */
  get(runId: string, { isFresh = false }: { isFresh?: boolean } = {}): Promise<FoldedRun> {
    const kept = this.#kept.get(runId);
    if (kept === undefined) return this.#open(runId);
    const freshMs = hasEnded(kept.fold.state.status) ? FRESH_MS.closed : FRESH_MS.open;
    const isKnown = !isFresh && this.#now() - kept.checkedAt < freshMs;
    return isKnown ? kept.refreshing ?? Promise.resolve(kept.fold) : this.#refresh(kept);
  }

  /** Something happened to the run. */
  touch(runId: string): void {
    const kept = this.#kept.get(runId);
    if (kept !== undefined) kept.checkedAt = -Infinity;
  }

  /** The partition of a run that nodes share. */
  async partitionOf(runId: string): Promise<number | null> {
    this.#partitions ??= (await this.#stores.cluster.knownSettings())?.partitions ?? null;
    return this.#partitions === null ? null : partitionOfRun(runId, this.#partitions);
  }

  #open(runId: string): Promise<FoldedRun> {
    const opening = this.#opening.get(runId);
    if (opening !== undefined) return opening;
    const opened = this.#read(runId).finally(() => this.#opening.delete(runId));
    this.#opening.set(runId, opened);
    return opened;
  }

  async #read(runId: string): Promise<FoldedRun> {
    const checkedAt = this.#now();
    const entry = await this.#stores.runs.run(runId);
    if (entry === null) return await this.#readPending(runId);
    const fold = new Fold(entry);
    await fold.read(this.#stores, this.#packages);
    this.#kept.set(runId, { fold, checkedAt, refreshing: null, next: null }, fold.weight);
    return fold;
  }

  /** A run that was submitted, and that no node has begun. */
  async #readPending(runId: string): Promise<FoldedRun> {
    const partition = await this.partitionOf(runId);
    const wish = partition === null ? null : await findWish(this.#stores.runs, partition, runId);
    if (wish?.type !== "submit") {
      // Begun between the two looks, or nobody knows it.
      if (await this.#stores.runs.run(runId) === null) throw runUnknown(runId);
      return await this.#read(runId);
    }
    const { packageHash, input, workDir, origin } = wish.body as unknown as SubmitWish;
    const { plan, content } = await this.#packages.plan(packageHash);
    const state = createRunState(runId, plan);
    Object.assign(state, { input, workDir, origin: origin ?? {} });
    return { runId, entry: null, partition: partition!, state, content, logs: new TaskLogs() };
  }

  #refresh(kept: Kept): Promise<FoldedRun> {
    const { refreshing } = kept;
    if (refreshing !== null) {
      return kept.next ??= refreshing.then(() => {}, () => {}).then(() => {
        kept.next = null;
        return this.#refresh(kept);
      });
    }
    return kept.refreshing = this.#goOn(kept).finally(() => kept.refreshing = null);
  }

  async #goOn(kept: Kept): Promise<FoldedRun> {
    const { fold } = kept;
    const { runId } = fold;
    kept.checkedAt = this.#now();
    try {
      const entry = await this.#stores.runs.run(runId);
      if (entry === null) throw runUnknown(runId);
      fold.entry = entry;
      await fold.read(this.#stores, this.#packages);
      this.#kept.set(runId, kept, fold.weight);
      return fold;
    } catch (error) {
      // It may have stopped half-way: the next one begins anew.
      this.#kept.delete(runId);
      throw error;
    }
  }
}

class Fold implements FoldedRun {
  readonly runId: string;
  readonly logs = new TaskLogs();
  entry: RunEntry;
  #begun: { state: RunState; content: WorkflowPackage } | null = null;
  #nextSeq: number;
  /** Of the events that hold values. */
  #chars = 0;
  /** When the run closed, as far as it was folded. */
  #closedAt: number | null = null;

  constructor(entry: RunEntry) {
    this.runId = entry.runId;
    this.entry = entry;
    this.#nextSeq = entry.firstSeq;
  }

  get partition(): number {
    return this.entry.partition;
  }

  get state(): RunState {
    return this.#begun!.state;
  }

  get content(): WorkflowPackage {
    return this.#begun!.content;
  }

  get weight(): number {
    const { eventCount, tasks } = this.state;
    return eventCount + tasks.length + Math.ceil(this.#chars / CHARS_PER_EVENT);
  }

  /** Folds what came since. */
  async read(
    { runs, archive }: Pick<Stores, "runs" | "archive">,
    packages: PackageReader,
  ): Promise<void> {
    const { entry } = this;
    if (this.#closedAt !== null && this.#closedAt === entry.finishedAt) return;
    for await (const { seq, event } of readHistory(runs, entry, this.#nextSeq, archive)) {
      if (this.#begun === null) {
        if (event.type !== "RunSubmitted") throw runUnknown(this.runId);
        const { plan, content } = await packages.plan(event.packageHash);
        this.#begun = { state: createRunState(this.runId, plan), content };
      }
      evolve(this.state, event);
      this.logs.add(event);
      if ("output" in event || "input" in event) this.#chars += JSON.stringify(event).length;
      this.#nextSeq = seq + 1;
    }
    if (this.#begun === null) throw runUnknown(this.runId);
    this.#closedAt = hasEnded(this.state.status) ? this.state.finishedAt : null;
  }
}
