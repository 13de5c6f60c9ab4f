/**
 * The partitions that this node leads, and the runs in them: claiming, taking over what another
 * process left, and finding the partition that an answer belongs to.
 *
 * @module
 */
import type { AttemptId, AttemptReport } from "../../actors/mod.ts";
import { ConflictError } from "../../core/errors.ts";
import type { Clock, Fence, Holder, RunEntry, Store } from "../../core/ports.ts";
import type { Plan, RunEvent, RunState } from "../../workflows/mod.ts";
import { type ActiveRun, Partition, recoverOpenRuns, type RunNews } from "../scheduler/mod.ts";
import type { AttemptTakers } from "./attempt_desk.ts";
import { isGone } from "./process_identity.ts";

/** Partitions that processes on one data directory share: each works on its own. */
const PARTITIONS = 64;
/** How often wishes of other processes are looked for. */
const INBOX_POLL_MS = 200;

type Results = Parameters<Partition["finish"]>[0];

/** What leading needs of the node around it. */
export interface LedPartitionsOptions {
  dataDir: string;
  store: () => Promise<Store<RunEvent>>;
  cells: AttemptTakers;
  clock: Clock;
  holder: Holder;
  loadPlan: (packageHash: string) => Promise<Plan>;
  /** Makes a folded run ready to go on. */
  activate: (recovered: { state: RunState; entry: RunEntry }) => Promise<ActiveRun>;
  onNews: (news: RunNews) => void;
}

/** All partitions of one node. */
export class LedPartitions {
  readonly #options: LedPartitionsOptions;
  readonly #partitions = new Map<number, Partition>();
  readonly #byRun = new Map<string, Partition>();
  readonly #reserved = new Map<string, number>();
  /** Take-overs under way, by partition. */
  readonly #takingOver = new Map<number, Promise<void>>();
  #home: Promise<Partition> | null = null;
  #poll: ReturnType<typeof setInterval> | undefined;
  #isPolling = false;

  constructor(options: LedPartitionsOptions) {
    this.#options = options;
  }

  /** The partition that works on the run, if it is one of this node. */
  ofRun(runId: string): Partition | undefined {
    return this.#byRun.get(runId);
  }

  active(runId: string): ActiveRun | undefined {
    return this.#byRun.get(runId)?.runs.get(runId);
  }

  /** Every run that this node works on. */
  *activeRuns(): Iterable<ActiveRun> {
    for (const [runId, partition] of this.#byRun) {
      const run = partition.runs.get(runId);
      if (run !== undefined) yield run;
    }
  }

  /** Lets a partition work on a run. */
  adopt(partition: Partition, run: ActiveRun): void {
    partition.adopt(run);
    this.#track(partition, run);
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
   */
  async claimFor(entry: RunEntry): Promise<Partition> {
    await this.takeOver(entry.partition);
    const led = this.#partitions.get(entry.partition);
    if (led !== undefined) return led;
    const { term, holder } = await (await this.#options.store()).term(entry.partition);
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
    for (let number = 0; number < PARTITIONS; number++) await this.takeOver(number);
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
    const store = await this.#options.store();
    const { holder, term } = await store.term(number);
    if (holder === null || this.#partitions.has(number) || !isGone(holder)) return;
    const fence = await this.#tryClaim(number, term);
    if (fence === null) return;
    const partition = await this.#newPartition(fence);
    const { open, broken } = await recoverOpenRuns(store, number, this.#options.loadPlan);
    const runs: ActiveRun[] = [];
    for (const recovered of open) {
      try {
        runs.push(await this.#options.activate(recovered));
      } catch (error) {
        broken.push({ runId: recovered.state.runId, error });
      }
    }
    partition.hasLostRuns = broken.length > 0;
    for (const { runId, error } of broken) this.#tellBroken(runId, error);
    this.#register(partition);
    for (const run of runs) {
      this.#track(partition, run);
      partition.recover(run);
      first?.(partition, run);
    }
    await partition.settled();
  }

  #tellBroken(runId: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Could not recover run "${runId}": ${reason}`;
    this.#options.onNews({ type: "log", runId, task: "", level: "error", message });
  }

  /** Answers of the cells, to the partitions that wait for them. */
  finish(results: Results): void {
    const groups = new Map<Partition, Results[number][]>();
    for (const result of results) {
      const partition = this.#byRun.get(result.id.runId);
      if (partition === undefined) continue;
      const group = groups.get(partition);
      if (group === undefined) groups.set(partition, [result]);
      else group.push(result);
    }
    for (const [partition, group] of groups) partition.finish(group);
    // The places that became free are everybody's, also where the answer's own run has closed.
    for (const partition of this.#partitions.values()) partition.wake();
  }

  report(id: AttemptId, report: AttemptReport): void {
    this.#byRun.get(id.runId)?.report(id, report);
  }

  /** Makes durable what was decided, and decides no more. */
  async stop(): Promise<void> {
    clearInterval(this.#poll);
    await Promise.all([...this.#partitions.values()].map((partition) => partition.stop()));
  }

  /** Gives back what has no open run; otherwise the holder's name tells what to take over. */
  async release(store: Store<RunEvent>): Promise<void> {
    for (const partition of this.#partitions.values()) {
      const isDone = partition.runs.size === 0 && !partition.hasLostRuns;
      if (isDone) await store.release(partition.fence);
    }
  }

  #track(partition: Partition, run: ActiveRun): void {
    const { runId } = run.state;
    this.#byRun.set(runId, partition);
    const forget = () => {
      if (this.active(runId) === undefined) this.#byRun.delete(runId);
    };
    run.closed.promise.then(forget, forget);
  }

  async #claimHome(): Promise<Partition> {
    const store = await this.#options.store();
    for (let number = 0; number < PARTITIONS; number++) {
      const { holder, term } = await store.term(number);
      if (holder !== null) continue;
      const fence = await this.#tryClaim(number, term);
      if (fence !== null) return await this.#lead(fence);
    }
    throw new ConflictError("NO_PARTITION_FREE", {
      message: `All ${PARTITIONS} partitions of "${this.#options.dataDir}" are taken by processes`,
      hint: "Continue what crashed with: deno task denizen runs resume; or choose another --data",
    });
  }

  async #tryClaim(number: number, seenTerm: number): Promise<Fence | null> {
    try {
      return await (await this.#options.store()).claim(number, this.#options.holder, seenTerm);
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
    this.#partitions.set(partition.fence.partition, partition);
    this.#poll ??= setInterval(() => this.#pollInboxes(), INBOX_POLL_MS);
  }

  async #newPartition(fence: Fence): Promise<Partition> {
    const { cells, clock, onNews } = this.#options;
    const store = await this.#options.store();
    return new Partition({
      store,
      fence,
      lowWater: await store.lowWater(fence.partition),
      cells,
      reserved: this.#reserved,
      clock,
      random: Math.random,
      onNews,
      onLost: () => this.#lose(fence.partition),
    });
  }

  #lose(number: number): void {
    this.#partitions.delete(number);
    // The next run gets a partition that can still be written to.
    this.#home = null;
  }

  async #pollInboxes(): Promise<void> {
    if (this.#isPolling) return;
    this.#isPolling = true;
    try {
      const store = await this.#options.store();
      for (const [number, partition] of this.#partitions) {
        for (const wish of await store.inbox(number)) partition.handle(wish);
      }
    } catch {
      // A store that cannot be read cannot be written either: the next append tells.
    } finally {
      this.#isPolling = false;
    }
  }
}
