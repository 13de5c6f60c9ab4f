/**
 * A node's work on one partition that it leads, as thin as it can be: fold, read the inbox, decide,
 * append, and only then act. Whoever changes `runtime/scheduler` or `runtime/node` keeps to the same
 * rules there.
 *
 * @module
 */
import type { JsonObject } from "../../../core/json.ts";
import type { AttemptOutcome } from "../../../core/outcome.ts";
import type { Fence } from "../../../core/ports.ts";
import {
  type AttemptLetter,
  type AttemptPlace,
  createRunState,
  decide,
  hasEnded,
  hasReadyWork,
  nextWakeAt,
  planAdoption,
  type RunCommand,
  type RunEvent,
  type RunState,
  type RunWish,
  taskOf,
  toCommand,
  wantedAttempts,
} from "../../../workflows/mod.ts";
import type { Answer } from "./answer_desk.ts";
import type { AttemptKey } from "./attempt_key.ts";
import type { ClusterNode } from "./cluster_node.ts";
import type { ReadWish } from "./cluster_store.ts";
import { FrameGate } from "./frame_gate.ts";
import { GroupCommit } from "./group_commit.ts";
import { foldHistory, snapshotOf } from "./partition_fold.ts";
import { planOf } from "./sim_workflows.ts";
import type { Frame } from "./sim_cells.ts";

type Phase = "folding" | "reading" | "open" | "closing" | "gone";

export class LedPartition {
  readonly fence: Fence;
  readonly #node: ClusterNode;
  phase: Phase = "folding";
  readonly runs = new Map<string, RunState>();
  /** Runs that have closed under this leader. */
  readonly #closed = new Map<string, RunState>();
  readonly #commit: GroupCommit;
  readonly #gate: FrameGate;
  /** Wishes that were decided on, whether that is durable or not. */
  readonly #inHand = new Set<string>();
  #isReading = false;
  #timerAt = Infinity;
  /** Instant of the youngest event: the wall clock of the leader before may have been ahead. */
  #lastAt = 0;
  #onRest: (() => void) | null = null;

  constructor(node: ClusterNode, fence: Fence) {
    this.#node = node;
    this.fence = fence;
    this.#gate = new FrameGate(node, fence, this.runs);
    this.#commit = new GroupCommit(node, fence, {
      done: () => this.#turn(),
      refused: () => node.fenced(fence),
      // A new term will tell what was written.
      unknown: () => this.phase === "closing" ? this.#onRest!() : node.letGo(fence),
    });
  }

  /** Places that frames will take which have not left. */
  get undispatched(): number {
    return this.#gate.waiting;
  }

  get #number(): number {
    return this.fence.partition;
  }

  #now(): number {
    return this.#lastAt = Math.max(this.#lastAt, this.#node.now());
  }

  // --- taking over ---

  start(): void {
    const { store, defect } = this.#node;
    const isBlind = defect === "events of the last leader not folded";
    const fold = () => ({
      states: store.fold(this.#number, isBlind),
      seq: store.partitions[this.#number]!.segments.length,
      lastAt: store.partitions[this.#number]!.lastAt,
    });
    this.#ask("read", fold, ({ states, seq, lastAt }) => {
      this.#commit.lastSeq = seq;
      this.#lastAt = lastAt;
      for (const state of states) {
        if (defect === "double release") releaseAgain(state);
        this.runs.set(state.runId, state);
      }
      this.phase = "reading";
      if (defect === "lost before the inbox is read") this.#recover();
      else this.#readToEnd(() => this.#recover());
    });
  }

  /** A read that is tried again until the partition is led no more. */
  #ask<T>(kind: "read" | "write", act: () => T, done: (result: T) => void): void {
    this.#node.link.call(kind, act, {
      done: (result) => {
        if (this.phase !== "gone") done(result);
      },
      failed: () => {
        if (this.phase === "gone") return;
        this.#node.process.after(100, () => {
          if (this.phase !== "gone") this.#ask(kind, act, done);
        });
      },
    });
  }

  /** Wishes that were sent before this instant come before what is decided after it. */
  #readToEnd(then: () => void, after = ""): void {
    this.#ask("read", () => this.#node.store.inbox(this.#number, after), (wishes) => {
      for (const wish of wishes) this.#handle(wish);
      if (wishes.length === 0) then();
      else this.#readToEnd(then, wishes.at(-1)!.id);
    });
  }

  /** What living nodes do goes on; what nobody does any more is lost. */
  #recover(): void {
    const { name: own, defect } = this.#node;
    const alive = this.#node.living();
    for (const run of this.runs.values()) {
      const { runId } = run;
      const has = (place: AttemptPlace) =>
        defect === "own attempts taken for granted" || this.#node.has({ runId, ...place });
      const adoption = planAdoption(wantedAttempts(run), { own, alive, has });
      this.#decide(run, { type: "RecoverRun", at: this.#now(), alive });
      if (adoption.lose.length > 0) {
        this.#decide(run, {
          type: "LoseAttempts",
          at: this.#now(),
          attempts: adoption.lose,
        });
      }
      for (const [node, attempts] of adoption.ask) this.#write("adopt", node, runId, attempts);
      for (const [node, attempts] of adoption.cancel) this.#write("cancel", node, runId, attempts);
    }
    if (this.phase === "reading") this.phase = "open";
    this.#node.desk.route();
    this.#turn();
  }

  /** Nodes are gone: what they did is begun anew, once their last wishes were read. */
  loseGone(): void {
    if (this.phase !== "open" || this.#goneAttempts().length === 0) return;
    const lose = () => {
      for (const { run, node, place } of this.#goneAttempts()) {
        const at = this.#now();
        this.#decide(run, { type: "LoseAttempts", at, attempts: [place] });
        this.#write("cancel", node, run.runId, [place]);
      }
      this.#turn();
    };
    if (this.#node.defect === "lost before the inbox is read") lose();
    else this.#readToEnd(lose);
  }

  #goneAttempts(): { run: RunState; node: string; place: AttemptPlace }[] {
    const alive = this.#node.living();
    return [...this.runs.values()].flatMap((run) =>
      wantedAttempts(run)
        .filter(({ node }) => node !== null && !alive.has(node))
        .map(({ node, task, index, attempt }) => ({
          run,
          node: node!,
          place: { task, index, attempt },
        }))
    );
  }

  /** A letter leaves once all that it rests on is durable. */
  #write(type: AttemptLetter["type"], node: string, runId: string, attempts: AttemptPlace[]): void {
    const { partition, term } = this.fence;
    const letter = { type, node, partition, term, runs: [{ runId, attempts }] };
    const post = () => this.#post(node, letter);
    if (this.#node.defect === "cancelled before commit") post();
    else this.#commit.whenDurable(post);
  }

  #post(node: string, letter: AttemptLetter): void {
    const nodeId = node.split("/")[0]!;
    const { store, world } = this.#node;
    world.count(`letters: ${letter.type}`);
    this.#ask(
      "write",
      () => store.post(nodeId, [JSON.parse(JSON.stringify(letter))]),
      () => this.#node.ringNode(nodeId),
    );
  }

  // --- deciding ---

  #decide(run: RunState, command: RunCommand, onDurable?: () => void): boolean {
    const { events, rejection } = decide(command, run);
    if (onDurable !== undefined) this.#commit.whenDurable(onDurable);
    if (events !== undefined && events.length > 0) this.#record(run, events);
    return rejection === undefined;
  }

  #record(run: RunState, events: RunEvent[]): void {
    this.#gate.reserve(events);
    this.#commit.record(run.runId, events, run.eventCount - events.length);
    const launch = () => this.#gate.launch(run, events);
    if (this.#node.defect === "frame before commit") launch();
    else this.#commit.whenDurable(launch);
    this.#commit.whenDurable(() => this.#follow(run, events));
  }

  /** What cells of this node said. */
  answer({ frame, step, outcome }: Answer, settled: () => void): void {
    const run = this.runs.get(frame.runId);
    if (run === undefined) {
      this.#commit.whenDurable(settled);
    } else if (step !== null) {
      const { task, index, attempt } = frame;
      const what = { task, index, attempt, stepId: step, output: outputOf(step) };
      const isEarly = this.#node.defect === "step acknowledged before commit";
      const command = { type: "RecordStep", at: this.#now(), ...what } as const;
      const isTaken = this.#decide(run, command, isEarly ? undefined : settled);
      if (isEarly && isTaken) settled();
    } else {
      this.#finish(run, frame, outcome!, settled);
    }
    this.#turn();
  }

  #finish(run: RunState, frame: Frame, outcome: AttemptOutcome, settled: () => void): void {
    const { task, index, attempt } = frame;
    const random = this.#node.world.random.next();
    const answer = { task, index, attempt, outcome, random };
    const command = { type: "FinishAttempt", at: this.#now(), ...answer } as const;
    this.#decide(run, this.#named(run, command), settled);
  }

  /** A user's submission that needs no inbox. */
  submit(runId: string, body: JsonObject, onDurable: () => void): void {
    if (this.#node.defect === "ack before commit") onDurable();
    else this.#commit.whenDurable(onDurable);
    if (!this.runs.has(runId) && !this.#closed.has(runId)) this.#begin(runId, body);
    this.#turn();
  }

  #begin(runId: string, body: JsonObject): void {
    const run = createRunState(runId, planOf(body.packageHash as string));
    this.runs.set(runId, run);
    const input = body.input as JsonObject;
    this.#decide(run, { type: "SubmitRun", at: this.#now(), input, workDir: "/" });
  }

  // --- the inbox ---

  look(): void {
    if (this.phase !== "open" || this.#isReading) return;
    this.#isReading = true;
    this.#node.link.call("read", () => this.#node.store.inbox(this.#number, ""), {
      done: (wishes) => {
        this.#isReading = false;
        if (this.phase !== "open") return;
        for (const wish of wishes) this.#handle(wish);
        this.#turn();
      },
      failed: () => this.#isReading = false,
    });
  }

  #handle(wish: ReadWish): void {
    const { id } = wish;
    const { defect, world } = this.#node;
    if (defect !== "handled wishes forgotten") {
      if (this.#inHand.has(id)) return;
      this.#inHand.add(id);
    }
    this.#commit.strikeOff(id);
    if (defect === "lost inbox entry" && world.random.chance(0.1)) return;
    world.count(`wishes: ${wish.type}`);
    const { runId, body } = wish;
    const run = this.runs.get(runId);
    if (run !== undefined) return this.#handleFor(run, wish);
    if (wish.type === "submit" && wish.history.length === 0 && !this.#closed.has(runId)) {
      this.#begin(runId, body);
    } else if (wish.type === "retry" && wish.history.length > 0) {
      this.#reopen(wish);
    }
  }

  #handleFor(run: RunState, wish: ReadWish): void {
    const random = () => this.#node.world.random.next();
    const command = toCommand({ type: wish.type, ...wish.body } as RunWish, {
      at: this.#now(),
      random,
    });
    if (command !== null) this.#decide(run, this.#named(run, command));
  }

  /** Answers count for the attempt that they name; only a defect takes them for the one in flight. */
  #named(run: RunState, command: RunCommand): RunCommand {
    if (this.#node.defect !== "no attempt check" || command.type !== "FinishAttempt") {
      return command;
    }
    const instance = taskOf(run, command.task).instances[command.index];
    return instance === undefined ? command : { ...command, attempt: instance.attempt };
  }

  /** A run that had closed is folded from all its events. */
  #reopen({ runId, history }: ReadWish): void {
    const run = this.#closed.get(runId) ?? foldHistory(runId, history);
    if (!this.#decide(run, { type: "RetryRun", at: this.#now() })) return;
    this.#closed.delete(runId);
    this.runs.set(runId, run);
  }

  // --- committing ---

  /** Something may have changed: starts what can start, and commits what there is. */
  wake(): void {
    if (this.phase === "open") this.#turn();
  }

  #turn(): void {
    if (this.phase === "gone" || this.#commit.isCommitting) return;
    if (this.phase === "open") this.#startReady();
    this.#armTimer();
    if (!this.#commit.isEmpty) this.#commit.write();
    else this.#onRest?.();
  }

  #startReady(): void {
    if (!this.#node.mayDispatch(this.#number)) return;
    for (const run of this.runs.values()) {
      const room = this.#node.room();
      if (room === 0 || !hasReadyWork(run)) continue;
      const capacity = new Map([["a", room], ["b", room]]);
      const { name: node } = this.#node;
      this.#decide(run, { type: "StartAttempts", at: this.#now(), capacity, node });
    }
  }

  // --- after the commit ---

  /** Leadership is confirmed again. */
  resume(): void {
    this.#gate.open();
    this.wake();
  }

  #follow(run: RunState, events: readonly RunEvent[]): void {
    const types = new Set(events.map(({ type }) => type));
    if (types.has("RunCancelRequested") || types.has("TaskFailed")) this.#endUnwanted(run);
    if (!hasEnded(run.status)) return;
    this.runs.delete(run.runId);
    this.#closed.set(run.runId, run);
  }

  /** The state may know of more than is durable: what nobody wants is ended on firm ground only. */
  #endUnwanted(state: RunState): void {
    const { runId } = state;
    const isFirm = !this.#commit.hasUnwritten(runId);
    if (!isFirm && this.#node.defect !== "cancelled before commit") {
      return this.#commit.whenDurable(() => this.#endUnwanted(state));
    }
    const wanted = wantedAttempts(state);
    for (const { task, index, attempt, node, isStopping } of wanted) {
      const place = { task, index, attempt };
      if (isStopping && node !== this.#node.name) this.#write("cancel", node!, runId, [place]);
      else if (isStopping) this.#node.cells.cancel({ runId, ...place });
    }
    const isWanted = (frame: AttemptKey) =>
      wanted.some(({ task, index, attempt }) =>
        frame.task === task && frame.index === index && frame.attempt === attempt
      );
    for (const frame of [...this.#node.cells.frames()]) {
      if (frame.runId === runId && !isWanted(frame)) this.#node.cells.cancel(frame);
    }
  }

  // --- time ---

  #armTimer(): void {
    let next = Infinity;
    for (const state of this.runs.values()) next = Math.min(next, nextWakeAt(state) ?? Infinity);
    if (next >= this.#timerAt) return;
    this.#timerAt = next;
    this.#node.process.after(Math.max(1, next - this.#now()), () => this.#fire(next));
  }

  #fire(armedFor: number): void {
    if (this.phase === "gone" || this.#timerAt !== armedFor) return;
    this.#timerAt = Infinity;
    const at = this.#now();
    for (const run of this.runs.values()) {
      if ((nextWakeAt(run) ?? Infinity) <= at) this.#decide(run, { type: "FireTimers", at });
    }
    this.#turn();
  }

  // --- snapshots, and the end ---

  /** Keeps snapshots of open runs, when nothing is under way; may compact the journal as well. */
  archive(compacts: boolean): void {
    const { store, link, defect, world } = this.#node;
    const { isCommitting, lastSeq } = this.#commit;
    const isDurable = !isCommitting && !this.#commit.hasUnwritten();
    if (this.phase !== "open") return;
    if (!isDurable && defect !== "snapshot of what is not durable") return;
    const off = defect === "snapshot off by one" ? 1 : 0;
    const snapshots = [...this.runs.values()].filter(() => world.random.chance(0.7))
      .map((run) => ({ ...snapshotOf(run), events: run.eventCount - off }));
    world.count("snapshots");
    link.call("write", () => store.saveSnapshots(this.fence, snapshots), ignored);
    if (compacts) link.call("write", () => store.compact(this.fence, lastSeq), ignored);
  }

  /** Decides no more; `then` is called once everything is durable. */
  close(then: () => void): void {
    this.phase = "closing";
    this.#onRest = then;
    this.#turn();
  }

  /** Another node leads, or nobody knows who. */
  drop(): void {
    this.phase = "gone";
    this.#commit.close();
    this.#gate.close();
  }
}

/** As if nobody knew what has been released. */
function releaseAgain(state: RunState): void {
  for (const { waitingOn, result, plan } of state.tasks) {
    if (waitingOn === 0 && !hasEnded(result.status)) state.released.add(plan.position);
  }
}

/** Whoever waits for nothing. */
const ignored = { done: () => {}, failed: () => {} };

/** What a step gives. */
export function outputOf(step: string): string {
  return `output of ${step}`;
}
