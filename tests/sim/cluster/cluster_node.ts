/**
 * A node of the cluster: the real election decider in a thin shell, its cells, and the partitions
 * that it leads.
 *
 * @module
 */
import type { Member } from "../../../core/cluster_ports.ts";
import type { Fence, Holder, InboxCommand } from "../../../core/ports.ts";
import { AnswerDesk } from "./answer_desk.ts";
import { type AttemptKey, attemptKey } from "./attempt_key.ts";
import type { ClusterCheckers } from "./cluster_checkers.ts";
import type { ClusterDefect } from "./cluster_defects.ts";
import type { ClusterStore } from "./cluster_store.ts";
import type { ClusterWorld } from "./cluster_world.ts";
import { LedPartition } from "./led_partition.ts";
import { LetterBox } from "./letter_box.ts";
import { NodeElection } from "./node_election.ts";
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
  readonly #election: NodeElection;
  readonly letters = new LetterBox(this);
  #beat = 0;
  #lastWall = 0;
  #isDraining = false;
  /** True instants at which attempts began here. */
  readonly #beganAt = new Map<string, number>();
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
    this.#election = new NodeElection(this, partitions);
    this.process.onDeath = () => this.die();
  }

  start(): void {
    this.process.deliver(() => {
      this.#election.start();
      this.#every(INBOX_POLL_MS, () => this.#poll());
      this.#every(LETTERS_POLL_MS, () => this.letters.read());
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

  /** Whether frames may leave for the partition at this instant. */
  mayDispatch(partition: number): boolean {
    if (!this.process.isUp || !this.led.has(partition)) return false;
    return this.#election.isConfirmed(partition);
  }

  /** Nodes whose attempts go on, as `name/boot`. */
  living(): ReadonlySet<string> {
    return this.#election.living();
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
    if (!this.#election.isInTouch()) return false;
    const beganAt = this.#beganAt.get(attemptKey(attempt));
    return beganAt !== undefined && beganAt > this.#election.outOfTouchAt;
  }

  dispatch(frame: Frame): void {
    this.process.mayDie();
    this.#context.checkers.frames.left(frame, this.name);
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
    this.drop(fence.partition);
    this.#election.fenced(fence);
  }

  /** Nobody knows what was written: whoever leads next, with a new term, will see. */
  letGo(fence: Fence): void {
    this.drop(fence.partition);
    this.#election.surrender(fence);
  }

  lead(fence: Fence): void {
    this.#context.checkers.frames.begins(fence);
    const led = new LedPartition(this, fence);
    this.led.set(fence.partition, led);
    led.start();
  }

  /** How it describes itself with the next heartbeat. */
  member(): Member {
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
      electionTimeoutMs: 1_000,
    };
  }

  /** Leads the partition no more. */
  drop(partition: number): void {
    const led = this.led.get(partition);
    if (led === undefined) return;
    led.drop();
    if (this.defect === "places of lost frames kept") this.#lostPlaces += led.undispatched;
    this.led.delete(partition);
    this.desk.dropped(partition);
  }

  // --- the end ---

  /** Gives everything away, then goes. */
  drain(): void {
    this.process.deliver(() => {
      this.#isDraining = true;
      this.#election.drain();
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
}
