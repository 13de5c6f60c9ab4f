/**
 * A node of the cluster: the real election decider in a thin shell, its cells, and the partitions
 * that it leads.
 *
 * @module
 */
import {
  confirmedUntil,
  createElection,
  decideElection,
  type ElectionAction,
  type ElectionInput,
  type ElectionState,
  isConfirmed,
  living,
  nextTickAt,
} from "../../../actors/election/mod.ts";
import type { Member } from "../../../core/cluster_ports.ts";
import type { Fence, Holder, InboxCommand, Term } from "../../../core/ports.ts";
import type { AttemptLetter } from "../../../workflows/mod.ts";
import { AnswerDesk } from "./answer_desk.ts";
import { type AttemptKey, attemptKey } from "./attempt_key.ts";
import type { ClusterCheckers } from "./cluster_checkers.ts";
import type { ClusterDefect } from "./cluster_defects.ts";
import type { ClusterStore } from "./cluster_store.ts";
import type { ClusterWorld } from "./cluster_world.ts";
import { LedPartition } from "./led_partition.ts";
import { type Frame, SimCells, SLOTS } from "./sim_cells.ts";
import { type MachineClock, SimProcess } from "./sim_process.ts";
import { type Reply, StoreLink } from "./store_link.ts";
import type { ClusterFaults } from "./cluster_faults.ts";

/** What all nodes of a world have in common. */
export interface ClusterContext {
  world: ClusterWorld;
  store: ClusterStore;
  checkers: ClusterCheckers;
  faults: ClusterFaults;
  defect: ClusterDefect | null;
  partitions: number;
  /** Tells the nodes that an inbox has something, as far as such news goes. */
  ring: (partition: number) => void;
  /** Tells a node that it has letters, likewise. */
  ringNode: (nodeId: string) => void;
}

export const ELECTION_TIMEOUT_MS = 1_000;
export const HEARTBEAT_MS = 200;
const INBOX_POLL_MS = 200;
const LETTERS_POLL_MS = 300;
/** A node that leaves gives its cells this long. */
const DRAIN_MS = 3_000;

/** One boot of a node. */
export class ClusterNode {
  readonly world: ClusterWorld;
  readonly store: ClusterStore;
  readonly defect: ClusterDefect | null;
  readonly process: SimProcess;
  readonly link: StoreLink;
  readonly cells: SimCells;
  /** Cells are processes of their own: a stopped node does not stop them. */
  readonly cellsProcess: SimProcess;
  readonly desk: AnswerDesk;
  readonly led = new Map<number, LedPartition>();
  readonly holder: Holder;
  /** As in the journal: `name/boot`. */
  readonly name: string;
  readonly #context: ClusterContext;
  readonly #election: ElectionState;
  readonly #fences = new Map<number, Fence>();
  #beat = 0;
  #isBeating = false;
  #looks: "none" | "one" | "again" = "none";
  #tickAt = Infinity;
  #lastWall = 0;
  /** True instant at which the node last had reason to think that others gave it up. */
  #outOfTouchAt = -1;
  #isDraining = false;
  /** True instants at which attempts began here. */
  readonly #beganAt = new Map<string, number>();
  readonly #everSeen = new Set<string>();
  /** Places that are kept for frames that will never leave; only a defect has such. */
  #lostPlaces = 0;
  onExit: () => void = () => {};

  constructor(context: ClusterContext, who: { nodeId: string; boot: string; clock: MachineClock }) {
    const { world, store, defect, partitions } = context;
    this.#context = context;
    this.world = world;
    this.store = store;
    this.defect = defect;
    this.name = `${who.nodeId}/${who.boot}`;
    this.holder = { nodeId: who.nodeId, host: "sim", pid: 1, processStart: who.boot };
    this.process = new SimProcess(world, who.clock);
    this.cellsProcess = new SimProcess(world, who.clock);
    this.link = new StoreLink(this.process, () => context.faults.link, context.faults.health);
    this.cells = new SimCells(this.cellsProcess, {
      onStep: (frame, step, acknowledge) =>
        this.process.deliver(() => this.#onStep(frame, step, acknowledge)),
      onFinish: (frame, outcome) =>
        this.process.deliver(() =>
          this.desk.add({ frame, step: null, outcome, onDurable: () => this.#wakeAll() })
        ),
    }, context.checkers);
    this.desk = new AnswerDesk(this);
    this.#election = createElection({
      nodeId: who.nodeId,
      boot: who.boot,
      partitions,
      electionTimeoutMs: ELECTION_TIMEOUT_MS,
      heartbeatMs: HEARTBEAT_MS,
    }, this.#monotonic());
    this.process.onDeath = () => this.die();
  }

  start(): void {
    this.process.deliver(() => {
      this.#arm();
      this.#every(INBOX_POLL_MS, () => this.#poll());
      this.#every(LETTERS_POLL_MS, () => this.readLetters());
    });
  }

  #every(intervalMs: number, act: () => void): void {
    this.process.after(intervalMs, () => {
      this.#every(intervalMs, act);
      act();
    });
  }

  #poll(): void {
    for (const partition of this.led.values()) {
      partition.look();
      if (this.world.random.chance(this.#context.faults.snapshotiness)) {
        partition.archive(this.world.random.chance(0.6));
      }
    }
  }

  #wakeAll(): void {
    for (const partition of this.led.values()) partition.wake();
  }

  // --- what is asked of it ---

  /** Wall clock, as the process reads it: never backwards. */
  now(): number {
    return this.#lastWall = Math.max(this.#lastWall, this.process.clock.wall());
  }

  #monotonic(): number {
    return this.defect === "wall clock trusted"
      ? this.process.clock.wall()
      : this.process.clock.monotonic();
  }

  /** Whether frames may leave for the partition at this instant. */
  mayDispatch(partition: number): boolean {
    if (!this.process.isUp || !this.led.has(partition)) return false;
    if (this.defect === "lease ignored") return true;
    return isConfirmed(this.#election, partition, this.#monotonic());
  }

  /** Nodes whose attempts go on, as `name/boot`. */
  living(): ReadonlySet<string> {
    if (this.defect === "nothing adopted") return new Set([this.name]);
    const names = living(this.#election, this.#monotonic());
    if (this.defect !== "stale adoption") return names;
    for (const name of names) this.#everSeen.add(name);
    return this.#everSeen;
  }

  /** Whether it has the attempt, or its answer. */
  has(attempt: AttemptKey): boolean {
    return this.cells.has(attempt) || this.desk.has(attempt);
  }

  /** Free places of its cells. */
  room(): number {
    let taken = this.cells.size + this.#lostPlaces;
    for (const { undispatched } of this.led.values()) taken += undispatched;
    return Math.max(0, SLOTS - taken);
  }

  /** Whether nobody has reason to think that the attempt is lost. */
  hasSafely(attempt: AttemptKey): boolean {
    if (!this.process.isUp || !this.has(attempt)) return false;
    if (this.#monotonic() >= this.#vouchedUntil()) return false;
    const beganAt = this.#beganAt.get(attemptKey(attempt));
    return beganAt !== undefined && beganAt > this.#outOfTouchAt;
  }

  /** Until when the last heartbeat keeps others from giving the node up. */
  #vouchedUntil(): number {
    return this.#election.beatSentAt + ELECTION_TIMEOUT_MS * 0.8;
  }

  dispatch(frame: Frame): void {
    this.process.mayDie();
    this.#context.checkers.frames.left(frame, this.name, this.store);
    this.world.note(`${this.name} dispatches ${frame.runId} ${frame.task} ${frame.attempt}`);
    this.#beganAt.set(attemptKey(frame), this.world.at);
    this.cells.take(frame);
  }

  /** How likely a commit is too large for one write. */
  get splitness(): number {
    return this.#context.faults.splitness;
  }

  /** News that letters are there. */
  ringNode(nodeId: string): void {
    this.#context.ringNode(nodeId);
  }

  #onStep(frame: Frame, step: string, acknowledge: () => void): void {
    const onDurable = () => {
      const isSafe = this.hasSafely(frame);
      this.#context.checkers.journal.stepAcknowledged(frame, step, isSafe);
      this.cellsProcess.deliver(acknowledge);
    };
    this.desk.add({ frame, step, outcome: null, onDurable });
  }

  /** A user's wish: durable once `acknowledge` is called. */
  take(partition: number, wish: Omit<InboxCommand, "id">, acknowledge: () => void): void {
    const led = this.led.get(partition);
    const { runId, type, body } = wish;
    if (type !== "submit" || led?.phase !== "open" || this.world.random.chance(0.5)) {
      if (this.defect === "ack before commit") acknowledge();
      this.send(partition, wish, { done: acknowledge, failed: () => {} });
      return;
    }
    const isKnown = () => this.store.histories.has(runId);
    const submit = (isThere: boolean) => {
      if (led.phase !== "open") return;
      const durable = () => {
        const { wishes, journal } = this.#context.checkers;
        wishes.taken(body.key as string, journal.runs.has(runId));
        acknowledge();
      };
      if (isThere) durable();
      else led.submit(runId, body, durable);
    };
    this.link.call("read", isKnown, { done: submit, failed: () => {} });
  }

  /** Leaves a wish in an inbox. */
  send(partition: number, wish: Omit<InboxCommand, "id">, reply: Reply<void>): void {
    this.link.call("write", () => void this.store.send(partition, [wish]), {
      done: () => {
        this.#context.ring(partition);
        reply.done();
      },
      failed: reply.failed,
    });
  }

  // --- election ---

  /** A write of that term was refused. */
  fenced(fence: Fence): void {
    this.#drop(fence.partition);
    this.#feed({ type: "fenced", at: this.#monotonic(), ...placeOf(fence) });
  }

  /** Nobody knows what was written: whoever leads next, with a new term, will see. */
  letGo(fence: Fence): void {
    this.#drop(fence.partition);
    this.#feed({ type: "surrender", at: this.#monotonic(), ...placeOf(fence) });
  }

  #drop(partition: number): void {
    const led = this.led.get(partition);
    if (led === undefined) return;
    led.drop();
    if (this.defect === "places of lost frames kept") this.#lostPlaces += led.undispatched;
    this.led.delete(partition);
    this.desk.dropped(partition);
  }

  #feed(input: ElectionInput): void {
    const { actions } = decideElection(input, this.#election);
    if (this.defect === "claims at once") forgetCaution(this.#election);
    for (const action of actions) this.#act(action);
    if (this.#election.isReplaced) return this.die();
    this.#arm();
  }

  #arm(): void {
    const next = nextTickAt(this.#election);
    if (next >= this.#tickAt || !Number.isFinite(next)) return;
    this.#tickAt = next;
    this.process.after(Math.max(0.01, next - this.#monotonic()), () => {
      if (this.#tickAt !== next) return;
      this.#tickAt = Infinity;
      this.#feed({ type: "tick", at: this.#monotonic(), random: this.world.random.next() });
    });
  }

  #act(action: ElectionAction): void {
    switch (action.type) {
      case "beat":
        return this.#sendBeat();
      case "look":
        return this.#look();
      case "claim":
        return this.#claim(action.partition, action.seenTerm);
      case "lead":
        return this.#lead(action.partition);
      case "suspend":
        return;
      case "resume":
        return this.led.get(action.partition)?.resume();
      case "stepDown":
        this.world.note(`${this.name} steps down from ${action.partition}: ${action.reason}`);
        this.world.count(`steps down: ${action.reason}`);
        return this.#drop(action.partition);
      case "handOver":
        return this.#handOver(action.partition, action.heir);
    }
  }

  #sendBeat(): void {
    if (this.#isBeating) return;
    this.#isBeating = true;
    const sentAt = this.#monotonic();
    const member = this.#member();
    this.link.call("write", () => this.store.beat(member), {
      done: () => {
        this.#isBeating = false;
        const at = this.#monotonic();
        if (at >= this.#vouchedUntil()) this.#outOfTouchAt = this.world.at;
        const isLate = this.defect === "lease counted from the answer";
        this.#feed({ type: "beatConfirmed", at, sentAt: isLate ? at : sentAt });
      },
      failed: () => {
        this.#isBeating = false;
        this.#feed({ type: "beatFailed", at: this.#monotonic() });
      },
    });
  }

  #member(): Member {
    const [nodeId, boot] = this.name.split("/") as [string, string];
    return {
      nodeId,
      boot,
      holder: this.holder,
      beat: ++this.#beat,
      status: this.#isDraining ? "draining" : "up",
      url: null,
      startedAt: 0,
      version: "sim",
      partitions: [...this.led.keys()],
      runs: 0,
      blobEpoch: 0,
    };
  }

  #look(): void {
    if (this.#looks !== "none") {
      this.#looks = "again";
      return;
    }
    this.#looks = "one";
    const askedAt = this.#monotonic();
    const read = () => ({ members: [...this.store.members.values()], terms: this.store.terms() });
    this.link.call("read", read, {
      done: ({ members, terms }) => {
        this.#lookAgainIfAsked();
        const at = this.#monotonic();
        const isLate = this.defect === "lease counted from the answer";
        const random = this.world.random.next();
        this.#feed({
          type: "seen",
          at,
          askedAt: isLate ? at : askedAt,
          members,
          terms: this.defect === "no step-down on a seen term" ? this.#blinded(terms) : terms,
          random,
        });
        for (const partition of this.led.values()) partition.loseGone();
      },
      failed: () => this.#lookAgainIfAsked(),
    });
  }

  #lookAgainIfAsked(): void {
    const isAsked = this.#looks === "again";
    this.#looks = "none";
    if (isAsked) this.#look();
  }

  /** What a node sees that does not look at the terms of what it leads. */
  #blinded(terms: Term[]): Term[] {
    return terms.filter(({ partition }) => !this.led.has(partition));
  }

  #claim(partition: number, seenTerm: number): void {
    this.link.call("write", () => this.store.claim(partition, this.holder, seenTerm), {
      done: (fence) => {
        const at = this.#monotonic();
        if (fence === null) return this.#feed({ type: "claimRefused", at, partition });
        this.#fences.set(partition, fence);
        this.world.note(`${this.name} has term ${fence.term} of ${partition}`);
        this.#feed({ type: "claimed", at, partition, term: fence.term });
      },
      failed: () => this.#feed({ type: "claimUnknown", at: this.#monotonic(), partition }),
    });
  }

  #lead(partition: number): void {
    const fence = this.#fences.get(partition)!;
    this.world.note(`${this.name} leads ${partition} in term ${fence.term}`);
    this.world.count("leads");
    const led = new LedPartition(this, fence);
    this.led.set(partition, led);
    led.start();
  }

  #handOver(partition: number, heir: string | null): void {
    this.world.count("hands over");
    const led = this.led.get(partition);
    const fence = this.#fences.get(partition)!;
    const release = () => {
      this.#drop(partition);
      const done = () =>
        this.#feed({ type: "handedOver", at: this.#monotonic(), ...placeOf(fence) });
      this.link.call("write", () => this.store.release(fence, heir), { done, failed: done });
    };
    if (led === undefined) release();
    else led.close(release);
  }

  // --- letters ---

  readLetters(): void {
    const [nodeId] = this.name.split("/") as [string];
    this.link.call("read", () => this.store.letters(nodeId), {
      done: (letters) => {
        for (const { id, body } of letters) {
          this.#receive(
            body as unknown as AttemptLetter,
            () =>
              this.link.call("write", () => this.store.discard(nodeId, [id]), {
                done: () => {},
                failed: () => {},
              }),
          );
        }
      },
      failed: () => {},
    });
  }

  /** `discard` strikes the letter off, once all that it asks for is durable. */
  #receive(letter: AttemptLetter, discard: () => void): void {
    if (letter.node !== this.name) return discard();
    if (letter.type === "cancel") {
      for (const { runId, attempts } of letter.runs) {
        for (const place of attempts) this.cells.cancel({ runId, ...place });
      }
      return discard();
    }
    const led = this.led.get(letter.partition);
    if (led !== undefined) {
      const isDeposed = led.fence.term < letter.term;
      // What is missing was found missing when leadership came back here.
      const isOld = !isDeposed || this.defect === "letter passed over by a deposed leader";
      if (isOld) return discard();
      this.fenced(led.fence);
    }
    this.#answer(letter, discard);
  }

  #answer({ partition, runs }: AttemptLetter, discard: () => void): void {
    const wishes = runs.flatMap(({ runId, attempts }) => {
      const missing = attempts.filter((place) => !this.has({ runId, ...place }));
      return missing.length === 0 ? [] : [{ runId, attempts: missing }];
    });
    const isSilent = this.defect === "letters lost without lose";
    if (wishes.length === 0 || isSilent) return discard();
    for (const { runId, attempts } of wishes) {
      const body = JSON.parse(JSON.stringify({ attempts }));
      const wish = { runId, type: "lose", body };
      this.send(partition, wish, { done: discard, failed: () => {} });
    }
  }

  // --- the end ---

  /** Gives everything away, then goes. */
  drain(): void {
    this.process.deliver(() => {
      this.#isDraining = true;
      this.#feed({ type: "drain", at: this.#monotonic() });
      this.#leaveWhenDone(this.world.at + DRAIN_MS);
    });
  }

  #leaveWhenDone(deadline: number): void {
    const isDone = this.led.size === 0 && this.cells.size === 0 && this.desk.size === 0;
    if (!isDone && this.world.at < deadline) {
      return this.process.after(100, () => this.#leaveWhenDone(deadline));
    }
    const [nodeId, boot] = this.name.split("/") as [string, string];
    this.cellsProcess.kill();
    const exit = () => this.die();
    this.link.call("write", () => this.store.leave(nodeId, boot), { done: exit, failed: exit });
  }

  /** The process is gone, and its cells with it. */
  die(): void {
    if (!this.process.isUp) return;
    this.world.note(`${this.name} dies`);
    this.process.kill();
    this.cellsProcess.kill();
    this.onExit();
  }

  /** Until when its leaderships hold; for the trace. */
  get confirmedUntil(): number {
    return confirmedUntil(this.#election);
  }
}

function placeOf({ partition, term }: Fence): { partition: number; term: number } {
  return { partition, term };
}

/** Nobody's silence is waited for. */
function forgetCaution(state: ElectionState): void {
  for (const watch of Object.values(state.watches)) watch.timeoutMs = 0;
  for (const one of state.partitions) one.rival = null;
}
