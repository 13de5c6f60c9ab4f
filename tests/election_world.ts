/**
 * Several deciders of the election over one simulated store: true time, clocks that run too fast or
 * too slow, calls that take their time, and faults.
 *
 * @module
 */
import {
  createElection,
  decideElection,
  type ElectionAction,
  type ElectionInput,
  type ElectionState,
  isConfirmed,
  nextTickAt,
  type SeenMember,
} from "../actors/election/mod.ts";
import { Heap } from "../core/heap.ts";
import type { Holder, Term } from "../core/ports.ts";
import { SeededRandom } from "./seeded_random.ts";

/** Something that goes wrong from `at` on, for `lengthMs` of true time. */
export interface WorldFault {
  kind: "pause" | "crash" | "outage" | "readOnly" | "cut" | "slow" | "drain";
  at: number;
  lengthMs: number;
  /** Which node it meets, where it meets one. */
  node: number;
  /** Calls wait until it is over, instead of failing. */
  hangs: boolean;
}

export interface WorldOptions {
  seed: number;
  nodes: number;
  partitions: number;
  electionTimeoutMs: number;
  faults: readonly WorldFault[];
  /** Clocks run between `1 - drift` and `1 + drift` times as fast as true time. */
  drift: number;
  /** How many of a hundred partitions taken on cannot be folded. */
  brokenFolds?: number;
}

interface SimNode {
  index: number;
  holder: Holder;
  boot: string;
  beat: number;
  rate: number;
  offset: number;
  state: ElectionState;
  isUp: boolean;
  pausedUntil: number;
  tickVersion: number;
  inFlight: Set<string>;
  wanted: Set<string>;
  isLeaving: boolean;
}

interface WorldEvent {
  at: number;
  order: number;
  run: () => void;
}

type CallKind = keyof typeof LATE;

/**
 * How often a request or an answer is late while the store is slow. What ties two nodes together is
 * late more often: a claim or a heartbeat that takes effect long after it was decided on. Looks are
 * not, since a node that cannot look does not claim.
 */
const LATE = { look: 0.003, beat: 0.03, claim: 0.3, append: 0.03, release: 0.1 } as const;

/** Events a world has seen, for tests that must not pass idly. */
export interface WorldCounts {
  claims: number;
  refused: number;
  leads: number;
  suspends: number;
  resumes: number;
  stepDowns: number;
  handOvers: number;
  /** Partitions won from a leader that showed life since: led a time-out later. */
  waits: number;
}

export class ElectionWorld {
  readonly options: WorldOptions;
  readonly terms: Term[] = [];
  readonly counts: WorldCounts = {
    claims: 0,
    refused: 0,
    leads: 0,
    suspends: 0,
    resumes: 0,
    stepDowns: 0,
    handOvers: 0,
    waits: 0,
  };
  /** What was wrong, in words. */
  readonly violations: string[] = [];
  now = 0;
  readonly #nodes: SimNode[] = [];
  readonly #members = new Map<string, SeenMember>();
  readonly #random: SeededRandom;
  readonly #events = new Heap<WorldEvent>((a, b) =>
    a.at < b.at || (a.at === b.at && a.order < b.order)
  );
  /** Highest term that was led with confirmation, by partition. */
  readonly #ledTerms: number[];
  #order = 0;

  constructor(options: WorldOptions) {
    this.options = options;
    this.#random = new SeededRandom(options.seed);
    this.#ledTerms = Array.from({ length: options.partitions }, () => 0);
    for (let partition = 0; partition < options.partitions; partition++) {
      this.terms.push({ partition, term: 0, holder: null, heir: null });
    }
    for (let index = 0; index < options.nodes; index++) this.#start(index);
    for (const fault of options.faults) this.#at(fault.at, () => this.#strike(fault));
  }

  /** Lets everything happen up to an instant of true time, or until `isDone`. */
  runUntil(at: number, isDone: () => boolean = () => false): void {
    for (let next = this.#events.peek(); next !== undefined; next = this.#events.peek()) {
      if (next.at > at || this.violations.length > 0 || isDone()) break;
      this.#events.pop();
      this.now = next.at;
      next.run();
      this.#check();
    }
    if (!isDone()) this.now = at;
  }

  /** Node that leads each partition with confirmation now; `null` where none does. */
  leaders(): (number | null)[] {
    return this.terms.map(({ partition }) => {
      const leader = this.#up().find((node) => this.#leads(node, partition));
      return leader?.index ?? null;
    });
  }

  /** Partitions led by each node that is up. */
  loads(): number[] {
    const leaders = this.leaders();
    return this.#up().map(({ index }) => leaders.filter((leader) => leader === index).length);
  }

  state(index: number): ElectionState {
    return this.#nodes[index]!.state;
  }

  /** Writes of leaders that the store refused, and those that it took. */
  appends = { refused: 0, accepted: 0 };

  #up(): SimNode[] {
    return this.#nodes.filter((node) => node.isUp);
  }

  #clock(node: SimNode): number {
    return node.offset + node.rate * this.now;
  }

  #leads(node: SimNode, partition: number): boolean {
    return isConfirmed(node.state, partition, this.#clock(node));
  }

  #check(): void {
    for (const { partition } of this.terms) {
      const leaders = this.#up().filter((node) => this.#leads(node, partition));
      if (leaders.length > 1) {
        const names = leaders.map(({ holder, state }) =>
          `${holder.nodeId} in term ${state.partitions[partition]!.ownTerm}`
        );
        this.violations.push(
          `Partition ${partition} has two leaders at ${this.now}: ${names.join(", ")}`,
        );
      }
      for (const { state } of leaders) {
        const { ownTerm } = state.partitions[partition]!;
        if (ownTerm < this.#ledTerms[partition]!) {
          this.violations.push(`Partition ${partition} went back to term ${ownTerm}`);
        }
        this.#ledTerms[partition] = ownTerm;
      }
    }
  }

  #at(at: number, run: () => void): void {
    this.#events.push({ at: Math.max(at, this.now), order: this.#order++, run });
  }

  // --- nodes ---

  #start(index: number): void {
    const { drift, partitions, electionTimeoutMs } = this.options;
    const starts = (this.#nodes[index]?.holder.pid ?? 0) + 1;
    const holder = { nodeId: `n${index}`, host: "host", pid: starts, processStart: "1" };
    const boot = `boot${starts}`;
    const rate = 1 - drift + 2 * drift * this.#random.next();
    const offset = this.#random.int(0, 1_000_000);
    const at = offset + rate * this.now;
    const heartbeatMs = electionTimeoutMs / 5;
    const settings = { nodeId: holder.nodeId, boot, partitions, electionTimeoutMs, heartbeatMs };
    const node: SimNode = {
      index,
      holder,
      boot,
      beat: 0,
      rate,
      offset,
      state: createElection(settings, at),
      isUp: true,
      pausedUntil: 0,
      tickVersion: 0,
      inFlight: new Set(),
      wanted: new Set(),
      isLeaving: false,
    };
    this.#nodes[index] = node;
    this.#armTick(node);
  }

  #armTick(node: SimNode): void {
    const version = ++node.tickVersion;
    const dueAt = (nextTickAt(node.state) - node.offset) / node.rate;
    if (!Number.isFinite(dueAt)) return;
    // A timer is up to a millisecond late, and never early.
    this.#at(Math.max(this.now, dueAt) + 0.01 + this.#random.next(), () => {
      if (version !== node.tickVersion) return;
      this.#tell(node, (at) => ({ type: "tick", at, random: this.#random.next() }));
    });
  }

  /** Hands a node what happened, when it can take it. */
  #tell(node: SimNode, input: (at: number) => ElectionInput): void {
    if (!node.isUp) return;
    if (node.pausedUntil > this.now) {
      return this.#at(node.pausedUntil, () => this.#tell(node, input));
    }
    const waited = waits(node.state);
    const { actions } = decideElection(input(this.#clock(node)), node.state);
    this.counts.waits += Math.max(0, waits(node.state) - waited);
    for (const action of actions) this.#carryOut(node, action);
    this.#armTick(node);
    if (node.isLeaving) this.#leaveWhenIdle(node);
  }

  #carryOut(node: SimNode, action: ElectionAction): void {
    switch (action.type) {
      case "beat":
        return this.#single(node, "beat", () => this.#beat(node));
      case "look":
        return this.#single(node, "look", () => this.#look(node));
      case "claim":
        return this.#claim(node, action.partition, action.seenTerm);
      case "lead":
        return this.#lead(node, action);
      case "handOver":
        this.counts.handOvers++;
        return this.#at(
          this.now + this.#random.int(0, 60),
          () => this.#release(node, action),
        );
      case "suspend":
        this.counts.suspends++;
        return;
      case "resume":
        this.counts.resumes++;
        return;
      case "stepDown":
        this.counts.stepDowns++;
    }
  }

  /** One of each kind in flight; what is wanted meanwhile follows it. */
  #single(node: SimNode, kind: string, start: () => void): void {
    if (node.inFlight.has(kind)) {
      node.wanted.add(kind);
      return;
    }
    node.inFlight.add(kind);
    start();
  }

  #done(node: SimNode, kind: "beat" | "look"): void {
    node.inFlight.delete(kind);
    if (node.wanted.delete(kind)) this.#carryOut(node, { type: kind });
  }

  #lead(node: SimNode, action: { partition: number; term: number }): void {
    this.counts.leads++;
    const { partition, term } = action;
    if (this.#random.int(0, 99) < (this.options.brokenFolds ?? 0)) {
      const surrender = (at: number) => ({ type: "surrender", at, partition, term }) as const;
      return this.#at(this.now + 20, () => this.#tell(node, surrender));
    }
    this.#append(node, partition, term);
  }

  /** A leader writes now and then, whether it is suspended or not. */
  #append(node: SimNode, partition: number, term: number): void {
    const { stand, ownTerm } = node.state.partitions[partition]!;
    if (!node.isUp || stand !== "leading" || ownTerm !== term) return;
    const again = () => this.#at(this.now + 50, () => this.#append(node, partition, term));
    if (node.pausedUntil > this.now) return again();
    this.#call(node, "append", () => {
      const record = this.terms[partition]!;
      return record.term === term && record.holder?.pid === node.holder.pid &&
        record.holder.nodeId === node.holder.nodeId;
    }, (accepted) => {
      if (accepted === undefined) return again();
      if (accepted) this.appends.accepted++;
      else this.appends.refused++;
      if (accepted) return again();
      this.#tell(node, (at) => ({ type: "fenced", at, partition, term }));
    });
  }

  // --- the store ---

  #beat(node: SimNode): void {
    const sentAt = this.#clock(node);
    const { nodeId } = node.holder;
    const member: SeenMember = {
      nodeId,
      boot: node.boot,
      holder: node.holder,
      beat: ++node.beat,
      status: node.state.isDraining ? "draining" : "up",
    };
    this.#call(node, "beat", () => this.#members.set(nodeId, member), (result) => {
      this.#tell(
        node,
        (at) =>
          result === undefined ? { type: "beatFailed", at } : { type: "beatConfirmed", at, sentAt },
      );
      this.#done(node, "beat");
    });
  }

  /** Members and terms are two reads: what lies between may have changed. */
  #look(node: SimNode): void {
    const askedAt = this.#clock(node);
    this.#call(node, "look", () => [...this.#members.values()], (members) => {
      if (members === undefined) return this.#done(node, "look");
      const read = () => this.terms.filter(({ term }) => term > 0).map((one) => ({ ...one }));
      this.#call(node, "look", read, (terms) => {
        if (terms !== undefined) {
          const random = this.#random.next();
          this.#tell(node, (at) => ({ type: "seen", at, askedAt, members, terms, random }));
        }
        this.#done(node, "look");
      });
    });
  }

  #claim(node: SimNode, partition: number, seenTerm: number): void {
    this.counts.claims++;
    const term = seenTerm + 1;
    this.#call(node, "claim", () => {
      if (this.terms[partition]!.term !== seenTerm) return "refused";
      this.terms[partition] = { partition, term, holder: node.holder, heir: null };
      this.#ring();
      return "claimed";
    }, (result) => {
      if (result === "refused") this.counts.refused++;
      this.#tell(node, (at) => {
        if (result === "claimed") return { type: "claimed", at, partition, term };
        return { type: result === "refused" ? "claimRefused" : "claimUnknown", at, partition };
      });
    });
  }

  #release(
    node: SimNode,
    action: { partition: number; term: number; heir: string | null },
  ): void {
    const { partition, term, heir } = action;
    if (!node.isUp || node.state.partitions[partition]!.stand !== "handingOver") return;
    if (node.pausedUntil > this.now) {
      return this.#at(node.pausedUntil, () => this.#release(node, action));
    }
    this.#call(node, "release", () => {
      const record = this.terms[partition]!;
      if (record.term === term && record.holder?.nodeId === node.holder.nodeId) {
        this.terms[partition] = { partition, term, holder: null, heir };
        this.#ring();
      }
      return true;
    }, (result) => {
      if (result === undefined) {
        return this.#at(this.now + 20, () => this.#release(node, action));
      }
      this.#tell(node, (at) => ({ type: "handedOver", at, partition, term }));
    });
  }

  /** The doorbell: every other ring is lost. */
  #ring(): void {
    for (const node of this.#up()) {
      if (this.#random.chance(0.5)) continue;
      this.#at(this.now + this.#random.int(1, 30), () => {
        if (node.isUp && node.pausedUntil <= this.now) this.#carryOut(node, { type: "look" });
      });
    }
  }

  /**
   * A call of the store: takes effect once, or not at all, between request and answer.
   *
   * @param answer gets `undefined` when the call failed, also where it took effect
   */
  #call<T>(
    node: SimNode,
    kind: CallKind,
    effect: () => T,
    answer: (result: T | undefined) => void,
  ): void {
    const { boot } = node;
    const reply = (result: T | undefined) => {
      if (node.isUp && node.boot === boot) answer(result);
    };
    this.#at(this.now + this.#delay(kind), () => {
      const fault = this.#faultOf(node, kind !== "look");
      if (fault === undefined) {
        const result = effect();
        const isLost = this.#isShaky() && this.#random.chance(0.02);
        return this.#at(this.now + this.#delay(kind), () => reply(isLost ? undefined : result));
      }
      if (!fault.hangs) return this.#at(this.now + this.#delay(kind), () => reply(undefined));
      const freeAt = fault.at + fault.lengthMs + this.#random.int(0, 100);
      this.#at(freeAt, () => {
        const result = effect();
        this.#at(this.now + this.#delay(kind), () => reply(result));
      });
    });
  }

  #delay(kind: CallKind): number {
    if (this.#active("slow").length === 0) return this.#random.int(0, 8);
    const isLate = this.#random.chance(LATE[kind]);
    return this.#random.int(0, isLate ? 2 * this.options.electionTimeoutMs : 40);
  }

  #faultOf(node: SimNode, isWrite: boolean): WorldFault | undefined {
    return this.#active("outage")[0] ?? (isWrite ? this.#active("readOnly")[0] : undefined) ??
      this.#active("cut").find((fault) => fault.node % this.options.nodes === node.index);
  }

  #active(kind: WorldFault["kind"]): WorldFault[] {
    return this.options.faults.filter((fault) =>
      fault.kind === kind && fault.at <= this.now && this.now < fault.at + fault.lengthMs
    );
  }

  /** Whether answers of the store may get lost. */
  #isShaky(): boolean {
    return this.#active("slow").length + this.#active("outage").length > 0;
  }

  // --- faults ---

  #strike({ kind, at, lengthMs, node: number }: WorldFault): void {
    const node = this.#nodes[number % this.options.nodes]!;
    if (kind === "pause") node.pausedUntil = Math.max(node.pausedUntil, at + lengthMs);
    if (kind === "crash") {
      node.isUp = false;
      this.#at(at + lengthMs, () => this.#startAgain(node));
    }
    if (kind === "drain" && node.isUp) {
      node.isLeaving = true;
      this.#tell(node, (at) => ({ type: "drain", at }));
      this.#at(at + lengthMs, () => {
        node.isUp = false;
        this.#startAgain(node);
      });
    }
  }

  #startAgain(node: SimNode): void {
    if (this.#nodes[node.index] === node && !node.isUp) this.#start(node.index);
  }

  #leaveWhenIdle(node: SimNode): void {
    if (node.state.partitions.some(({ stand }) => stand !== "follower")) return;
    node.isUp = false;
    if (this.#members.get(node.holder.nodeId)?.boot === node.boot) {
      this.#members.delete(node.holder.nodeId);
    }
  }
}

/** Partitions won from a leader that showed life since, which are not led before a time-out. */
function waits(state: ElectionState): number {
  return state.partitions.filter(({ clearAt }) => clearAt !== null).length;
}
