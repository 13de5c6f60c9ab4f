/**
 * The partitions that this node leads in a cluster: folding what another leader left, adopting
 * attempts, dealing with the inboxes.
 *
 * @module
 */
import type { AttemptId } from "../../actors/mod.ts";
import {
  ConflictError,
  DenizenError,
  describeFailure,
  type ErrorData,
  UnavailableError,
} from "../../core/errors.ts";
import type { Clock, Fence, InboxCommand } from "../../core/ports.ts";
import {
  type Adoption,
  type AttemptLetter,
  type AttemptPlace,
  labelsOf,
  planAdoption,
  type SubmitWish,
  type WantedAttempt,
  wantedAttempts,
} from "../../workflows/mod.ts";
import {
  type ActiveRun,
  Partition,
  type PartitionOptions,
  recoverOpenRuns,
  recoverRun,
  type RunNews,
  type Untold,
} from "../scheduler/mod.ts";
import { Keeper } from "../archive/mod.ts";
import type { AttemptTakers } from "./attempt_desk.ts";
import type { Outbox } from "./outbox.ts";
import type { Stores } from "./open_store.ts";
import type { PackageShelf } from "./package_shelf.ts";
import type { PartitionTable } from "./partition_table.ts";
import type { RunFactory } from "./run_factory.ts";

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
  post: (node: string, letters: AttemptLetter[]) => void;
  onNews: (news: RunNews) => void;
  /** What became durable in a partition that this node leads. */
  onCommitted?: PartitionOptions["onCommitted"];
  askForBids?: PartitionOptions["askForBids"];
  /** How often inboxes are looked at, whether a doorbell rang or not. */
  pollMs: number;
}

/** What could not be done for want of a store is tried again after so long. */
const AGAIN_MS = 1_000;

/** The leader's side of a cluster's partitions. */
export class SharedPartitions {
  readonly #options: SharedPartitionsOptions;
  #peers!: Peers;
  /** Inboxes that are being read, and whether somebody rang meanwhile. */
  readonly #reading = new Map<number, boolean>();
  /** The leadership that was won last, by partition, until it is lost. */
  readonly #latest = new Map<number, Fence>();
  readonly #keepers = new Map<Partition, Keeper>();
  /** Partitions in which attempts of gone nodes are being lost. */
  readonly #losing = new Set<number>();
  /** Wishes of one run are dealt with in order. */
  readonly #chains = new Map<string, Promise<boolean>>();
  /** Wishes in a chain, by id. */
  readonly #chained = new Set<string>();
  readonly #poll: ReturnType<typeof setInterval>;

  constructor(options: SharedPartitionsOptions) {
    this.#options = options;
    this.#poll = setInterval(() => this.lookAtAll(), options.pollMs);
  }

  /** Before anything is led. */
  join(peers: Peers): void {
    this.#peers = peers;
  }

  // --- leadership ---

  /** Folds the journal of a partition that was just claimed, and goes on with its runs. */
  async lead(fence: Fence): Promise<void> {
    this.#latest.set(fence.partition, fence);
    const { stores, shelf, factory, table } = this.#options;
    const { open, broken, mended, lastAt } = await recoverOpenRuns(
      stores.runs,
      fence.partition,
      (hash) => shelf.plan(hash),
      stores.archive,
    );
    for (const { runId, error } of mended) {
      this.#tell(`Passed over a damaged snapshot of run "${runId}": ${error}`);
    }
    const runs: ActiveRun[] = [];
    for (const one of open) {
      try {
        runs.push(await factory.activate(one));
      } catch (error) {
        broken.push({ runId: one.state.runId, error });
      }
    }
    // A store that fails for now is no fault of the runs: the partition is to be claimed anew.
    const passing = broken.find(({ error }) => isStoreFailure(error));
    if (passing !== undefined) throw passing.error;
    const partition = await this.#newPartition(fence, lastAt);
    for (const { runId, error } of broken) {
      partition.lostRuns.add(runId);
      this.#tellBroken(runId, error);
    }
    // What was said before a node died counts before its attempts are lost.
    const waiting = await this.#readWishes(fence.partition);
    // Lost meanwhile: this node may lead it in a later term by now.
    if (this.#latest.get(fence.partition) !== fence) return;
    table.add(partition);
    this.#recover(partition, runs, waiting);
    this.#keep(partition);
    this.look(fence.partition);
  }

  /** Snapshots, compaction and retention go on beside the work for as long as it is led. */
  #keep(partition: Partition): void {
    const { stores: { runs, archive, documents }, shelf, clock } = this.#options;
    const keeper = new Keeper({
      partition,
      store: runs,
      archive,
      documents,
      loadPlan: (hash) => shelf.plan(hash),
      clock,
      onTrouble: (error) => this.#tell(`Could not shorten a journal: ${error}`),
    });
    this.#keepers.set(partition, keeper);
    keeper.start();
  }

  /** Nothing of it is under way when this resolves. */
  async #stopKeeping(partition: Partition): Promise<void> {
    const keeper = this.#keepers.get(partition);
    this.#keepers.delete(partition);
    await keeper?.stop();
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
    const { node: own, table, outbox } = this.#options;
    for (const run of runs) {
      table.track(partition, run);
      partition.takeOn(run);
    }
    for (const command of waiting) this.#take(partition, command);
    const alive = this.#peers.living();
    const here = this.#attemptsHere();
    const letters = new Letters(partition.fence);
    const recovered: Promise<void>[] = [];
    for (const run of runs) {
      const { runId } = run.state;
      const has = (place: AttemptPlace) =>
        here.has(nameOf(runId, place)) || outbox.has(idOf(runId, place));
      const adoption = planAdoption(wantedAttempts(run.state), { own, alive, has });
      letters.add(runId, adoption);
      recovered.push(partition.recover(run, alive));
      if (adoption.lose.length > 0) partition.loseAttempts(run, adoption.lose);
    }
    // Nobody ends an attempt on the word of a leader that could not write it down.
    Promise.all(recovered).then(() => this.#postAll(letters), () => {});
  }

  #postAll({ byNode }: Letters): void {
    for (const [node, notes] of byNode) this.#options.post(node, notes);
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
    await this.#stopKeeping(partition);
    await partition.stop();
  }

  #lose(partition: Partition, error: unknown, untold: Untold[]): void {
    const { partition: number, term } = partition.fence;
    this.#options.table.remove(partition);
    void this.#stopKeeping(partition);
    this.#options.outbox.tell(untold);
    if (error instanceof DenizenError && error.code === "FENCED") this.#peers.fenced(number, term);
    else this.#peers.surrender(number, term);
  }

  /** Nodes came or went: attempts of those that are gone are begun anew. */
  onMembersChange(): void {
    for (const number of this.#options.table.numbers) void this.#loseGone(number);
  }

  /** What a node said before it died counts before its attempts are lost. */
  async #loseGone(number: number): Promise<void> {
    const { table } = this.#options;
    if (this.#losing.has(number) || this.#goneIn(table.get(number)).length === 0) return;
    this.#losing.add(number);
    try {
      await this.#readInbox(number);
      const partition = table.get(number);
      if (partition !== undefined) this.#beginAnew(partition);
    } catch (error) {
      this.#tell(`Could not read an inbox: ${error}`);
      setTimeout(() => this.#loseGone(number), AGAIN_MS);
    } finally {
      this.#losing.delete(number);
    }
  }

  /** Should one of the nodes come back, it is to end what was begun anew. */
  #beginAnew(partition: Partition): void {
    const letters = new Letters(partition.fence);
    for (const { run, gone } of this.#goneIn(partition)) {
      for (const { node, task, index, attempt } of gone) {
        letters.put("cancel", node!, run.state.runId, [{ task, index, attempt }]);
      }
      partition.loseAttempts(run, gone);
    }
    // A partition that is lost meanwhile has lost no attempts.
    partition.flushed().then(() => this.#postAll(letters), () => {});
  }

  /** Runs with attempts of nodes that are gone. */
  #goneIn(partition: Partition | undefined): { run: ActiveRun; gone: WantedAttempt[] }[] {
    if (partition === undefined) return [];
    const alive = this.#peers.living();
    return [...partition.runs.values()].flatMap((run) => {
      const gone = wantedAttempts(run.state)
        .filter(({ node }) => node !== null && !alive.has(node));
      return gone.length === 0 ? [] : [{ run, gone }];
    });
  }

  // --- attempts elsewhere ---

  #cancelElsewhere(fence: Fence, node: string, { runId, taskId: task, index, attempt }: AttemptId) {
    const letters = new Letters(fence);
    letters.put("cancel", node, runId, [{ task, index, attempt }]);
    this.#postAll(letters);
  }

  /** A note from another leader about attempts that this node has, or had. */
  receive({ type, node, partition, term, runs }: AttemptLetter): void {
    const { node: own, cells, table, outbox } = this.#options;
    if (node !== own) return;
    // It has another leader, and this node is the last to hear of it.
    const led = table.get(partition);
    if (led !== undefined && led.fence.term < term) this.drop(partition);
    const here = this.#attemptsHere();
    for (const { runId, attempts } of runs) {
      if (type === "cancel") {
        for (const place of attempts) cells.cancel(idOf(runId, place));
        continue;
      }
      // Leadership has come back here since: what is missing was found missing then.
      if (table.active(runId) !== undefined) continue;
      const missing = attempts.filter((place) =>
        !here.has(nameOf(runId, place)) && !outbox.has(idOf(runId, place))
      );
      if (missing.length > 0) outbox.add(runId, { type: "lose", attempts: missing });
    }
  }

  #attemptsHere(): Set<string> {
    const here = new Set<string>();
    for (const { runId, taskId: task, index, attempt } of this.#options.cells.attempts()) {
      here.add(nameOf(runId, { task, index, attempt }));
    }
    return here;
  }

  // --- inboxes ---

  lookAtAll(): void {
    for (const number of this.#options.table.numbers) this.look(number);
  }

  /** Deals with what waits in an inbox. */
  look(number: number): void {
    if (this.#options.table.get(number) === undefined) return;
    if (this.#reading.has(number)) {
      this.#reading.set(number, true);
      return;
    }
    this.#reading.set(number, false);
    this.#readInbox(number).catch((error) => this.#tell(`Could not read an inbox: ${error}`))
      .finally(() => {
        const rang = this.#reading.get(number)!;
        this.#reading.delete(number);
        if (rang) this.look(number);
      });
  }

  /** Everything that waits, dealt with or not. */
  async #readWishes(number: number): Promise<InboxCommand[]> {
    const { runs } = this.#options.stores;
    const found: InboxCommand[] = [];
    for (let page = await runs.inbox(number); page.length > 0;) {
      found.push(...page);
      page = await runs.inbox(number, page.at(-1)!.id);
    }
    return found;
  }

  async #readInbox(number: number): Promise<void> {
    const { table } = this.#options;
    const partition = table.get(number);
    if (partition === undefined) return;
    for await (const page of this.#pages(number, partition)) {
      // What another leadership asked for may be dealt with by now.
      if (table.get(number) !== partition) return;
      for (const command of page) {
        if (!partition.isInHand(command.id) && !this.#chained.has(command.id)) {
          this.#take(partition, command);
        }
      }
    }
  }

  /** What is handled while a page is on its way stays in hand until the page was looked through. */
  async *#pages(number: number, partition: Partition): AsyncIterable<InboxCommand[]> {
    const { runs } = this.#options.stores;
    let after: string | undefined;
    for (;;) {
      const letGo = partition.keepInHand();
      try {
        const page = await runs.inbox(number, after);
        if (page.length === 0) return;
        yield page;
        after = page.at(-1)!.id;
      } finally {
        letGo();
      }
    }
  }

  #take(partition: Partition, command: InboxCommand): void {
    const { runId, type, id } = command;
    // Whoever leads next may be able to go on with it.
    if (partition.lostRuns.has(runId)) return;
    const isSlow = type === "submit" || type === "retry";
    const chain = this.#chains.get(runId);
    if (!isSlow && chain === undefined) return partition.handle(command);
    this.#chained.add(id);
    const next = (chain ?? Promise.resolve(true))
      .then((isClear) => isClear && this.#takeSlowly(partition, command))
      .finally(() => {
        this.#chained.delete(id);
        if (this.#chains.get(runId) === next) this.#chains.delete(runId);
      });
    this.#chains.set(runId, next);
  }

  /** Answers whether the next wish for the run may be dealt with: none overtakes another. */
  async #takeSlowly(partition: Partition, command: InboxCommand): Promise<boolean> {
    if (!this.#isLed(partition)) return false;
    try {
      if (command.type === "submit") await this.#begin(partition, command);
      else if (command.type === "retry") await this.#retry(partition, command);
      else partition.handle(command);
      return true;
    } catch (error) {
      // It stays in the inbox, and is tried again.
      this.#tellBroken(command.runId, error);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      return false;
    }
  }

  #isLed(partition: Partition): boolean {
    return this.#options.table.get(partition.fence.partition) === partition;
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
    wish: Omit<SubmitWish, "type">,
    isFresh: boolean,
  ): Promise<boolean> {
    const partition = this.#options.table.get(number);
    if (partition === undefined || !this.#peers.mayDispatch(number)) return false;
    if (partition.lostRuns.has(runId) || this.#chains.has(runId)) return false;
    const begun = this.#isKnown(partition, runId, isFresh)
      .then((isKnown) => isKnown ? null : this.#beginRun(partition, runId, wish));
    // Wishes for it that come meanwhile wait.
    const chain = begun.then(() => true, () => true).finally(() => {
      if (this.#chains.get(runId) === chain) this.#chains.delete(runId);
    });
    this.#chains.set(runId, chain);
    try {
      const durable = await begun;
      if (durable === null) return false;
      await durable.committed;
      return true;
    } catch (error) {
      this.#tell(`Could not begin a run at once: ${error}`);
      return false;
    }
  }

  async #isKnown(partition: Partition, runId: string, isFresh = false): Promise<boolean> {
    if (partition.runs.has(runId)) return true;
    return !isFresh && await this.#options.stores.runs.run(runId) !== null;
  }

  async #begin(partition: Partition, { runId, id, body }: InboxCommand): Promise<void> {
    const isKnown = await this.#isKnown(partition, runId);
    if (isKnown) return this.#isLed(partition) ? partition.settle(id) : undefined;
    await this.#beginRun(partition, runId, body as unknown as SubmitWish, id);
  }

  /**
   * @param handled the wish that is struck off with it
   * @returns when it is durable, in an object so that nobody waits for it here; `null` when the
   *   partition was lost meanwhile
   */
  async #beginRun(
    partition: Partition,
    runId: string,
    { packageHash, input, workDir, origin }: Omit<SubmitWish, "type">,
    handled?: string,
  ): Promise<{ committed: Promise<void> } | null> {
    const { shelf, factory, table } = this.#options;
    const plan = await shelf.plan(packageHash);
    const content = await shelf.package(packageHash);
    const blank = { runId, plan, partition: partition.fence.partition };
    let failure: ErrorData | null = null;
    const asked = { ...blank, content, input, workDir, origin };
    const run = await factory.create(asked).catch((error) => {
      if (error instanceof UnavailableError) throw error;
      failure = describeFailure(error);
      return factory.createBroken(blank);
    });
    if (!this.#isLed(partition)) return null;
    // Whoever submitted it may ask for it at once.
    run.isListedAtOnce = true;
    table.adopt(partition, run);
    const at = partition.now();
    run.entry = { ...run.entry, submittedAt: at, ...labelsOf(origin) };
    const submission = { type: "SubmitRun", at, input, workDir, origin } as const;
    const { durable } = partition.execute(run, submission, { handled });
    if (failure !== null) partition.execute(run, { type: "FailRun", at, error: failure });
    return { committed: durable };
  }

  async #retry(partition: Partition, command: InboxCommand): Promise<void> {
    const { stores, shelf, factory, table } = this.#options;
    const { runId, id } = command;
    if (partition.runs.has(runId)) return partition.settle(id);
    const loadPlan = (hash: string) => shelf.plan(hash);
    const recovered = await recoverRun(stores.runs, runId, loadPlan, stores.archive);
    if (recovered === null) return this.#isLed(partition) ? partition.settle(id) : undefined;
    const run = await factory.activate(recovered);
    await factory.startSystem(
      await shelf.package(run.state.plan.packageHash),
      run.state.workDir,
    );
    if (!this.#isLed(partition)) return;
    table.adopt(partition, run);
    const wish = { type: "RetryRun", at: partition.now() } as const;
    const { rejection } = partition.execute(run, wish, { handled: id });
    if (rejection !== null) table.forget(partition, run);
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
    clearInterval(this.#poll);
    await Promise.all([...this.#keepers.keys()].map((partition) => this.#stopKeeping(partition)));
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

/** Notes of one leader, one of each kind for each node. */
class Letters {
  readonly byNode = new Map<string, AttemptLetter[]>();
  readonly #fence: Fence;

  constructor(fence: Fence) {
    this.#fence = fence;
  }

  add(runId: string, { ask, cancel }: Adoption): void {
    for (const [node, attempts] of ask) this.put("adopt", node, runId, attempts);
    for (const [node, attempts] of cancel) this.put("cancel", node, runId, attempts);
  }

  put(
    type: AttemptLetter["type"],
    node: string,
    runId: string,
    attempts: AttemptPlace[],
  ): void {
    const { partition, term } = this.#fence;
    let letters = this.byNode.get(node);
    if (letters === undefined) this.byNode.set(node, letters = []);
    let letter = letters.find((one) => one.type === type);
    if (letter === undefined) letters.push(letter = { type, node, partition, term, runs: [] });
    letter.runs.push({ runId, attempts });
  }
}

function idOf(runId: string, { task: taskId, index, attempt }: AttemptPlace): AttemptId {
  return { runId, taskId, index, attempt };
}

function nameOf(runId: string, { task, index, attempt }: AttemptPlace): string {
  return `${runId} ${index} ${attempt} ${task}`;
}
