/**
 * The runtime that durable delivery is made for, with simulated disk and cells: what is decided is
 * collected, a group commit makes it durable, and only then do answers and messages leave.
 *
 * @module
 */
import {
  addressesWithWork,
  type Answer,
  createDeliveryState,
  decide,
  type Decision,
  deliverable,
  type Delivery,
  type DeliveryCommand,
  type DeliveryLimits,
  type DeliveryPolicy,
  type DeliveryState,
  type DurableMessage,
  evolve,
  fold,
  lowWater,
  nextWakeAt,
  noteDurable,
  noteSegment,
  type PendingMessage,
  release,
  releaseAddress,
} from "../../../actors/delivery/mod.ts";
import type { BusCheckers } from "./bus_checkers.ts";
import type { BusReceivers } from "./bus_receivers.ts";
import type { BusStore, BusUnit } from "./bus_store.ts";
import type { BusWorld } from "./bus_world.ts";

export const POLICY: DeliveryPolicy = {
  maxAttempts: 6,
  backoff: { initialMs: 30, factor: 2, maxMs: 400, jitter: "full" },
  poisonAfter: 3,
};

/** Mistakes that a node could make; the checkers must see each. */
export type BusDefect =
  | "no dedupe"
  | "ack before commit"
  | "duplicate acknowledged before commit"
  | "handed out before commit"
  | "trimmed before commit"
  | "low water off by one"
  | "pending lost at recovery"
  | "retry put at the end"
  | "retry overtaken"
  | "carried before, written after"
  | "kill not counted"
  | "bystander blamed"
  | "cause forgotten on retry"
  | "stale answer counted";

/** Messages in flight to one receiver. */
const IN_FLIGHT_MAX = 3;
/** Segments that the log may grow to before what pins it is carried. */
const CARRY_AFTER = 12;

export interface BusNodeOptions {
  world: BusWorld;
  store: BusStore;
  checkers: BusCheckers;
  receivers: BusReceivers;
  /** Probability that the node dies at a point where it hurts. */
  crashiness: () => number;
  defect: BusDefect | null;
  limits: DeliveryLimits;
}

export class BusNode {
  readonly #options: BusNodeOptions;
  state: DeliveryState;
  /** Grows with each life: what a former one scheduled does not happen. */
  #life = 1;
  isUp = true;
  #units: BusUnit[] = [];
  #effects: (() => void)[] = [];
  #isCommitting = false;
  /** Decided too early; only a defect has this. */
  #carried: BusUnit | null = null;
  #wakeAt = Infinity;
  readonly #inFlight = new Map<string, number>();

  constructor(options: BusNodeOptions) {
    this.#options = options;
    this.state = createDeliveryState(options.limits);
  }

  /** Which life this is. */
  get life(): number {
    return this.#life;
  }

  /** A sender's request; `reply` comes when the answer may leave. */
  receive(message: DurableMessage, reply: (answer: Answer) => void): void {
    const { defect, world } = this.#options;
    const taken = defect === "no dedupe" ? { ...message, deduplicate: undefined } : message;
    const { answers } = this.#decide({
      type: "AcceptMessages",
      at: world.at,
      messages: [taken],
    });
    const answer = answers[0]!;
    const isEarly = defect === "ack before commit" ||
      (defect === "duplicate acknowledged before commit" && answer.status === "duplicate");
    if (isEarly) reply(answer);
    // A duplicate may be one of a message that is not durable itself.
    else this.#effects.push(() => reply(answer));
  }

  /** A send of a handler. Its answer counts at once: the handling is not over before. */
  send(message: DurableMessage): Answer {
    const isForgotten = this.#options.defect === "cause forgotten on retry" &&
      (this.state.pending.get(message.cause!.seq)?.attempts ?? 0) > 0;
    const taken = isForgotten ? { ...message, cause: undefined } : message;
    return this.#decide({
      type: "AcceptMessages",
      at: this.#options.world.at,
      messages: [taken],
    }).answers[0]!;
  }

  /** A receiver has handled it. */
  finish(delivery: Delivery): void {
    const { world, defect } = this.#options;
    const { seq, message } = delivery;
    const { from, to, lane } = message;
    const key = keyOf(message);
    const decision = this.#decide(
      { type: "FinishMessages", at: world.at, deliveries: [delivery] },
      (decided) =>
        decided.refused.length === 0 || defect === "stale answer counted"
          ? [{ key, seq, from, to, lane }]
          : [],
    );
    world.note(`finish ${key} ${decision.refused[0]?.reason ?? "ok"}`);
    if (decision.refused.length === 0) this.#landed(delivery.message.to);
  }

  /** The handling failed; `isKill`: its actor is dead, and with it what waited there. */
  fail(delivery: Delivery, how: { isKill: boolean; retryable?: boolean; code: string }): void {
    const { world, defect, receivers } = this.#options;
    const { message, seq } = delivery;
    if (defect === "retry put at the end" && !how.isKill && how.retryable !== false) {
      this.#decide({ type: "FinishMessages", at: world.at, deliveries: [delivery] });
      this.#decide({ type: "AcceptMessages", at: world.at, messages: [plain(message)] });
      return this.#landed(delivery.message.to);
    }
    const { isKill, retryable, code } = how;
    const decision = this.#decide({
      type: "FailMessage",
      at: world.at,
      delivery,
      error: { code, message: "drawn", ...(retryable === undefined ? {} : { retryable }) },
      isKill: isKill && defect !== "kill not counted",
      policy: POLICY,
      random: world.random.next(),
    });
    const isStale = decision.refused.length > 0;
    world.note(`fail ${keyOf(message)} ${code} ${isStale ? "stale" : "ok"}`);
    if (isStale) return;
    this.#units.at(-1)!.failures.push({ seq, isKill });
    if (defect === "retry overtaken") overtake(this.state.pending.get(seq));
    this.#landed(message.to);
    for (const recalled of decision.recalled) {
      receivers.takeBack(message.to, recalled.seq);
      this.#landed(message.to);
    }
  }

  /** The receiver stopped; what it had was not at fault. */
  bystander(to: string): void {
    const back = releaseAddress(this.state, to);
    this.#inFlight.delete(to);
    this.#wake();
    if (this.#options.defect !== "bystander blamed" || back.length === 0) return;
    const at = this.#options.world.at;
    const [delivery] = deliverable(this.state, to, at, 1);
    if (delivery === undefined) return;
    this.#decide({
      type: "FailMessage",
      at,
      delivery,
      error: { code: "CRASHED", message: "blamed" },
      isKill: true,
      policy: POLICY,
      random: 0,
    });
  }

  /** A user's wish about a dead letter. */
  wish(seq: number, isReplay: boolean): void {
    const { store, world } = this.#options;
    const letter = store.letters.get(seq);
    if (letter === undefined) return;
    world.note(`${isReplay ? "replay" : "drop"} ${seq}`);
    const { at } = world;
    this.#decide(
      isReplay ? { type: "ReplayDeadLetter", at, letter } : { type: "DropDeadLetter", at, seq },
    );
  }

  /** The process is gone, with all that was not durable. */
  crash(): void {
    const { world, receivers } = this.#options;
    world.note("node dies");
    this.#life++;
    this.isUp = false;
    this.#units = [];
    this.#effects = [];
    this.#carried = null;
    this.#isCommitting = false;
    this.#wakeAt = Infinity;
    this.#inFlight.clear();
    receivers.killAll();
    world.after(world.random.int(1, 150), () => this.#recover());
  }

  #recover(): void {
    const { world, store, checkers, defect, limits } = this.#options;
    this.isUp = true;
    this.state = fold(store.log, limits);
    const { oldest } = this.state;
    if (defect === "pending lost at recovery" && oldest !== null) {
      evolve(this.state, { type: "MessagesHandled", at: world.at, seqs: [oldest.seq] });
    }
    noteSegment(this.state, store.nextSegment);
    checkers.recovered(this.state, fold(store.shadow, limits), world.at);
    world.note(`node is back with ${this.state.pending.size} pending`);
    this.#wake();
  }

  #decide(
    command: DeliveryCommand,
    appliedOf: (decision: Decision) => BusUnit["applied"] = () => [],
  ): Decision {
    const decision = decide(command, this.state);
    const { events, deadLetters, endedLetters } = decision;
    const letters: typeof deadLetters = JSON.parse(JSON.stringify(deadLetters));
    for (const { seq, reason } of letters) this.#options.world.note(`dead ${seq} ${reason}`);
    this.#units.push({ events, applied: appliedOf(decision), letters, endedLetters, failures: [] });
    if (this.#options.defect === "handed out before commit") {
      noteDurable(this.state, this.state.nextSeq);
    }
    this.#wake();
    return decision;
  }

  /** Something changed: write what was decided, hand out what may go. */
  #wake(): void {
    this.#later(0, () => this.#turn());
  }

  #turn(): void {
    this.#fireTimers();
    this.#dispatch();
    this.#commit();
    if (!this.isUp) return;
    const at = nextWakeAt(this.state);
    const { world } = this.#options;
    if (at === null || at >= this.#wakeAt) return;
    this.#wakeAt = at;
    this.#later(Math.max(1, at - world.at), () => {
      this.#wakeAt = Infinity;
      this.#turn();
    });
  }

  #fireTimers(): void {
    const { at } = this.#options.world;
    const wakeAt = nextWakeAt(this.state);
    if (wakeAt === null || wakeAt > at) return;
    const { events, deadLetters } = decide({ type: "ExpireMessages", at, limit: 3 }, this.state);
    if (events.length === 0) return;
    this.#units.push({
      events,
      applied: [],
      letters: [...deadLetters],
      endedLetters: [],
      failures: [],
    });
    this.#wake();
  }

  #dispatch(): void {
    const { world, receivers, checkers } = this.#options;
    for (const to of [...addressesWithWork(this.state, world.at)]) {
      const room = IN_FLIGHT_MAX - (this.#inFlight.get(to) ?? 0);
      for (const delivery of deliverable(this.state, to, world.at, room)) {
        checkers.handedOut(delivery, world.at);
        this.#inFlight.set(to, (this.#inFlight.get(to) ?? 0) + 1);
        receivers.take(delivery);
      }
    }
  }

  #commit(): void {
    if (this.#isCommitting || (this.#units.length === 0 && this.#effects.length === 0)) return;
    const { world, store, checkers, defect } = this.#options;
    this.#isCommitting = true;
    checkers.bounded(this.state);
    this.#carry();
    const units = this.#units;
    const effects = this.#effects;
    this.#units = [];
    this.#effects = [];
    const nextSeq = this.state.nextSeq;
    const trimTo = lowWater(this.state, world.at) + (defect === "low water off by one" ? 1 : 0);
    if (defect === "trimmed before commit") store.trim(trimTo);
    // At least one segment is under way; there may be more, so this is the smallest number.
    if (units.some(({ events }) => events.length > 0)) {
      noteSegment(this.state, store.nextSegment + 1);
    }
    this.#write(units, () => {
      store.trim(trimTo);
      noteDurable(this.state, nextSeq);
      noteSegment(this.state, store.nextSegment);
      if (defect === "carried before, written after") this.#carried = this.#decideCarry();
      this.#later(world.random.int(0, 2), () => {
        for (const effect of effects) effect();
        this.#isCommitting = false;
        this.#turn();
      });
    });
  }

  /** One or two segments; the node may die before, between and after. */
  #write(units: readonly BusUnit[], then: () => void): void {
    const { world, store } = this.#options;
    if (this.#mayDie()) return;
    this.#later(world.random.int(1, 8), () => {
      const cut = world.random.chance(0.3) ? world.random.int(0, units.length) : units.length;
      store.write(units.slice(0, cut));
      this.#written(units.slice(0, cut));
      if (this.#mayDie()) return;
      if (cut === units.length) return then();
      this.#later(1, () => {
        store.write(units.slice(cut));
        this.#written(units.slice(cut));
        if (!this.#mayDie()) then();
      });
    });
  }

  #written(units: readonly BusUnit[]): void {
    this.#options.checkers.written(units);
  }

  /** Last of the commit: what is handled in it comes before, and is not carried. */
  #carry(): void {
    const isEarly = this.#options.defect === "carried before, written after";
    const unit = isEarly ? this.#carried : this.#decideCarry();
    if (unit !== null) this.#units.push(unit);
    this.#carried = null;
  }

  #decideCarry(): BusUnit | null {
    const { store, world } = this.#options;
    if (store.segments < CARRY_AFTER) return null;
    const before = store.nextSegment - CARRY_AFTER / 2;
    const { events } = decide(
      { type: "CarryMessages", at: world.at, before, limit: 10 },
      this.state,
    );
    return { events, applied: [], letters: [], endedLetters: [], failures: [] };
  }

  #mayDie(): boolean {
    const { world, crashiness } = this.#options;
    if (!world.random.chance(crashiness())) return false;
    this.crash();
    return true;
  }

  #landed(to: string): void {
    const count = this.#inFlight.get(to) ?? 0;
    if (count > 0) this.#inFlight.set(to, count - 1);
  }

  /** Takes back what a receiver that goes on did not begin. */
  giveBack(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.#landed(delivery.message.to);
    release(this.state, deliveries);
    this.#wake();
  }

  #later(delayMs: number, run: () => void): void {
    const life = this.#life;
    this.#options.world.after(delayMs, () => {
      if (life === this.#life) run();
    });
  }
}

/** What names a message in this world, over all its copies. */
export function keyOf({ payload }: DurableMessage): string {
  return (payload as { key: string }).key;
}

/** The message behind takes the place of this one. */
function overtake(pending: PendingMessage | undefined): void {
  if (pending === undefined || pending.after === null) return;
  const { message, after } = pending;
  Object.assign(pending, { message: after.message });
  Object.assign(after, { message });
}

function plain({ cause: _, deduplicate: _own, ...message }: DurableMessage): DurableMessage {
  return message;
}
