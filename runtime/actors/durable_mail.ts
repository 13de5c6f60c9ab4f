/**
 * Durable messages of a system: the delivery decider over the ledger. What the decider says is
 * written with the state of the actor that handled the message, or not at all.
 *
 * @module
 */
import { monotonicFactory } from "ulid";
import type { AttemptOutcome } from "../../actors/attempt.ts";
import {
  addressesWithWork,
  decide,
  type Decision,
  deliverable,
  type Delivery,
  type DeliveryCommand,
  type DeliveryEvent,
  type DeliveryState,
  type DurableMessage,
  lowWater,
  nextWakeAt,
  noteDurable,
  noteSegment,
  type RefusedDelivery,
  release,
} from "../../actors/delivery/mod.ts";
import type { DeadLetter } from "../../actors/delivery/mod.ts";
import type { ActorStore, SystemFence } from "../../core/actor_ports.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Activation } from "./activation.ts";
import { Ledger, type Unit } from "./ledger.ts";
import type { Parts } from "./parts.ts";

/** What became of a message that was to be accepted; `stopped`: nobody knows. */
export type Acceptance = "accepted" | "duplicate" | "overloaded" | "stopped";

export interface DurableMailOptions {
  store: ActorStore<DeliveryEvent>;
  fence: SystemFence;
  state: DeliveryState;
  /** Segment that the next commit writes, or an earlier one. */
  nextSegment: number;
  onLost(error: unknown): void;
}

/** What one unit of a commit may hold: an atomic write takes 640 KiB. */
const UNIT_MESSAGES_MAX = 500;
const UNIT_CHARS_MAX = 150_000;
/** What may come while a commit is written. */
const ACCEPTS_MAX = 100_000;
const ACCEPTS_CHARS_MAX = 32 * 1024 * 1024;
/** Dead letters of one unit: a unit names 200 things at most. */
const UNIT_LETTERS_MAX = 100;
/** Commits between two looks at how much of the log is still needed. */
const TRIM_EVERY = 64;
/** A log longer than this is shortened by writing its oldest messages anew. */
const SEGMENTS_MAX = 4_096;
const CARRY_MAX = 500;
/** Addresses that are looked at in one turn. */
const OFFERS_MAX = 1_000;
/** How soon addresses are looked through again that found no place. */
const CROWDED_MS = 1_000;
/** How much of a refusal a dead letter keeps. */
const REFUSAL_CHARS_MAX = 500;
/** Platform timers take 31 bits. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class DurableMail {
  readonly #parts: Parts;
  readonly #options: DurableMailOptions;
  readonly #state: DeliveryState;
  readonly #ledger: Ledger<DeliveryEvent>;
  readonly #nextId = monotonicFactory();
  #accepts: { message: DurableMessage; onAnswer: (answer: Acceptance) => void }[] = [];
  #acceptsChars = 0;
  /** Senders that wait for a commit. */
  readonly #unanswered = new Set<(answer: Acceptance) => void>();
  /** Of the commit that is collected now. */
  #units = new Map<Activation, Unit<DeliveryEvent>>();
  #finishes = new Map<Activation, Delivery[]>();
  /** Done by an agent, which works on several at once, while an earlier one of its stream is not. */
  readonly #early = new Map<Activation, Delivery[]>();
  #nextSegment: number;
  #seqAtCommit: number;
  #acceptedTo = new Set<string>();
  #commits = 0;
  #isStopped = false;
  /** Addresses that may have messages and were not looked at yet. */
  readonly #offered = new Set<string>();
  #offerTimer: ReturnType<typeof setTimeout> | undefined;
  /** Addresses with messages found no place among the activations. */
  #isCrowded = false;
  #trimTo = 0;
  #tree: Json | undefined;
  /** Of the last dead letter that was never accepted. */
  #refusedSeq = 0;
  #historyTrim: { topic: string; below: number }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: Parts, options: DurableMailOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#state = options.state;
    this.#nextSegment = options.nextSegment;
    this.#seqAtCommit = options.state.nextSeq;
    noteSegment(this.#state, options.nextSegment);
    this.#ledger = new Ledger({
      store: options.store,
      fence: options.fence,
      onTurn: () => this.#collect(),
      extras: () => this.#extras(),
      onDurable: (segment) => this.#onDurable(segment),
      onLost: options.onLost,
    });
  }

  /** Delivers what an earlier process left. */
  start(): void {
    this.#offer(addressesWithWork(this.#state, this.#parts.now()));
    this.#arm();
  }

  hasWork(address: string): boolean {
    return this.#state.ready.has(address);
  }

  get pending(): number {
    return this.#state.pending.size;
  }

  /** Takes a message on; `onAnswer` is called once that is durable. */
  accept(message: DurableMessage, onAnswer: (answer: Acceptance) => void): void {
    const chars = this.#acceptsChars + message.chars;
    if (this.#accepts.length >= ACCEPTS_MAX || chars > ACCEPTS_CHARS_MAX) {
      return onAnswer("overloaded");
    }
    this.#acceptsChars = chars;
    this.#accepts.push({ message, onAnswer });
    this.#unanswered.add(onAnswer);
    this.#ledger.wake();
  }

  /** Next messages for an address, in flight from now on. */
  take(address: string, limit: number): Delivery[] {
    return limit <= 0 ? [] : deliverable(this.#state, address, this.#parts.now(), limit);
  }

  release(delivery: Delivery): void {
    release(this.#state, [delivery]);
  }

  /** The actor's new state; what it answers from now on waits for it. */
  putState(activation: Activation, version: number, state: string): void {
    const unit = this.#unitOf(activation);
    unit.states = [{ address: activation.address, version, state }];
  }

  /** Runs `effect` once everything that the activation did so far is durable. */
  after(activation: Activation, effect: () => void): void {
    this.#unitOf(activation);
    this.#ledger.after(effect);
  }

  finish(activation: Activation, delivery: Delivery, outcome: AttemptOutcome): void {
    if (outcome.status === "failed") {
      // It was not even begun: an earlier one of its sender failed.
      if (outcome.error.code === "RECALLED") return this.release(delivery);
      return this.fail(activation, delivery, outcome.error, false);
    }
    const known = this.#finishes.get(activation);
    if (known === undefined) this.#finishes.set(activation, [delivery]);
    else known.push(delivery);
    this.#unitOf(activation);
  }

  /** What an agent has done before something earlier of the same stream is handled with that. */
  #addEarly(activation: Activation, deliveries: Delivery[]): void {
    deliveries.push(...this.#early.get(activation) ?? []);
    this.#early.delete(activation);
    deliveries.sort((a, b) => a.seq - b.seq);
  }

  fail(activation: Activation, delivery: Delivery, error: ErrorData, isKill: boolean): void {
    this.#flushFinishes(activation);
    const behind = isKill ? [] : behindOf(activation, delivery);
    this.#decide({
      type: "FailMessage",
      at: this.#parts.now(),
      delivery,
      error,
      isKill,
      policy: activation.type.spec.deliver,
      random: this.#parts.random(),
    }, this.#unitOf(activation));
    // The worker hands these back unseen; until it has, none of the stream must pass them.
    release(this.#state, behind);
    if (this.#early.has(activation)) this.#finishes.set(activation, []);
    const { cell, seat } = activation;
    if (cell !== null && seat > 0 && !isKill) {
      cell.send(["unblock", seat, `${delivery.message.lane} ${delivery.message.from}`]);
    }
    this.#arm();
  }

  replay(letter: DeadLetter, id: string, handledWish: string): void {
    const unit = this.#ledger.open();
    unit.handledWishes.push(handledWish);
    const { answers } = this.#decide(
      { type: "ReplayDeadLetter", at: this.#parts.now(), letter },
      unit,
    );
    if (answers[0]?.status !== "overloaded") unit.deadGone.push(id);
    this.#acceptedTo.add(letter.message.to);
  }

  drop(letter: DeadLetter, id: string, handledWish: string): void {
    const unit = this.#ledger.open();
    unit.handledWishes.push(handledWish);
    unit.deadGone.push(id);
    this.#decide({ type: "DropDeadLetter", at: this.#parts.now(), seq: letter.seq }, unit);
  }

  /** A wish that needs nothing else written, or only that a dead letter is gone. */
  handleWish(id: string, letterId?: string): void {
    const unit = this.#ledger.open();
    unit.handledWishes.push(id);
    if (letterId !== undefined) unit.deadGone.push(letterId);
  }

  /**
   * Gives up a message of a wish that was refused, and so never had a place in the log.
   *
   * @param letterId the letter that it was before
   */
  buryRefused(
    message: DurableMessage,
    error: ErrorData,
    handledWish: string,
    letterId?: string,
  ): void {
    const at = this.#parts.now();
    // Places in the log are positive: below zero, time and a counter make numbers that nobody has.
    this.#refusedSeq = Math.min(this.#refusedSeq - 1, -at * 1_000);
    const { code, message: text } = error;
    const unit = this.#ledger.open();
    unit.handledWishes.push(handledWish);
    if (letterId !== undefined) unit.deadGone.push(letterId);
    this.#bury({
      seq: this.#refusedSeq,
      message,
      reason: code === "NO_ACTOR" ? "NO_ACTOR" : "REFUSED",
      attempts: 0,
      kills: 0,
      history: [{ at, code, message: text.slice(0, REFUSAL_CHARS_MAX), isKill: false }],
      sends: [],
      at,
    }, unit);
  }

  /** How the tree looks is written with the next commit. */
  putTree(tree: Json): void {
    this.#tree = tree;
    this.#ledger.touch();
  }

  /** Resolves once a write with the fence has passed; never when it is refused. */
  prove(tree: Json): Promise<void> {
    this.putTree(tree);
    return new Promise((resolve) => this.#ledger.after(resolve));
  }

  /** What nobody needs any more of the system itself. */
  dropState(address: string): void {
    this.#ledger.open().states.push({ address, version: 0, state: null });
  }

  /** A published message that is kept. */
  putHistory(entry: { topic: string; offset: number; message: Json }, trimBelow: number): void {
    this.#ledger.open().history.push(entry);
    if (trimBelow > 0) this.#historyTrim.push({ topic: entry.topic, below: trimBelow });
  }

  settled(): Promise<void> {
    return this.#ledger.settled();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#ledger.stop();
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#offerTimer);
    for (const onAnswer of this.#unanswered) this.#answer(onAnswer, "stopped");
  }

  // --- the commit ---

  #unitOf(activation: Activation): Unit<DeliveryEvent> {
    let unit = this.#units.get(activation);
    if (unit === undefined) {
      unit = this.#ledger.open();
      this.#units.set(activation, unit);
      activation.unsettled++;
      this.#ledger.after(() => this.#settle(activation));
    }
    return unit;
  }

  #settle(activation: Activation): void {
    activation.unsettled--;
    if (activation.unsettled === 0) this.#parts.courier.note(activation);
  }

  /** Puts together what the next commit holds. */
  #collect(): void {
    for (const activation of this.#finishes.keys()) this.#flushFinishes(activation);
    for (let from = 0; from < this.#accepts.length;) from = this.#acceptFrom(from);
    this.#accepts = [];
    this.#acceptsChars = 0;
    // Last: what is written anew must stand behind the marks of what was handled meanwhile.
    if (this.#commits % TRIM_EVERY === 0) this.#shorten();
    this.#units = new Map();
  }

  #flushFinishes(activation: Activation): void {
    const deliveries = this.#finishes.get(activation);
    if (deliveries === undefined) return;
    this.#finishes.delete(activation);
    const { isAgent } = activation.type;
    if (isAgent) this.#addEarly(activation, deliveries);
    const unit = this.#unitOf(activation);
    const { refused } = this.#decide(
      { type: "FinishMessages", at: this.#parts.now(), deliveries },
      unit,
    );
    if (refused.length === 0) return;
    if (isAgent) return this.#keepEarly(activation, deliveries, refused);
    // Boot code answers in order, and only what it was given: somebody tampered with it.
    const message = "The worker answered durable messages out of order";
    activation.cell?.kill({ code: "CRASHED", message });
  }

  #keepEarly(
    activation: Activation,
    deliveries: readonly Delivery[],
    refused: readonly RefusedDelivery[],
  ): void {
    const early = new Set<number>();
    for (const { seq, reason } of refused) if (reason === "out_of_order") early.add(seq);
    if (early.size === 0) return;
    this.#early.set(activation, deliveries.filter(({ seq }) => early.has(seq)));
  }

  /** Accepts as many messages as one unit takes; says where the rest begins. */
  #acceptFrom(from: number): number {
    let chars = 0;
    let to = from;
    while (
      to < this.#accepts.length && to - from < UNIT_MESSAGES_MAX &&
      (to === from || chars < UNIT_CHARS_MAX)
    ) chars += this.#accepts[to++]!.message.chars;
    const batch = this.#accepts.slice(from, to);
    const messages = batch.map(({ message }) => message);
    const { answers } = this.#decide(
      { type: "AcceptMessages", at: this.#parts.now(), messages },
      this.#ledger.open(),
    );
    for (const [at, { message, onAnswer }] of batch.entries()) {
      const { status } = answers[at]!;
      if (status === "overloaded") this.#answer(onAnswer, status);
      else this.#ledger.after(() => this.#answer(onAnswer, status));
      if (status === "accepted") this.#acceptedTo.add(message.to);
    }
    return to;
  }

  #answer(onAnswer: (answer: Acceptance) => void, answer: Acceptance): void {
    if (this.#unanswered.delete(onAnswer)) onAnswer(answer);
  }

  #decide(command: DeliveryCommand, unit: Unit<DeliveryEvent>): Decision {
    const decision = decide(command, this.#state);
    const { events, deadLetters } = decision;
    const isFull = unit.dead.length + deadLetters.length > UNIT_LETTERS_MAX;
    const target = isFull ? this.#ledger.open() : unit;
    target.log.push(...events);
    for (const letter of deadLetters) this.#bury(letter, target);
    return decision;
  }

  #bury(letter: DeadLetter, unit: Unit<DeliveryEvent>): void {
    const id = this.#nextId(this.#parts.now());
    unit.dead.push({ id, letter: letter as unknown as Json });
    const { from, to, type } = letter.message;
    const { reason } = letter;
    this.#ledger.after(() =>
      this.#parts.tell({ type: "dead", letterId: id, from, to, messageType: type, reason })
    );
  }

  #extras() {
    const at = this.#parts.now();
    this.#seqAtCommit = this.#state.nextSeq;
    const tree = this.#tree;
    const historyTrim = this.#historyTrim;
    this.#tree = undefined;
    this.#historyTrim = [];
    if (++this.#commits % TRIM_EVERY === 0) this.#trimTo = lowWater(this.#state, at);
    return {
      ...(tree === undefined ? {} : { tree }),
      ...(historyTrim.length === 0 ? {} : { historyTrim }),
      ...(this.#trimTo <= 1 ? {} : { trimTo: this.#trimTo }),
    };
  }

  #onDurable(segment: number): void {
    // At least so many: the next commit writes behind them.
    this.#nextSegment = Math.max(this.#nextSegment, segment);
    noteSegment(this.#state, this.#nextSegment);
    noteDurable(this.#state, this.#seqAtCommit);
    const accepted = this.#acceptedTo;
    this.#acceptedTo = new Set();
    this.#offer(accepted);
    this.#arm();
  }

  /** Old messages that nobody handles must not keep the whole log. */
  #shorten(): void {
    const at = this.#parts.now();
    if (this.#nextSegment - lowWater(this.#state, at) < SEGMENTS_MAX) return;
    const before = this.#nextSegment - SEGMENTS_MAX / 2;
    this.#decide({ type: "CarryMessages", at, before, limit: CARRY_MAX }, this.#ledger.open());
  }

  /** These have messages to be delivered. */
  #offer(addresses: Iterable<string>): void {
    for (const address of addresses) this.#offered.add(address);
    if (this.#offerTimer === undefined) this.#offerSome();
  }

  /** Some now, the others after the event loop had its turn. */
  #offerSome(): void {
    this.#offerTimer = undefined;
    let left = OFFERS_MAX;
    for (const address of this.#offered) {
      if (left-- === 0) break;
      this.#offered.delete(address);
      if (!this.#state.ready.has(address)) continue;
      const activation = this.#parts.activator.ensure(address);
      if ("error" in activation) this.#refuse(address, activation.error);
      else this.#parts.courier.note(activation);
    }
    if (this.#offered.size === 0 || this.#isStopped) return;
    this.#offerTimer = setTimeout(() => this.#offerSome(), 0);
  }

  /** The system has no such actor any more. */
  #refuse(address: string, error: ErrorData): void {
    if (error.code !== "NO_ACTOR") {
      const wasCrowded = this.#isCrowded;
      this.#isCrowded = true;
      return wasCrowded ? undefined : this.#arm();
    }
    const at = this.#parts.now();
    const deliveries = deliverable(this.#state, address, at, UNIT_LETTERS_MAX);
    if (deliveries.length === 0) return;
    const command = { type: "RefuseMessages", at, deliveries, reason: "NO_ACTOR", error } as const;
    this.#decide(command, this.#ledger.open());
    this.#acceptedTo.add(address);
  }

  // --- time ---

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    const now = this.#parts.now();
    const wakeAt = nextWakeAt(this.#state) ?? Infinity;
    const at = this.#isCrowded ? Math.min(wakeAt, now + CROWDED_MS) : wakeAt;
    if (at === Infinity) return;
    const delayMs = Math.min(Math.max(0, at - now), TIMER_MS_MAX);
    this.#timer = setTimeout(() => this.#fire(), delayMs);
  }

  #fire(): void {
    const at = this.#parts.now();
    // What is left over is still due: the timer says so.
    const command = { type: "ExpireMessages", at, limit: UNIT_LETTERS_MAX } as const;
    this.#decide(command, this.#ledger.open());
    this.#isCrowded = false;
    this.#offer(addressesWithWork(this.#state, at));
    this.#arm();
  }

  /** Of the system, as this process leads it. */
  get term(): number {
    return this.#options.fence.term;
  }

  /** The store of this system. */
  get store(): ActorStore<DeliveryEvent> {
    return this.#options.store;
  }
}

/** What the worker has of the same stream and did not begin. */
function behindOf({ type, inFlight }: Activation, { seq, message }: Delivery): Delivery[] {
  if (type.isAgent) return [];
  const behind: Delivery[] = [];
  for (const { letter } of inFlight.values()) {
    const delivery = letter?.delivery ?? null;
    if (delivery === null || delivery.seq <= seq) continue;
    const { from, lane } = delivery.message;
    if (from === message.from && lane === message.lane) behind.push(delivery);
  }
  return behind;
}
