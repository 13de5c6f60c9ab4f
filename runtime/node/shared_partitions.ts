/**
 * The partitions that this node leads in a cluster: folding what another leader left, adopting
 * attempts, letting go. Beside it stand what deals with wishes (`run_wishes.ts`), with inboxes
 * (`inbox_reader.ts`) and with attempts of nodes that are gone (`gone_attempts.ts`).
 *
 * @module
 */
import type { AttemptId } from "../../actors/mod.ts";
import { ConflictError, DenizenError } from "../../core/errors.ts";
import type { Clock, Fence, InboxCommand } from "../../core/ports.ts";
import {
  type AttemptLetter,
  type AttemptPlace,
  planAdoption,
  wantedAttempts,
} from "../../workflows/mod.ts";
import {
  type ActiveRun,
  Partition,
  type PartitionOptions,
  type RunNews,
  type Untold,
} from "../scheduler/mod.ts";
import type { AttemptTakers } from "./attempt_desk.ts";
import { AttemptLetters, type PostLetters } from "./attempt_letters.ts";
import { attemptAt } from "./attempt_name.ts";
import { noteAttemptsHere } from "./attempts_here.ts";
import { GoneAttempts } from "./gone_attempts.ts";
import { InboxReader } from "./inbox_reader.ts";
import type { Outbox } from "./outbox.ts";
import type { Stores } from "./open_store.ts";
import type { PackageShelf } from "./package_shelf.ts";
import { PartitionKeepers } from "./partition_keepers.ts";
import type { PartitionTable } from "./partition_table.ts";
import { type RecoveredPartition, recoverPartition } from "./recover_partition.ts";
import type { RunFactory } from "./run_factory.ts";
import { RunStarter, type RunWishBody } from "./run_starter.ts";
import { RunWishes } from "./run_wishes.ts";

/** What leading needs to know of the other nodes. */
export interface Peers {
  /** Whether leadership of the partition is confirmed at this moment. */
  mayDispatch(partition: number): boolean;
  /** Nodes that live, as `name/boot`. */
  living(): ReadonlySet<string>;
  /** A write of that term was refused: somebody else leads. */
  fenced(partition: number, term: number): void;
  /** This node cannot go on with the partition as it is: it is to be claimed anew. */
  surrender(partition: number, term: number): void;
}

export interface SharedPartitionsOptions {
  stores: Pick<Stores, "runs" | "archive" | "documents">;
  table: PartitionTable;
  cells: AttemptTakers;
  clock: Clock;
  /** This node in the journal, as `name/boot`. */
  node: string;
  shelf: PackageShelf;
  factory: RunFactory;
  outbox: Outbox;
  /** Posts notes to a node, which is told that they are there. */
  post: PostLetters;
  onNews: (news: RunNews) => void;
  /** What became durable in a partition that this node leads. */
  onCommitted?: PartitionOptions["onCommitted"];
  askForBids?: PartitionOptions["askForBids"];
  /** How often inboxes are looked at, whether a doorbell rang or not. */
  pollMs: number;
}

/** The leader's side of a cluster's partitions. */
export class SharedPartitions {
  readonly #options: SharedPartitionsOptions;
  #peers!: Peers;
  /** The leadership that was won last, by partition, until it is lost. */
  readonly #latest = new Map<number, Fence>();
  readonly #keepers: PartitionKeepers;
  readonly #wishes: RunWishes;
  readonly #inboxes: InboxReader;
  readonly #gone: GoneAttempts;

  constructor(options: SharedPartitionsOptions) {
    this.#options = options;
    const { stores, shelf, factory, table, clock, post, pollMs } = options;
    const onError = (error: unknown) => this.#tell(`Could not read an inbox: ${error}`);
    this.#keepers = new PartitionKeepers({
      stores,
      shelf,
      clock,
      onTrouble: (error) => this.#tell(`Could not shorten a journal: ${error}`),
    });
    this.#wishes = new RunWishes({
      table,
      starter: new RunStarter({ stores, shelf, factory, table }),
      onBroken: (runId, error) => this.#tellBroken(runId, error),
      onNotBegun: (error) => this.#tell(`Could not begin a run at once: ${error}`),
    });
    this.#inboxes = new InboxReader({
      store: stores.runs,
      table,
      onWish: (partition, wish) => {
        if (!this.#wishes.has(wish.id)) this.#wishes.take(partition, wish);
      },
      onError,
      pollMs,
    });
    this.#gone = new GoneAttempts({
      table,
      living: () => this.#peers.living(),
      readInbox: (number) => this.#inboxes.read(number),
      post,
      onError,
    });
  }

  /** Before anything is led. */
  join(peers: Peers): void {
    this.#peers = peers;
  }

  // --- leadership ---

  /** Folds the journal of a partition that was just claimed, and goes on with its runs. */
  async lead(fence: Fence): Promise<void> {
    this.#latest.set(fence.partition, fence);
    const { runs, broken, lastAt } = await this.#fold(fence.partition);
    const partition = await this.#newPartition(fence, lastAt);
    for (const { runId, error } of broken) {
      partition.lostRuns.add(runId);
      this.#tellBroken(runId, error);
    }
    // What was said before a node died counts before its attempts are lost.
    const waiting = await this.#inboxes.list(fence.partition);
    // Lost meanwhile: this node may lead it in a later term by now.
    if (this.#latest.get(fence.partition) !== fence) return;
    this.#options.table.add(partition);
    this.#recover(partition, runs, waiting);
    this.#keepers.start(partition);
    this.look(fence.partition);
  }

  async #fold(number: number): Promise<RecoveredPartition> {
    const { stores, shelf, factory } = this.#options;
    const recovered = await recoverPartition(number, {
      stores,
      loadPlan: (hash) => shelf.plan(hash),
      activate: (run) => factory.activate(run),
    });
    for (const { runId, error } of recovered.mended) {
      this.#tell(`Passed over a damaged snapshot of run "${runId}": ${error}`);
    }
    // A store that fails for now is no fault of the runs: the partition is to be claimed anew.
    const passing = recovered.broken.find(({ error }) => isStoreFailure(error));
    if (passing !== undefined) throw passing.error;
    return recovered;
  }

  async #newPartition(fence: Fence, lastAt: number): Promise<Partition> {
    const { stores, cells, table, onNews, onCommitted, askForBids, node } = this.#options;
    const clock = notBefore(lastAt, this.#options.clock);
    const partition: Partition = new Partition({
      store: stores.runs,
      fence,
      lowWater: await stores.runs.lowWater(fence.partition),
      cells,
      reserved: table.reserved,
      clock,
      random: Math.random,
      onNews,
      onCommitted,
      askForBids,
      onLost: (error, untold) => this.#lose(partition, error, untold),
      cluster: {
        node,
        mayDispatch: () => this.#peers.mayDispatch(fence.partition),
        cancelElsewhere: (owner, id) => this.#cancelElsewhere(fence, owner, id),
      },
    });
    return partition;
  }

  #recover(partition: Partition, runs: readonly ActiveRun[], waiting: InboxCommand[]): void {
    const { node: own, table, cells, outbox, post } = this.#options;
    for (const run of runs) {
      table.track(partition, run);
      partition.takeOn(run);
    }
    for (const wish of waiting) this.#wishes.take(partition, wish);
    const alive = this.#peers.living();
    const isHere = noteAttemptsHere(cells, outbox);
    const letters = new AttemptLetters(partition.fence);
    const recovered: Promise<void>[] = [];
    for (const run of runs) {
      const { runId } = run.state;
      const has = (place: AttemptPlace) => isHere(runId, place);
      const adoption = planAdoption(wantedAttempts(run.state), { own, alive, has });
      letters.add(runId, adoption);
      recovered.push(partition.recover(run, alive));
      if (adoption.lose.length > 0) partition.loseAttempts(run, adoption.lose);
    }
    // Nobody ends an attempt on the word of a leader that could not write it down.
    Promise.all(recovered).then(() => letters.postAll(post), () => {});
  }

  /** Leadership is confirmed again. */
  resume(number: number): void {
    this.#options.table.get(number)?.resume();
    this.look(number);
  }

  /** Another node leads. */
  drop(number: number): void {
    this.#latest.delete(number);
    this.#options.table.get(number)?.drop(
      new ConflictError("FENCED", {
        message: `Another node leads partition ${number}`,
        hint: "It goes on with these runs",
      }),
    );
  }

  /** Decides no more; resolves when everything is durable. Attempts go on in the cells. */
  async handOver(number: number): Promise<void> {
    const partition = this.#options.table.get(number);
    if (partition === undefined) return;
    this.#options.table.remove(partition);
    await this.#keepers.stop(partition);
    await partition.stop();
  }

  #lose(partition: Partition, error: unknown, untold: Untold[]): void {
    const { partition: number, term } = partition.fence;
    this.#options.table.remove(partition);
    void this.#keepers.stop(partition);
    this.#options.outbox.tell(untold);
    if (error instanceof DenizenError && error.code === "FENCED") this.#peers.fenced(number, term);
    else this.#peers.surrender(number, term);
  }

  // --- attempts elsewhere ---

  /** Nodes came or went: attempts of those that are gone are begun anew. */
  onMembersChange(): void {
    this.#gone.look();
  }

  #cancelElsewhere(fence: Fence, node: string, { runId, taskId: task, index, attempt }: AttemptId) {
    const letters = new AttemptLetters(fence);
    letters.cancel(node, runId, { task, index, attempt });
    letters.postAll(this.#options.post);
  }

  /** A note from another leader about attempts that this node has, or had. */
  receive({ type, node, partition, term, runs }: AttemptLetter): void {
    const { node: own, cells, table, outbox } = this.#options;
    if (node !== own) return;
    // It has another leader, and this node is the last to hear of it.
    const led = table.get(partition);
    if (led !== undefined && led.fence.term < term) this.drop(partition);
    const isHere = noteAttemptsHere(cells, outbox);
    for (const { runId, attempts } of runs) {
      if (type === "cancel") {
        for (const place of attempts) cells.cancel(attemptAt(runId, place));
        continue;
      }
      // Leadership has come back here since: what is missing was found missing then.
      if (table.active(runId) !== undefined) continue;
      const missing = attempts.filter((place) => !isHere(runId, place));
      if (missing.length > 0) outbox.add(runId, { type: "lose", attempts: missing });
    }
  }

  // --- wishes ---

  /** Deals with what waits in an inbox. */
  look(number: number): void {
    this.#inboxes.look(number);
  }

  /**
   * Begins a run at once where this node leads its partition: that spares it the way through the
   * inbox.
   *
   * @param isFresh nobody else may have submitted a run of that id
   * @returns whether it is durable here. Else the wish is to be sent: where the run has begun after
   *   all, it is struck off
   */
  async submit(
    number: number,
    runId: string,
    wish: RunWishBody,
    isFresh: boolean,
  ): Promise<boolean> {
    const partition = this.#options.table.get(number);
    if (partition === undefined || !this.#peers.mayDispatch(number)) return false;
    return await this.#wishes.begin(partition, runId, wish, isFresh);
  }

  // --- news ---

  #tellBroken(runId: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Could not go on with run "${runId}": ${reason}`;
    this.#options.onNews({ type: "log", runId, task: "", level: "error", message });
  }

  #tell(message: string): void {
    this.#options.onNews({ type: "log", runId: "", task: "", level: "error", message });
  }

  /** Looks at inboxes no more; nothing of it is under way when this resolves. */
  async close(): Promise<void> {
    this.#inboxes.close();
    await this.#keepers.stopAll();
  }
}

function isStoreFailure(error: unknown): boolean {
  return error instanceof DenizenError && error.code === "STORE_UNAVAILABLE";
}

/**
 * The clock of a partition never runs backwards, whichever node leads it: where the leader before was
 * ahead, what it said will happen later happens after the same time.
 */
function notBefore(lastAt: number, clock: Clock): Clock {
  const aheadMs = Math.max(0, lastAt - clock.now());
  return { now: () => clock.now() + aheadMs };
}
