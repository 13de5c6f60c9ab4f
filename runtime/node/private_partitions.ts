/**
 * Partitions of a process that runs workflows by itself: it claims one for its own runs, and takes
 * over what another process of this machine left.
 *
 * @module
 */
import { ConflictError, UnavailableError } from "../../core/errors.ts";
import { isShared, PRIVATE_PARTITIONS } from "../../core/partitions.ts";
import type { Clock, Fence, Holder, RunEntry } from "../../core/ports.ts";
import type { Plan, RunState } from "../../workflows/mod.ts";
import {
  type ActiveRun,
  Partition,
  type PartitionOptions,
  type RunNews,
} from "../scheduler/mod.ts";
import type { AttemptTakers } from "./attempt_desk.ts";
import type { Stores } from "./open_store.ts";
import type { PartitionTable } from "./partition_table.ts";
import { isGone } from "./process_identity.ts";
import { recoverPartition } from "./recover_partition.ts";

/** How often wishes of other processes are looked for. */
const INBOX_POLL_MS = 200;

/** What leading needs of the node around it. */
export interface PrivatePartitionsOptions {
  dataDir: string;
  stores: () => Promise<Pick<Stores, "runs" | "archive">>;
  table: PartitionTable;
  cells: AttemptTakers;
  clock: Clock;
  holder: Holder;
  loadPlan: (packageHash: string) => Promise<Plan>;
  /** Makes a folded run ready to go on. */
  activate: (recovered: { state: RunState; entry: RunEntry }) => Promise<ActiveRun>;
  onNews: (news: RunNews) => void;
  onCommitted?: PartitionOptions["onCommitted"];
  askForBids?: PartitionOptions["askForBids"];
}

/** Claims partitions for the node's table. */
export class PrivatePartitions {
  readonly #options: PrivatePartitionsOptions;
  readonly #table: PartitionTable;
  /** Take-overs under way, by partition. */
  readonly #takingOver = new Map<number, Promise<void>>();
  #home: Promise<Partition> | null = null;
  #poll: ReturnType<typeof setInterval> | undefined;
  #isPolling = false;

  constructor(options: PrivatePartitionsOptions) {
    this.#options = options;
    this.#table = options.table;
  }

  /** The partition that takes this process's new runs; claimed on first use. */
  home(): Promise<Partition> {
    if (this.#home === null) {
      this.#home = this.#claimHome();
      this.#home.catch(() => this.#home = null);
    }
    return this.#home;
  }

  /**
   * The partition that a closed run belongs to, claimed if need be.
   *
   * @throws {ConflictError} `RUN_ACTIVE` when a living process leads it
   * @throws {UnavailableError} `SERVER_NOT_FOUND` when nodes share it, and none of them lives
   */
  async claimFor(entry: RunEntry): Promise<Partition> {
    if (isShared(entry.partition)) {
      throw new UnavailableError("SERVER_NOT_FOUND", {
        message: `Cannot reach run "${entry.runId}": it belongs to nodes, and none of them lives`,
        hint: "Start one with: deno task serve",
      });
    }
    await this.takeOver(entry.partition);
    const led = this.#table.get(entry.partition);
    if (led !== undefined) return led;
    const { term, holder } = await (await this.#options.stores()).runs.term(entry.partition);
    const fence = holder === null ? await this.#tryClaim(entry.partition, term) : null;
    if (fence !== null) return await this.#lead(fence);
    throw new ConflictError("RUN_ACTIVE", {
      message: `Process ${holder?.pid} still writes to the journal of run "${entry.runId}"`,
      hint: "Try again when its own runs have ended",
      details: { runId: entry.runId, pid: holder?.pid ?? null },
    });
  }

  /** Takes over whatever processes left that are gone. */
  async takeOverAll(): Promise<void> {
    for (const number of privateNumbers()) await this.takeOver(number);
  }

  /**
   * Takes a partition whose process is gone, and its open runs with it.
   *
   * @param first is called with each run before any of its attempts can start
   */
  takeOver(
    number: number,
    first?: (partition: Partition, run: ActiveRun) => void,
  ): Promise<void> {
    let taking = this.#takingOver.get(number);
    if (taking === undefined) {
      taking = this.#takeOver(number, first);
      this.#takingOver.set(number, taking);
      const forget = () => this.#takingOver.delete(number);
      taking.then(forget, forget);
    }
    return taking;
  }

  /** Everything is folded before the partition counts as led: what fails leaves it to be taken again. */
  async #takeOver(
    number: number,
    first?: (partition: Partition, run: ActiveRun) => void,
  ): Promise<void> {
    // What nodes share is theirs, also while none of them is up.
    if (isShared(number)) return;
    const { runs: store } = await this.#options.stores();
    const { holder, term } = await store.term(number);
    if (holder === null || this.#table.get(number) !== undefined || !isGone(holder)) return;
    const fence = await this.#tryClaim(number, term);
    if (fence === null) return;
    const partition = await this.#newPartition(fence);
    const stores = await this.#options.stores();
    const { loadPlan, activate } = this.#options;
    const { runs, broken } = await recoverPartition(number, { stores, loadPlan, activate });
    for (const { runId, error } of broken) {
      partition.lostRuns.add(runId);
      this.#tellBroken(runId, error);
    }
    this.#register(partition);
    for (const run of runs) {
      this.#table.track(partition, run);
      partition.takeOn(run);
      void partition.recover(run);
      first?.(partition, run);
    }
    await partition.settled();
  }

  #tellBroken(runId: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Could not recover run "${runId}": ${reason}`;
    this.#options.onNews({ type: "log", runId, task: "", level: "error", message });
  }

  /** Makes durable what was decided, and decides no more. */
  async stop(): Promise<void> {
    clearInterval(this.#poll);
    await this.#table.stop();
  }

  /** Gives back what has no open run; otherwise the holder's name tells what to take over. */
  async release({ runs: store }: Pick<Stores, "runs">): Promise<void> {
    for (const partition of this.#table.all()) {
      const isDone = partition.runs.size === 0 && partition.lostRuns.size === 0;
      if (isDone) await store.release(partition.fence);
    }
  }

  async #claimHome(): Promise<Partition> {
    const { runs: store } = await this.#options.stores();
    for (const number of privateNumbers()) {
      const { holder, term } = await store.term(number);
      if (holder !== null) continue;
      const fence = await this.#tryClaim(number, term);
      if (fence !== null) return await this.#lead(fence);
    }
    throw new ConflictError("NO_PARTITION_FREE", {
      message:
        `All ${PRIVATE_PARTITIONS.count} partitions of "${this.#options.dataDir}" are taken by processes`,
      hint: "Continue what crashed with: deno task denizen runs resume; or choose another --data",
    });
  }

  async #tryClaim(number: number, seenTerm: number): Promise<Fence | null> {
    try {
      return await (await this.#options.stores()).runs.claim(
        number,
        this.#options.holder,
        seenTerm,
      );
    } catch (error) {
      if (error instanceof ConflictError) return null;
      throw error;
    }
  }

  async #lead(fence: Fence): Promise<Partition> {
    const partition = await this.#newPartition(fence);
    this.#register(partition);
    return partition;
  }

  #register(partition: Partition): void {
    this.#table.add(partition);
    this.#poll ??= setInterval(() => this.#pollInboxes(), INBOX_POLL_MS);
  }

  async #newPartition(fence: Fence): Promise<Partition> {
    const { cells, clock, onNews, onCommitted, askForBids } = this.#options;
    const { runs: store } = await this.#options.stores();
    return new Partition({
      store,
      fence,
      lowWater: await store.lowWater(fence.partition),
      cells,
      reserved: this.#table.reserved,
      clock,
      random: Math.random,
      onNews,
      onCommitted,
      askForBids,
      onLost: () => this.#lose(fence.partition),
    });
  }

  #lose(number: number): void {
    const partition = this.#table.get(number);
    if (partition !== undefined) this.#table.remove(partition);
    // The next run gets a partition that can still be written to.
    this.#home = null;
  }

  async #pollInboxes(): Promise<void> {
    if (this.#isPolling) return;
    this.#isPolling = true;
    try {
      const { runs: store } = await this.#options.stores();
      for (const number of this.#table.numbers) {
        const partition = this.#table.get(number);
        for (const wish of await store.inbox(number)) {
          if (partition === undefined || partition.lostRuns.has(wish.runId)) continue;
          if (!partition.isInHand(wish.id)) partition.handle(wish);
        }
      }
    } catch {
      // A store that cannot be read cannot be written either: the next append tells.
    } finally {
      this.#isPolling = false;
    }
  }
}

function privateNumbers(): number[] {
  const { first, count } = PRIVATE_PARTITIONS;
  return Array.from({ length: count }, (_, at) => first + at);
}
