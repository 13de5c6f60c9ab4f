/**
 * A node's work on one partition that it leads, as thin as it can be: fold, read the inbox, decide,
 * append, and only then act. Whoever changes `runtime/scheduler` or `runtime/node` keeps to the same
 * rules there.
 *
 * @module
 */
import type { JsonObject } from "../../../core/json.ts";
import type { AttemptOutcome } from "../../../core/outcome.ts";
import type { Fence, JournalRecord } from "../../../core/ports.ts";
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
  taskOf,
  wantedAttempts,
} from "../../../workflows/mod.ts";
import type { SeededRandom } from "../../seeded_random.ts";
import type { Answer } from "./answer_desk.ts";
import type { AttemptKey } from "./attempt_key.ts";
import type { ClusterNode } from "./cluster_node.ts";
import type { ReadWish, SimAppend } from "./cluster_store.ts";
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
  #records: JournalRecord<RunEvent>[] = [];
  #bases: number[] = [];
  #handled: string[] = [];
  #effects: (() => void)[] = [];
  #isCommitting = false;
  /** Wishes that were decided on, whether that is durable or not. */
  readonly #inHand = new Set<string>();
  #isReading = false;
  /** Frames whose attempts are durable, and that may not leave now. */
  #held: Frame[] = [];
  /** Attempts that were decided and whose frames have not left: they will take places. */
  undispatched = 0;
  #timerAt = Infinity;
  #lastSeq = 0;
  /** Instant of the youngest event: the wall clock of the leader before may have been ahead. */
  #lastAt = 0;
  #onRest: (() => void) | null = null;

  constructor(node: ClusterNode, fence: Fence) {
    this.#node = node;
    this.fence = fence;
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
      this.#lastSeq = seq;
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
    else this.#effects.push(post);
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
    if (onDurable !== undefined) this.#effects.push(onDurable);
    if (events !== undefined && events.length > 0) this.#record(run, events);
    return rejection === undefined;
  }

  #record(run: RunState, events: RunEvent[]): void {
    const { defect } = this.#node;
    this.undispatched += events.filter(({ type }) => type === "AttemptStarted").length;
    this.#records.push({ runId: run.runId, events });
    this.#bases.push(run.eventCount - events.length);
    if (defect === "frame before commit") this.#launch(run, events);
    else this.#effects.push(() => this.#launch(run, events));
    this.#effects.push(() => this.#follow(run, events));
  }

  /** What cells of this node said. */
  answer(answer: Answer, settled: () => void): void {
    const { frame, step, outcome } = answer;
    const run = this.runs.get(frame.runId);
    const at = this.#now();
    const { task, index } = frame;
    const { attempt } = frame;
    if (run === undefined) {
      this.#effects.push(settled);
    } else if (step !== null) {
      const output = outputOf(step);
      const isEarly = this.#node.defect === "step acknowledged before commit";
      const command = {
        type: "RecordStep",
        at,
        task,
        index,
        attempt,
        stepId: step,
        output,
      } as const;
      const isTaken = this.#decide(run, command, isEarly ? undefined : settled);
      if (isEarly && isTaken) settled();
    } else {
      this.#finish(run, { task, index, attempt }, outcome!, settled);
    }
    this.#turn();
  }

  #finish(run: RunState, named: AttemptPlace, outcome: AttemptOutcome, settled?: () => void): void {
    const { task, index } = named;
    const instance = taskOf(run, task).instances[index];
    const isTaken = this.#node.defect === "no attempt check" && instance !== undefined;
    const place = { task, index, attempt: isTaken ? instance.attempt : named.attempt };
    const random = this.#node.world.random.next();
    const at = this.#now();
    this.#decide(run, { type: "FinishAttempt", at, ...place, outcome, random }, settled);
  }

  /** A user's submission that needs no inbox. */
  submit(runId: string, body: JsonObject, onDurable: () => void): void {
    if (this.#node.defect === "ack before commit") onDurable();
    else this.#effects.push(onDurable);
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
    this.#handled.push(id);
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

  #handleFor(run: RunState, { type, body }: ReadWish): void {
    const at = this.#now();
    const place = body as unknown as AttemptPlace;
    switch (type) {
      case "cancel":
        this.#decide(run, { type: "CancelRun", at, reason: "a user" });
        return;
      case "pause":
        this.#decide(run, { type: "PauseRun", at });
        return;
      case "resume":
        this.#decide(run, { type: "ResumeRun", at });
        return;
      case "retry":
        this.#decide(run, { type: "RetryRun", at });
        return;
      case "signal": {
        const { name, payload, signalId } = body as { [field: string]: string };
        const signal = { name: name!, payload: payload!, signalId: signalId! };
        this.#decide(run, { type: "SignalRun", at, ...signal });
        return;
      }
      case "finish":
        return this.#finish(run, place, body.outcome as unknown as AttemptOutcome);
      case "step": {
        const { stepId, output } = body as { stepId: string; output: string };
        this.#decide(run, { type: "RecordStep", at, ...placeOf(place), stepId, output });
        return;
      }
      case "lose": {
        const attempts = body.attempts as unknown as AttemptPlace[];
        this.#decide(run, { type: "LoseAttempts", at, attempts });
      }
    }
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
    if (this.phase === "gone" || this.#isCommitting) return;
    if (this.phase === "open") this.#startReady();
    this.#armTimer();
    if (this.#records.length + this.#handled.length + this.#effects.length > 0) {
      return this.#commit();
    }
    this.#onRest?.();
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

  #commit(): void {
    this.#isCommitting = true;
    const effects = this.#effects;
    const isApart = this.#node.defect === "handled ids in another append";
    const append: SimAppend = {
      records: this.#records,
      bases: this.#bases,
      handled: isApart ? [] : this.#handled,
      announced: [],
      earlier: [],
    };
    const later: SimAppend | null = isApart && this.#handled.length > 0
      ? { records: [], bases: [], handled: this.#handled, announced: [], earlier: [] }
      : null;
    this.#records = [];
    this.#bases = [];
    this.#handled = [];
    this.#effects = [];
    this.#appendInParts(append, () => {
      if (later !== null) this.#append(later, () => {});
      this.#isCommitting = false;
      for (const effect of effects) {
        this.#node.process.mayDie();
        effect();
      }
      this.#turn();
    });
  }

  /** A commit that is too large for one write of the store takes several: a crash leaves the first. */
  #appendInParts(append: SimAppend, durable: () => void): void {
    const { world } = this.#node;
    const isLarge = append.records.length > 0 && world.random.chance(this.#node.splitness);
    if (!isLarge) return this.#append(append, durable);
    world.count("appends in parts");
    const [first, second] = splitAppend(append, world.random);
    this.#append(first, () => this.#append(second, durable));
  }

  #append(append: SimAppend, durable: () => void): void {
    const { link, store, holder, defect } = this.#node;
    const { fence } = this;
    link.call("write", () => store.append(fence, holder, append), {
      done: (seq) => {
        if (this.phase === "gone") return;
        if (seq === null) return this.#node.fenced(fence);
        this.#lastSeq = Math.max(seq, this.#lastSeq);
        durable();
      },
      failed: () => {
        if (this.phase === "gone") return;
        // Nobody knows whether it was written: a new term will tell.
        if (defect === "unknown append forgotten") durable();
        else if (this.phase === "closing") this.#onRest!();
        else this.#node.letGo(fence);
      },
    });
  }

  // --- after the commit ---

  #launch(run: RunState, events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.type !== "AttemptStarted") continue;
      const index = event.index ?? 0;
      const { attempt, task } = event;
      const { runId } = run;
      const { partition, term } = this.fence;
      const { steps } = taskOf(run, task).instances[index]!;
      const copy = steps === null ? null : { ...steps };
      this.#send({ runId, task, index, attempt, partition, term, steps: copy });
    }
  }

  #send(frame: Frame): void {
    const run = this.runs.get(frame.runId);
    const instance = run && taskOf(run, frame.task).instances[frame.index];
    const isWanted = instance?.status === "running" && instance.attempt === frame.attempt;
    if (isWanted && !this.#node.mayDispatch(this.#number)) {
      this.#held.push(frame);
      return;
    }
    this.undispatched--;
    // Given up between the decision and the commit: the frame need not leave.
    if (isWanted) this.#node.dispatch(frame);
  }

  /** Leadership is confirmed again. */
  resume(): void {
    const held = this.#held;
    this.#held = [];
    for (const frame of held) this.#send(frame);
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
    const isFirm = !this.#records.some((record) => record.runId === runId);
    if (!isFirm && this.#node.defect !== "cancelled before commit") {
      this.#effects.push(() => this.#endUnwanted(state));
      return;
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
    const isDurable = !this.#isCommitting && this.#records.length === 0;
    if (this.phase !== "open") return;
    if (!isDurable && defect !== "snapshot of what is not durable") return;
    const off = defect === "snapshot off by one" ? 1 : 0;
    const snapshots = [...this.runs.values()].filter(() => world.random.chance(0.7))
      .map((run) => ({ ...snapshotOf(run), events: run.eventCount - off }));
    world.count("snapshots");
    link.call("write", () => store.saveSnapshots(this.fence, snapshots), ignored);
    if (compacts) link.call("write", () => store.compact(this.fence, this.#lastSeq), ignored);
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
    this.#held = [];
  }
}

/** As if nobody knew what has been released. */
function releaseAgain(state: RunState): void {
  for (const { waitingOn, result, plan } of state.tasks) {
    if (waitingOn === 0 && !hasEnded(result.status)) state.released.add(plan.position);
  }
}

/** Cuts a commit somewhere, also in the middle of a decision. What was handled goes with the end. */
function splitAppend(append: SimAppend, random: SeededRandom): [SimAppend, SimAppend] {
  const at = random.int(0, append.records.length - 1);
  const { runId, events } = append.records[at]!;
  const cut = random.int(1, events.length);
  const records = [...append.records.slice(0, at), { runId, events: events.slice(0, cut) }];
  const rest = append.records.slice(at + 1);
  const restBases = append.bases.slice(at + 1);
  if (cut < events.length) {
    rest.unshift({ runId, events: events.slice(cut) });
    restBases.unshift(append.bases[at]! + cut);
  }
  const first = { records, bases: append.bases.slice(0, at + 1), handled: [] };
  const second = { records: rest, bases: restBases, handled: append.handled };
  return [
    { ...first, announced: append.handled, earlier: [] },
    { ...second, announced: [], earlier: records },
  ];
}

/** Whoever waits for nothing. */
const ignored = { done: () => {}, failed: () => {} };

function placeOf({ task, index, attempt }: AttemptPlace): AttemptPlace {
  return { task, index, attempt };
}

/** What a step gives. */
export function outputOf(step: string): string {
  return `output of ${step}`;
}
