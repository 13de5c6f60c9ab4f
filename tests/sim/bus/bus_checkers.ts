/**
 * One checker per promise of durable delivery. They see what reaches the disk and what leaves the
 * node, and throw when a promise is broken.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type Delivery,
  type DeliveryEvent,
  type DeliveryLimits,
  type DeliveryState,
  type DurableMessage,
  viewDelivery,
} from "../../../actors/delivery/mod.ts";
import { keyOf, POLICY } from "./bus_node.ts";
import { payloadOf } from "./bus_receivers.ts";
import type { Applied, BusStore, BusUnit } from "./bus_store.ts";

export class BusCheckers {
  readonly #limits: DeliveryLimits;
  /** By seq, from the first write on. */
  readonly #accepted = new Map<number, DurableMessage>();
  readonly #acceptedKeys = new Set<string>();
  readonly #acknowledged = new Set<string>();
  readonly #appliedKeys = new Set<string>();
  readonly #appliedSeqs = new Set<number>();
  readonly #droppedKeys = new Set<string>();
  readonly #replayed = new Set<number>();
  readonly #failures = new Map<number, { attempts: number; kills: number }>();
  /** By stream: the last that was handled, as the log and as its sender counts. */
  readonly #last = new Map<string, { seq: number; n: number }>();
  /** Ids in the order in which they were accepted. */
  readonly #ids: { key: string; at: number }[] = [];
  /** Messages that came again after their window: they are new ones, and so is what they cause. */
  readonly #acceptedAgain = new Set<string>();
  /** What happened, by event. */
  readonly counts = new Map<string, number>();

  constructor(limits: DeliveryLimits) {
    this.#limits = limits;
  }

  /** An answer leaves the node. */
  acknowledged(message: DurableMessage): void {
    const key = keyOf(message);
    assert.ok(this.#acceptedKeys.has(key), `${key} was acknowledged before it was on disk`);
    this.#acknowledged.add(key);
  }

  /** A message leaves the node. */
  handedOut({ seq, message }: Delivery, at: number): void {
    const key = keyOf(message);
    assert.ok(this.#accepted.has(seq), `${key} was handed out before it was on disk`);
    assert.ok((message.notBefore ?? 0) <= at, `${key} was handed out too early`);
    assert.ok((message.expiresAt ?? Infinity) > at, `${key} was handed out after its time`);
    const { kills, attempts } = this.#failuresOf(seq);
    assert.ok(kills < POLICY.poisonAfter, `${key} killed ${kills} times and goes on`);
    assert.ok(attempts < POLICY.maxAttempts, `${key} failed ${attempts} times and goes on`);
  }

  written(units: readonly BusUnit[]): void {
    for (const { events, applied, letters, failures } of units) {
      for (const event of events) this.#see(event);
      for (const one of applied) this.#apply(one);
      for (const { seq, isKill } of failures) {
        const { attempts, kills } = this.#failuresOf(seq);
        this.#failures.set(seq, { attempts: attempts + 1, kills: kills + (isKill ? 1 : 0) });
      }
      for (const { seq, attempts, kills, reason } of letters) {
        assert.deepEqual({ attempts, kills }, this.#failuresOf(seq), `${seq} counts wrong`);
        if (reason === "POISON") assert.equal(kills, POLICY.poisonAfter);
        if (reason === "MAX_ATTEMPTS") assert.equal(attempts, POLICY.maxAttempts);
      }
    }
  }

  /** A node is back: the trimmed log must say what the whole log says. */
  recovered(state: DeliveryState, whole: DeliveryState, at: number): void {
    assert.deepEqual(viewDelivery(state, at), viewDelivery(whole, at), "the trimmed log differs");
  }

  /** All faults are over and nothing moves any more. */
  atRest(state: DeliveryState, store: BusStore): void {
    assert.equal(state.pending.size, 0, "messages wait for ever");
    assert.equal(state.receivers.size + state.ready.size + state.held.length, 0);
    const parked = new Set([...store.letters.values()].map(({ message }) => keyOf(message)));
    for (const key of [...this.#acknowledged, ...this.#acceptedKeys]) {
      const isThere = this.#appliedKeys.has(key) || parked.has(key) || this.#droppedKeys.has(key);
      assert.ok(isThere, `${key} was taken, and is neither handled nor a dead letter`);
    }
    for (const message of this.#accepted.values()) {
      if (payloadOf(message).kind !== "poison") continue;
      assert.ok(!this.#appliedKeys.has(keyOf(message)), "poison was handled");
    }
  }

  bounded(state: DeliveryState): void {
    assert.ok(state.pending.size <= this.#limits.pendingMax, "too many are pending");
    assert.ok(state.ids.size <= this.#limits.idsMax, "too many ids are remembered");
  }

  #see(event: DeliveryEvent): void {
    this.counts.set(event.type, (this.counts.get(event.type) ?? 0) + 1);
    switch (event.type) {
      case "MessagesAccepted":
        event.messages.forEach((message, at) => {
          const isAgain = this.#noteId(message, event.at);
          this.#accept(event.firstSeq + at, isAgain ? unnumbered(message) : message);
        });
        break;
      case "DeadLetterReplayed":
        assert.ok(!this.#replayed.has(event.deadSeq), `${event.deadSeq} was replayed twice`);
        this.#replayed.add(event.deadSeq);
        this.#accept(event.seq, unnumbered(event.message));
        break;
      case "DeadLetterDropped":
        this.#droppedKeys.add(keyOf(this.#accepted.get(event.deadSeq)!));
    }
  }

  /** Whether the id was accepted before; that is right only outside the window. */
  #noteId(message: DurableMessage, at: number): boolean {
    const key = keyOf(message);
    if (message.cause === undefined) this.#ids.push({ key, at });
    if (!this.#acceptedKeys.has(key)) return false;
    const last = this.#ids.findLastIndex((id, place) =>
      id.key === key && place < this.#ids.length - 1
    );
    const { windowMs, idsMax } = this.#limits;
    const isOver = last >= 0 &&
      (this.#ids[last]!.at + windowMs <= at || this.#ids.length - 1 - last > idsMax);
    const isOfSuch = message.cause !== undefined && this.#acceptedAgain.has(key.split("/")[0]!);
    assert.ok(isOver || isOfSuch, `${key} was accepted twice`);
    this.#acceptedAgain.add(key);
    this.counts.set("accepted again", (this.counts.get("accepted again") ?? 0) + 1);
    return true;
  }

  #accept(seq: number, message: DurableMessage): void {
    assert.equal(seq, this.#accepted.size + 1, "a seq is missing, or used twice");
    this.#accepted.set(seq, message);
    this.#acceptedKeys.add(keyOf(message));
  }

  /** Handled for good: the mark is on disk. */
  #apply({ key, seq, from, to, lane }: Applied): void {
    const isHandled = this.#appliedSeqs.has(seq) || this.#appliedKeys.has(key);
    const isOther = !this.#appliedSeqs.has(seq) && this.#acceptedAgain.has(key);
    assert.ok(!isHandled || isOther, `${key} was handled twice`);
    this.#appliedKeys.add(key);
    this.#appliedSeqs.add(seq);
    const stream = `${from} ${to} ${lane}`;
    const { n } = payloadOf(this.#accepted.get(seq)!);
    const last = this.#last.get(stream) ?? { seq: 0, n: 0 };
    assert.ok(seq > last.seq, `${key} was handled out of order`);
    // What was replayed, and what handlers send, has no number of its own.
    assert.ok(n === 0 || n > last.n, `${key} was handled before one that was sent earlier`);
    this.#last.set(stream, { seq, n: Math.max(n, last.n) });
  }

  #failuresOf(seq: number): { attempts: number; kills: number } {
    return this.#failures.get(seq) ?? { attempts: 0, kills: 0 };
  }
}

/** It comes later than its sender's count says. */
function unnumbered(message: DurableMessage): DurableMessage {
  return { ...message, payload: { ...payloadOf(message), n: 0 } };
}
