/**
 * The scheduler of one partition: commands become events, events become durable in one group
 * commit, and only then do frames leave, answers go out and listeners hear of them.
 *
 * While a commit is under way whatever arrives is decided and collected; the next commit carries
 * all of it. So the slower the disk, the larger the group.
 *
 * @module
 */
import type { Attempt, AttemptId, AttemptOutcome, AttemptReport } from "../../actors/mod.ts";
import type { Bid } from "../../core/assignment.ts";
import { UnavailableError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Append, Clock, Fence, InboxCommand, JournalRecord, Store } from "../../core/ports.ts";
import { askedCapability, decide, hasEnded, hasReadyWork, taskOf } from "../../workflows/mod.ts";
import { toCommand, wantedAttempts, wantedAuctions } from "../../workflows/mod.ts";
import type {
  AttemptPlace,
  AttemptStarted,
  Rejection,
  RunCommand,
  RunEvent,
  RunWish,
  WantedAuction,
} from "../../workflows/mod.ts";
import type { Cells } from "../cells/mod.ts";
import { type ActiveRun, type RunNews, traceOf } from "./active_run.ts";
import { type Capacity, ReadyRuns } from "./ready_runs.ts";
import { isClosing } from "./recovery.ts";
import { RunListing } from "./run_listing.ts";
import { RunTimers } from "./run_timers.ts";

/** A run that is being stopped has this long to end by itself. */
const STOP_GRACE_MS = 2_000;
/** How often the first needed segment is written, at most, in commits. */
const LOW_WATER_EVERY = 64;

/** What a partition needs of the node around it. */
export interface PartitionOptions {
  store: Store<RunEvent>;
  fence: Fence;
  /** First segment that a recovery would read, as the store has it. */
  lowWater: number;
  cells: Pick<Cells, "capacity" | "dispatch" | "cancel">;
  /** Attempts decided whose frames have not left, by agent key; shared by the node's partitions. */
  reserved: Map<string, number>;
  clock: Clock;
  /** Uniform in `[0, 1)`. */
  random: () => number;
  onNews: ((news: RunNews) => void) | null;
  /** Asks agents for bids; resolves at the latest when the auction closes. Default: nobody bids. */
  askForBids?: (run: ActiveRun, auction: WantedAuction) => Promise<Bid[]>;
  /** What became durable, from that segment on. */
  onCommitted?: (
    partition: number,
    firstSeq: number,
    records: readonly JournalRecord<RunEvent>[],
    term: number,
  ) => void;
  /**
   * The partition can no longer write: its runs go on elsewhere, or with the next start.
   *
   * @param untold what the cells said that did not become durable
   */
  onLost: (error: unknown, untold: Untold[]) => void;
  /** Left out where a process works by itself. */
  cluster?: PartitionInCluster;
}

/** What a partition must know that other nodes may lead next. */
export interface PartitionInCluster {
  /** This node in the journal, as `name/boot`: its attempts go on when somebody else leads. */
  node: string;
  /** Whether leadership is confirmed at this moment; while it is not, no attempt leaves. */
  mayDispatch: () => boolean;
  /** Asks another node to end an attempt. */
  cancelElsewhere: (node: string, id: AttemptId) => void;
}

/** Something that a cell said and the journal does not hold yet. */
export type Untold =
  | { type: "finish"; id: AttemptId; outcome: AttemptOutcome }
  | { type: "step"; id: AttemptId; stepId: string; output: Json; acknowledge: () => void };

/** Something to do once the events before it are durable. */
type Effect = () => void;
type Launch = { run: ActiveRun; events: readonly RunEvent[] };

/** One partition that this node leads. */
export class Partition {
  readonly #options: PartitionOptions;
  readonly #runs = new Map<string, ActiveRun>();
  readonly #ready: ReadyRuns;
  readonly #timers: RunTimers;
  readonly #listing: RunListing;
  #records: JournalRecord<RunEvent>[] = [];
  #handled: string[] = [];
  /** Wishes that are being dealt with, until that is durable: they still stand in the inbox. */
  readonly #inHand = new Set<string>();
  /** Looks at the inbox that are under way, and wishes that were dealt with since the first began. */
  #looks = 0;
  readonly #seenLate = new Set<string>();
  /** What the cells said since the last commit began. */
  #untold: Untold[] = [];
  /** The same, of the commit that is under way. */
  #committing: Untold[] = [];
  #effects: Effect[] = [];
  /** Events of the next commit whose attempts leave once it is durable. */
  #launches: Launch[] = [];
  /** Durable, but leadership is not confirmed: they leave with {@linkcode resume}. */
  #held: Launch[] = [];
  /** Callers that wait until what they asked for is durable. */
  readonly #callers = new Set<PromiseWithResolvers<void>>();
  #isCommitting = false;
  #isTurnDue = false;
  /** Nothing more is begun. */
  #isClosing = false;
  #isStopped = false;
  #idle = Promise.withResolvers<void>();
  #lowWater: number;
  /** First segment of the last commit. */
  #lastSeq: number;
  #commitsSinceMark = 0;
  /**
   * Open runs in the journal that nobody works on, by id: wishes for them wait, and the partition of
   * a process of its own is not released.
   */
  readonly lostRuns = new Set<string>();
  /** Answers that named no attempt in flight, and were refused. */
  staleAnswers = 0;

  constructor(options: PartitionOptions) {
    this.#options = options;
    this.#lowWater = this.#lastSeq = options.lowWater;
    this.#ready = new ReadyRuns(options.cells, options.reserved);
    this.#listing = new RunListing(options.clock, () => this.#wake());
    this.#timers = new RunTimers({
      clock: options.clock,
      find: (runId) => this.#runs.get(runId),
      onDue: (run, at) => {
        if (!hasEnded(run.state.status)) this.#decide(run, { type: "FireTimers", at });
      },
      onFired: () => this.#wake(),
    });
  }

  get fence(): Fence {
    return this.#options.fence;
  }

  get runs(): ReadonlyMap<string, ActiveRun> {
    return this.#runs;
  }

  /** What is durable reaches to this segment, or further. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Epoch milliseconds by the partition's own clock. */
  now(): number {
    return this.#options.clock.now();
  }

  /** Takes a run on. A new one is told `SubmitRun` next. */
  adopt(run: ActiveRun): void {
    this.#runs.set(run.state.runId, run);
  }

  /** Takes on a run as its journal leaves it; {@linkcode recover} is to follow. */
  takeOn(run: ActiveRun): void {
    this.adopt(run);
    // The crash may have come before the run got its line.
    this.#listing.list(run);
    for (const { task, index, attempt } of wantedAttempts(run.state)) {
      run.inFlight.set(`${task}#${index}`, attempt);
    }
  }

  /**
   * Goes on with a run that was taken on: what nobody does any more is lost. Resolves when that is
   * durable.
   *
   * @param alive nodes, as `name/boot`, whose attempts go on
   */
  recover(run: ActiveRun, alive?: ReadonlySet<string>): Promise<void> {
    const recovery = { type: "RecoverRun", at: this.#options.clock.now(), alive } as const;
    const { durable } = this.execute(run, recovery);
    const wanted = new Map(
      wantedAttempts(run.state).map(({ task, index, attempt }) => [`${task}#${index}`, attempt]),
    );
    for (const [key, attempt] of run.inFlight) {
      if (wanted.get(key) !== attempt) run.inFlight.delete(key);
    }
    this.#effects.push(() => {
      this.#reconcile(run);
      for (const auction of wantedAuctions(run.state)) this.#hold(run, auction);
    });
    this.#wake();
    return durable;
  }

  /** Lets go of a run that was adopted in vain. */
  forget(run: ActiveRun): void {
    this.#runs.delete(run.state.runId);
    this.#ready.delete(run);
  }

  /**
   * Decides on a command at once. The promise of `durable` resolves when the outcome is on disk.
   */
  execute(
    run: ActiveRun,
    command: RunCommand,
    options: { handled?: string } = {},
  ): { rejection: Rejection | null; durable: Promise<void> } {
    const done = Promise.withResolvers<void>();
    // Whoever waits hears of a failure; where nobody waits it must not end the process.
    done.promise.catch(() => {});
    this.#callers.add(done);
    const settle = () => {
      this.#callers.delete(done);
      done.resolve();
    };
    const rejection = this.#decide(run, command, settle);
    if (options.handled !== undefined) this.settle(options.handled);
    if (rejection !== null) settle();
    this.#wake();
    return { rejection, durable: done.promise };
  }

  /** Whether a wish is being dealt with: it stays in the inbox until that is durable. */
  isInHand(wishId: string): boolean {
    return this.#inHand.has(wishId) || this.#seenLate.has(wishId);
  }

  /**
   * To be called before the inbox is looked at: what is struck off meanwhile counts as in hand until
   * the function returned is called, for the look may show it still.
   */
  keepInHand(): () => void {
    this.#looks++;
    return () => {
      if (--this.#looks === 0) this.#seenLate.clear();
    };
  }

  /** A wish has been dealt with: it is struck off with the next commit. */
  settle(wishId: string): void {
    this.#inHand.add(wishId);
    this.#handled.push(wishId);
    this.#wake();
  }

  /**
   * A wish that another process left in the inbox, for a run that this partition works on. For any
   * other run it is struck off.
   */
  handle({ id, runId, type, body }: InboxCommand): void {
    const run = this.#runs.get(runId);
    const command = toCommand({ type, ...body } as RunWish, {
      at: this.#options.clock.now(),
      random: this.#options.random,
    });
    if (run === undefined || command === null) return this.settle(id);
    if (command.type === "FinishAttempt") this.#land(run, command);
    if (command.type === "LoseAttempts") {
      for (const attempt of command.attempts) this.#land(run, attempt);
    }
    this.execute(run, command, { handled: id });
  }

  /** The attempt is not in flight any more; a later one of the same work may be. */
  #land(run: ActiveRun, { task, index, attempt }: AttemptPlace): void {
    const key = `${task}#${index}`;
    if (run.inFlight.get(key) === attempt) run.inFlight.delete(key);
  }

  /** Attempts whose node is gone are begun anew. */
  loseAttempts(run: ActiveRun, attempts: readonly AttemptPlace[]): void {
    for (const attempt of attempts) this.#land(run, attempt);
    this.execute(run, { type: "LoseAttempts", at: this.#options.clock.now(), attempts });
  }

  /** Answers of the cells, as many as came together. */
  finish(results: readonly { id: AttemptId; outcome: AttemptOutcome }[]): void {
    const at = this.#options.clock.now();
    for (const { id, outcome } of results) {
      const run = this.#runs.get(id.runId);
      if (run === undefined) continue;
      const place = { task: id.taskId, index: id.index, attempt: id.attempt };
      this.#land(run, place);
      const random = this.#options.random();
      const rejection = this.#decide(run, { type: "FinishAttempt", at, ...place, outcome, random });
      if (rejection !== null) this.staleAnswers++;
      else if (this.#options.cluster !== undefined) {
        this.#untold.push({ type: "finish", id, outcome });
      }
    }
    this.#wake();
  }

  /** What an attempt said while it worked. */
  report(id: AttemptId, report: AttemptReport): void {
    const run = this.#runs.get(id.runId);
    if (run === undefined) return;
    const { runId, taskId: task, index, attempt } = id;
    const at = this.#options.clock.now();
    if (report.type === "step") {
      const { stepId, output, acknowledge } = report;
      const command = { type: "RecordStep", at, task, index, attempt, stepId, output } as const;
      const rejection = this.#decide(run, command, acknowledge);
      if (rejection === null && this.#options.cluster !== undefined) {
        this.#untold.push({ type: "step", id, stepId, output, acknowledge });
      }
      return this.#wake();
    }
    if (report.type === "permission") {
      const { type: _, message: _message, ...denial } = report;
      this.#decide(run, { type: "RecordDenial", at, task, index, attempt, ...denial });
      return this.#wake();
    }
    const isItem = taskOf(run.state, task).plan.forEach !== undefined;
    this.#options.onNews?.({ ...report, runId, task, index: isItem ? index : undefined });
  }

  /** Looks whether something can start: a place may have become free. */
  wake(): void {
    this.#wake();
  }

  /** Leadership is confirmed again: what waited for it leaves. */
  resume(): void {
    for (const { run, events } of this.#held.splice(0)) this.#launch(run, events);
    this.#dispatch();
    this.#wake();
  }

  /** Another node leads: nothing is written any more, and nothing of this leaves. */
  drop(error: unknown): void {
    if (!this.#isStopped) this.#lose(error);
  }

  /** Resolves once everything decided so far is durable and its effects are done. */
  async settled(): Promise<void> {
    while (this.#isTurnDue || this.#isCommitting) {
      await this.#idle.promise;
    }
  }

  /**
   * Resolves once everything decided so far is durable, whatever is decided meanwhile. Rejects when
   * the partition is lost before.
   */
  async flushed(): Promise<void> {
    if (this.#isStopped) {
      throw new UnavailableError("NODE_STOPPED", {
        message: `Stopped to lead partition ${this.fence.partition}`,
        hint: "Another node goes on with its runs",
      });
    }
    const done = Promise.withResolvers<void>();
    this.#callers.add(done);
    this.#effects.push(() => done.resolve());
    this.#wake();
    try {
      // Where nothing is left to commit, nothing is left to wait for.
      await Promise.race([done.promise, this.settled()]);
    } finally {
      this.#callers.delete(done);
      done.resolve();
    }
  }

  /** Stops deciding. What was decided is made durable first. */
  async stop(): Promise<void> {
    this.#isClosing = true;
    await this.settled();
    this.#listing.listAll();
    this.#wake();
    await this.settled();
    this.#end();
  }

  #end(): void {
    this.#isStopped = true;
    this.#held = [];
    this.#ready.releaseAll();
    this.#timers.stop();
    this.#listing.stop();
  }

  #decide(run: ActiveRun, command: RunCommand, onDurable?: Effect): Rejection | null {
    if (this.#isStopped) return { code: "NODE_STOPPED", message: "This node has stopped" };
    try {
      const { events, rejection } = decide(command, run.state);
      if (rejection !== undefined) return rejection;
      this.#record(run, events);
    } catch (error) {
      return this.#abandon(run, error);
    }
    if (onDurable !== undefined) this.#effects.push(onDurable);
    return null;
  }

  /**
   * The decider broke on this run: a bug. The others go on; what is durable of this one stays, and a
   * later version may resume it.
   */
  #abandon(run: ActiveRun, error: unknown): Rejection {
    this.#cancelAll(run);
    this.forget(run);
    this.lostRuns.add(run.state.runId);
    run.closed.reject(error);
    return { code: "INTERNAL", message: error instanceof Error ? error.message : String(error) };
  }

  /** Puts events into the next commit, and what they call for behind it. */
  #record(run: ActiveRun, events: RunEvent[]): void {
    if (hasReadyWork(run.state)) this.#ready.add(run);
    this.#timers.set(run);
    if (events.length === 0) return;
    this.#records.push({ runId: run.state.runId, events });
    this.#listing.note(run, events);
    this.#launches.push({ run, events });
    this.#effects.push(() => this.#follow(run, events));
  }

  #wake(): void {
    if (this.#isTurnDue || this.#isStopped) return;
    this.#isTurnDue = true;
    queueMicrotask(() => this.#turn());
  }

  #turn(): void {
    this.#isTurnDue = false;
    if (this.#isStopped) return this.#rest();
    if (this.#isCommitting) return;
    this.#startReady();
    if (this.#records.length + this.#handled.length + this.#listing.entries.length === 0) {
      return this.#rest();
    }
    this.#isCommitting = true;
    this.#commit().then(() => {
      this.#isCommitting = false;
      this.#turn();
    }, (error) => this.drop(error));
  }

  /** The journal takes no more from here: whoever leads next goes on. */
  #lose(error: unknown): void {
    this.#end();
    this.#isCommitting = false;
    for (const run of this.#runs.values()) {
      // In a cluster the next leader may adopt them.
      if (this.#options.cluster === undefined) this.#cancelAll(run);
      run.closed.reject(error);
    }
    for (const { reject } of this.#callers) reject(error);
    this.#callers.clear();
    this.#rest();
    this.#options.onLost(error, [...this.#committing, ...this.#untold]);
  }

  #cancelAll(run: ActiveRun): void {
    for (const [key, attempt] of run.inFlight) this.#cancelAttempt(run, key, attempt, 0);
  }

  #rest(): void {
    this.#idle.resolve();
    this.#idle = Promise.withResolvers<void>();
  }

  #startReady(): void {
    if (this.#isClosing || !this.#mayDispatch()) return;
    const at = this.#options.clock.now();
    for (const { run, capacity } of this.#ready.offers()) {
      this.#startIn(run, at, capacity);
    }
  }

  #mayDispatch(): boolean {
    return this.#options.cluster?.mayDispatch() ?? true;
  }

  #startIn(run: ActiveRun, at: number, capacity: Capacity): void {
    try {
      const node = this.#options.cluster?.node;
      const assigner = run.market ?? undefined;
      const start = { type: "StartAttempts", at, capacity, node, assigner } as const;
      const { events } = decide(start, run.state);
      if (events === undefined) return;
      // Nobody was found, which need not be on record twice: it may have to be asked again all the same.
      if (events.length === 0) return this.#timers.set(run);
      this.#ready.reserve(run, events);
      this.#record(run, events);
    } catch (error) {
      this.#abandon(run, error);
    }
  }

  async #commit(): Promise<void> {
    const effects = this.#effects;
    const launches = this.#launches;
    const lowWater = this.#nextLowWater();
    const append: Append<RunEvent> = {
      records: this.#records,
      runs: this.#listing.take(),
      handled: this.#handled,
      lowWater,
    };
    this.#records = [];
    this.#handled = [];
    this.#effects = [];
    this.#launches = [];
    this.#committing = this.#untold;
    this.#untold = [];
    const firstSeq = await this.#options.store.append(this.#options.fence, append);
    // Dropped while it was written: the next leader reads it from the journal.
    if (this.#isStopped) return;
    this.#committing = [];
    this.#lastSeq = firstSeq;
    for (const id of append.handled!) {
      this.#inHand.delete(id);
      if (this.#looks > 0) this.#seenLate.add(id);
    }
    for (const { runId } of append.records) {
      const entry = this.#runs.get(runId)?.entry;
      if (entry?.firstSeq === 0) entry.firstSeq = firstSeq;
    }
    // Frames leave before anybody is told anything: the cells work while the node talks.
    if (this.#mayDispatch()) {
      for (const { run, events } of launches) this.#launch(run, events);
      this.#dispatch();
    } else {
      this.#held.push(...launches);
    }
    for (const effect of effects) effect();
    if (append.records.length > 0) {
      const { partition, term } = this.fence;
      this.#options.onCommitted?.(partition, firstSeq, append.records, term);
    }
  }

  /** The first segment that an open run needs, when it is time to write it down. */
  #nextLowWater(): number | undefined {
    const reopened = this.#listing.entries.some((entry) =>
      entry.firstSeq > 0 && entry.firstSeq < this.#lowWater && entry.finishedAt === null
    );
    if (++this.#commitsSinceMark < LOW_WATER_EVERY && !reopened) return undefined;
    this.#commitsSinceMark = 0;
    // Runs that open with this commit or later are behind all that was written before it.
    let lowest = this.#lastSeq;
    for (const { state, entry } of this.#runs.values()) {
      if (!hasEnded(state.status) && entry.firstSeq > 0) lowest = Math.min(lowest, entry.firstSeq);
    }
    if (lowest === this.#lowWater) return undefined;
    this.#lowWater = lowest;
    return lowest;
  }

  // --- after the commit ---

  /** Frames of one commit leave together, one call per agent. */
  readonly #outgoing = new Map<string, Attempt[]>();

  #launch(run: ActiveRun, events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.type === "AttemptStarted") this.#queueAttempt(run, event);
    }
  }

  #follow(run: ActiveRun, events: readonly RunEvent[]): void {
    let mustReconcile = false;
    let hasClosed = false;
    let mustHold = false;
    for (const event of events) {
      if (event.type === "RunCancelRequested") mustReconcile = true;
      else if (event.type === "TaskFailed" && run.inFlight.size > 0) mustReconcile = true;
      else if (event.type === "AuctionOpened") mustHold = true;
      else if (isClosing(event)) hasClosed = true;
      this.#options.onNews?.({ type: "event", runId: run.state.runId, event });
    }
    if (mustReconcile) this.#reconcile(run);
    if (mustHold) this.#holdNew(run, events);
    if (hasClosed) this.#close(run);
  }

  #holdNew(run: ActiveRun, events: readonly RunEvent[]): void {
    const opened = events.filter((event) => event.type === "AuctionOpened");
    for (const auction of wantedAuctions(run.state)) {
      const isNew = opened.some(({ task, index = 0, attempt }) =>
        task === auction.task && index === auction.index && attempt === auction.attempt
      );
      if (isNew) this.#hold(run, auction);
    }
  }

  /** Nobody is asked while leadership is not confirmed: the auction then closes without bids. */
  #hold(run: ActiveRun, auction: WantedAuction): void {
    const { askForBids } = this.#options;
    const asked = askForBids === undefined || !this.#mayDispatch()
      ? Promise.resolve([])
      : askForBids(run, auction);
    void asked.catch(() => []).then((bids) => {
      if (this.#isStopped || !this.#runs.has(run.state.runId)) return;
      const { task, index, attempt } = auction;
      const at = this.#options.clock.now();
      this.execute(run, { type: "CloseAuction", at, task, index, attempt, bids });
    });
  }

  #queueAttempt(run: ActiveRun, event: AttemptStarted): void {
    const agentKey = this.#ready.release(event);
    const task = taskOf(run.state, event.task);
    const index = event.index ?? 0;
    const instance = task.instances[index]!;
    // Given up between the decision and the commit: the frame need not leave.
    if (instance.status !== "running" || instance.attempt !== event.attempt) return;
    const { timeout } = task.plan.spec;
    const attempt: Attempt = {
      runId: run.state.runId,
      taskId: event.task,
      index,
      attempt: event.attempt,
      agent: event.agent,
      input: instance.input ?? null,
      timeoutMs: timeout.attemptMs,
      heartbeatMs: timeout.heartbeatMs,
      term: this.fence.term,
      run: traceOf(run),
    };
    const capability = askedCapability(task, index, event.assignment);
    if (capability !== undefined) attempt.capability = capability;
    if (instance.steps !== null) attempt.steps = instance.steps;
    instance.input = undefined;
    run.inFlight.set(`${event.task}#${index}`, event.attempt);
    const queue = this.#outgoing.get(agentKey);
    if (queue === undefined) this.#outgoing.set(agentKey, [attempt]);
    else queue.push(attempt);
  }

  #dispatch(): void {
    for (const [agentKey, attempts] of this.#outgoing) {
      this.#options.cells.dispatch(agentKey, attempts);
    }
    this.#outgoing.clear();
  }

  /**
   * Ends attempts that the run no longer wants. The state may hold decisions that are not durable
   * yet: nothing is ended on their account, for the next leader may never hear of them.
   */
  #reconcile(run: ActiveRun): void {
    const { runId } = run.state;
    if (this.#records.some((record) => record.runId === runId)) {
      this.#effects.push(() => this.#reconcile(run));
      return;
    }
    const wanted = new Map(
      wantedAttempts(run.state).map((attempt) => [`${attempt.task}#${attempt.index}`, attempt]),
    );
    for (const [key, attempt] of run.inFlight) {
      const wish = wanted.get(key);
      if (wish?.attempt === attempt && !wish.isStopping) continue;
      this.#cancelAttempt(run, key, attempt, wish?.attempt === attempt ? STOP_GRACE_MS : 0);
    }
  }

  #cancelAttempt(run: ActiveRun, key: string, attempt: number, graceMs: number): void {
    const at = key.lastIndexOf("#");
    const [taskId, index] = [key.slice(0, at), Number(key.slice(at + 1))];
    const id = { runId: run.state.runId, taskId, index, attempt };
    const { cluster, cells } = this.#options;
    const { node } = taskOf(run.state, taskId).instances[index]!;
    const isElsewhere = cluster !== undefined && node !== null && node !== cluster.node;
    if (isElsewhere) cluster.cancelElsewhere(node, id);
    else cells.cancel(id, { graceMs });
  }

  #close(run: ActiveRun): void {
    // Retried before its end was durable: it goes on.
    if (!hasEnded(run.state.status)) return;
    this.#runs.delete(run.state.runId);
    this.#ready.delete(run);
    run.closed.resolve();
  }
}
