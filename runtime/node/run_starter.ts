/**
 * Runs that begin, or begin again, in a partition that this node leads. Both take a while: the
 * partition may be lost meanwhile, and then nothing is decided.
 *
 * @module
 */
import { describeFailure, type ErrorData, UnavailableError } from "../../core/errors.ts";
import type { InboxCommand } from "../../core/ports.ts";
import { labelsOf, type SubmitWish } from "../../workflows/mod.ts";
import { type ActiveRun, type Partition, recoverRun } from "../scheduler/mod.ts";
import type { Stores } from "./open_store.ts";
import type { PackageShelf } from "./package_shelf.ts";
import type { PartitionTable } from "./partition_table.ts";
import type { NewRun, RunFactory } from "./run_factory.ts";

/** What a run is begun with. */
export type RunWishBody = Omit<SubmitWish, "type">;

export interface RunStarterOptions {
  stores: Pick<Stores, "runs" | "archive">;
  shelf: PackageShelf;
  factory: RunFactory;
  table: PartitionTable;
}

export class RunStarter {
  readonly #options: RunStarterOptions;

  constructor(options: RunStarterOptions) {
    this.#options = options;
  }

  /** @param isFresh nobody else may have submitted a run of that id */
  async isKnown(partition: Partition, runId: string, isFresh = false): Promise<boolean> {
    if (partition.runs.has(runId)) return true;
    return !isFresh && await this.#options.stores.runs.run(runId) !== null;
  }

  /** Begins the run of a wish. A run that has begun before is left alone, and the wish struck off. */
  async submit(partition: Partition, { runId, id, body }: InboxCommand): Promise<void> {
    const isKnown = await this.isKnown(partition, runId);
    if (isKnown) return this.#isLed(partition) ? partition.settle(id) : undefined;
    await this.begin(partition, runId, body as unknown as RunWishBody, id);
  }

  /**
   * Begins a run that is not known.
   *
   * @param handled the wish that is struck off with it
   * @returns when it is durable, in an object so that nobody waits for it here; `null` when the
   *   partition was lost meanwhile
   */
  async begin(
    partition: Partition,
    runId: string,
    wish: RunWishBody,
    handled?: string,
  ): Promise<{ committed: Promise<void> } | null> {
    const { run, failure } = await this.#create(partition, runId, wish);
    if (!this.#isLed(partition)) return null;
    // Whoever submitted it may ask for it at once.
    run.isListedAtOnce = true;
    this.#options.table.adopt(partition, run);
    const at = partition.now();
    const { input, workDir, origin } = wish;
    run.entry = { ...run.entry, submittedAt: at, ...labelsOf(origin) };
    const submission = { type: "SubmitRun", at, input, workDir, origin } as const;
    const { durable } = partition.execute(run, submission, { handled });
    if (failure !== null) partition.execute(run, { type: "FailRun", at, error: failure });
    return { committed: durable };
  }

  /** Of a run that cannot be made ready there is one all the same, so that it can be seen to fail. */
  async #create(
    { fence: { partition } }: Partition,
    runId: string,
    { packageHash, input, workDir, origin }: RunWishBody,
  ): Promise<{ run: ActiveRun; failure: ErrorData | null }> {
    const { shelf, factory } = this.#options;
    const plan = await shelf.plan(packageHash);
    const content = await shelf.package(packageHash);
    const asked: NewRun = { runId, plan, partition, content, input, workDir, origin };
    try {
      return { run: await factory.create(asked), failure: null };
    } catch (error) {
      if (error instanceof UnavailableError) throw error;
      const failure = describeFailure(error);
      return { run: factory.createBroken({ runId, plan, partition }), failure };
    }
  }

  /** Lets a closed run go on. */
  async retry(partition: Partition, { runId, id }: InboxCommand): Promise<void> {
    const { stores, shelf, factory, table } = this.#options;
    if (partition.runs.has(runId)) return partition.settle(id);
    const loadPlan = (hash: string) => shelf.plan(hash);
    const recovered = await recoverRun(stores.runs, runId, loadPlan, stores.archive);
    if (recovered === null) return this.#isLed(partition) ? partition.settle(id) : undefined;
    const run = await factory.activate(recovered);
    const content = await shelf.package(run.state.plan.packageHash);
    await factory.startSystem(content, run.state.workDir);
    if (!this.#isLed(partition)) return;
    table.adopt(partition, run);
    const wish = { type: "RetryRun", at: partition.now() } as const;
    const { rejection } = partition.execute(run, wish, { handled: id });
    if (rejection !== null) table.forget(partition, run);
  }

  #isLed(partition: Partition): boolean {
    return this.#options.table.isLed(partition);
  }
}
