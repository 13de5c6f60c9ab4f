/**
 * Durable delivery once more, as dumb as it can be: one list that is searched from end to end for
 * every question. What the decider does is compared with it.
 *
 * @module
 */
import assert from "node:assert/strict";
import type {
  Answer,
  DeliveryLimits,
  DeliveryPolicy,
  DeliveryRef,
  DurableMessage,
} from "../actors/delivery/mod.ts";
import { LANES } from "../actors/messages/mod.ts";

/** So many messages may overtake a lane that has something to deliver. */
const OVERTAKEN_MAX = 16;

export interface ReferenceMessage {
  seq: number;
  message: DurableMessage;
  isPending: boolean;
  delivery: number;
  attempts: number;
  kills: number;
  notBefore: number;
  sends: Map<number, number>;
}

export class ReferenceDelivery {
  readonly #limits: DeliveryLimits;
  messages: ReferenceMessage[] = [];
  #ids: { key: string; at: number; seq: number }[] = [];
  /** Replayed or dropped dead letters, with the seq of the new message. */
  #ended: { deadSeq: number; at: number; seq: number | null }[] = [];
  #turn = 0;
  /** By stream: when it could go first without pause, and when it last went. */
  #since = new Map<string, number>();
  #lastTurn = new Map<string, number>();
  /** By receiver and lane: messages of higher lanes that went ahead. */
  #overtaken = new Map<string, number>();

  constructor(limits: DeliveryLimits) {
    this.#limits = limits;
  }

  accept(messages: readonly DurableMessage[], at: number): Answer[] {
    return messages.map((message) => this.#acceptOne(message, at));
  }

  /** Checks that handing this one out now is right, and does it. */
  handOut(ref: DeliveryRef, at: number, isTidy: boolean): void {
    const one = this.#find(ref.seq);
    assert.ok(one !== undefined && this.canGo(one, at), `${ref.seq} was not to be delivered`);
    const { to, lane, from } = one.message;
    if (isTidy) this.#checkLane(one, at);
    for (const other of this.messages) {
      const isRival = other.message.to === to && other.message.lane === lane &&
        other.message.from !== from && this.canGo(other, at);
      if (!isRival) continue;
      const lastTurn = this.#lastTurn.get(streamOf(one)) ?? -1;
      const rivalWaits = Math.max(
        this.#since.get(streamOf(other))!,
        this.#lastTurn.get(streamOf(other)) ?? -1,
      );
      assert.ok(rivalWaits > lastTurn, `${streamOf(one)} had two turns while another one waited`);
    }
    one.delivery = ref.delivery;
    this.#lastTurn.set(streamOf(one), ++this.#turn);
    this.look(at);
  }

  /** Whether a message may be handed out. */
  canGo(one: ReferenceMessage, at: number): boolean {
    const isFirst = this.#stream(one).every((other) => other.seq >= one.seq || other.delivery > 0);
    return one.isPending && one.delivery === 0 && isFirst && one.notBefore <= at &&
      !isExpired(one, at);
  }

  deliverable(to: string, at: number): ReferenceMessage[] {
    return this.messages.filter((one) => one.message.to === to && this.canGo(one, at));
  }

  /** Notes which streams can go now. */
  look(at: number): void {
    const ready = new Map(
      this.messages.filter((one) => this.canGo(one, at)).map((one) => [streamOf(one), one]),
    );
    this.#turn++;
    for (const stream of ready.keys()) {
      if (!this.#since.has(stream)) this.#since.set(stream, this.#turn);
    }
    for (const stream of [...this.#since.keys()]) {
      if (!ready.has(stream)) this.#since.delete(stream);
    }
    const lanes = new Set([...ready.values()].map(laneOf));
    for (const lane of [...this.#overtaken.keys()]) {
      if (!lanes.has(lane)) this.#overtaken.delete(lane);
    }
  }

  finish(refs: readonly DeliveryRef[]): { seqs: number[]; refused: string[] } {
    const seqs: number[] = [];
    const refused: string[] = [];
    for (const ref of refs) {
      const one = this.inFlight(ref);
      if (one === null) refused.push("stale");
      else if (this.#stream(one).some((other) => other.seq < one.seq)) refused.push("out_of_order");
      else {
        one.isPending = false;
        seqs.push(one.seq);
      }
    }
    return { seqs, refused };
  }

  /** What becomes of the message: refused, its dead letter's reason, or recalled seqs. */
  fail(
    ref: DeliveryRef,
    how: {
      at: number;
      isKill: boolean;
      retryable?: boolean;
      policy: DeliveryPolicy;
      random: number;
    },
  ): { refused?: true; dead?: string; recalled?: number[] } {
    const one = this.inFlight(ref);
    if (one === null) return { refused: true };
    one.attempts++;
    if (how.isKill) one.kills++;
    const { maxAttempts, poisonAfter, backoff } = how.policy;
    const dead = one.kills >= poisonAfter
      ? "POISON"
      : how.retryable === false
      ? "REFUSED"
      : one.attempts >= maxAttempts
      ? "MAX_ATTEMPTS"
      : null;
    if (dead !== null) {
      one.isPending = false;
      return { dead };
    }
    const delayMs = Math.min(
      backoff.maxMs,
      backoff.initialMs * backoff.factor ** (one.attempts - 1),
    );
    // Whoever waits gives up its turn, however short the wait.
    this.#since.delete(streamOf(one));
    one.notBefore = how.at + Math.floor(delayMs * how.random);
    return { recalled: this.takeBack(one).filter((seq) => seq !== one.seq) };
  }

  /** This one and all of its stream behind it come back. */
  takeBack(one: ReferenceMessage): number[] {
    const back = this.#stream(one).filter(({ seq, delivery }) => seq >= one.seq && delivery > 0);
    for (const other of back) other.delivery = 0;
    return back.map(({ seq }) => seq);
  }

  expire(at: number): number[] {
    const gone = this.messages.filter((one) =>
      one.isPending && one.delivery === 0 && isExpired(one, at)
    );
    for (const one of gone) one.isPending = false;
    return gone
      .sort((a, b) => a.message.expiresAt! - b.message.expiresAt! || a.seq - b.seq)
      .map(({ seq }) => seq);
  }

  refuse(refs: readonly DeliveryRef[]): number[] {
    return refs.flatMap((ref) => {
      const one = this.inFlight(ref);
      if (one === null) return [];
      one.isPending = false;
      return [one.seq];
    });
  }

  replay(deadSeq: number, at: number): Answer {
    const ended = this.#endOf(deadSeq, at);
    if (ended !== undefined) return { status: "duplicate", seq: ended.seq };
    const { message, sends } = this.#find(deadSeq)!;
    if (!this.#hasRoom(message)) return { status: "overloaded" };
    const fresh = { ...message, expiresAt: null };
    delete fresh.notBefore;
    delete fresh.cause;
    const seq = this.#add(fresh, sends);
    this.#ended.push({ deadSeq, at, seq });
    return { status: "accepted", seq };
  }

  drop(deadSeq: number, at: number): boolean {
    if (this.#endOf(deadSeq, at) !== undefined) return false;
    this.#ended.push({ deadSeq, at, seq: null });
    return true;
  }

  /** The node dies: nothing is in flight, and all turns begin anew. */
  restart(): void {
    for (const one of this.messages) one.delivery = 0;
    this.#since.clear();
    this.#lastTurn.clear();
    this.#overtaken.clear();
  }

  inFlight(ref: DeliveryRef): ReferenceMessage | null {
    const one = this.#find(ref.seq);
    const isIt = one !== undefined && one.isPending && one.delivery === ref.delivery;
    return isIt && ref.delivery > 0 ? one : null;
  }

  #acceptOne(message: DurableMessage, at: number): Answer {
    const { cause } = message;
    if (cause !== undefined) {
      const sender = this.#find(cause.seq);
      if (sender === undefined || !sender.isPending) return { status: "duplicate", seq: null };
      const seq = sender.sends.get(cause.ordinal);
      if (seq !== undefined) return { status: "duplicate", seq };
    }
    if (message.deduplicate) {
      const seq = this.#remembered(idOf(message), at);
      if (seq !== null) return { status: "duplicate", seq };
    }
    if (!this.#hasRoom(message)) return { status: "overloaded" };
    const seq = this.#add(message, new Map());
    if (cause !== undefined) this.#find(cause.seq)!.sends.set(cause.ordinal, seq);
    if (message.deduplicate) this.#ids.push({ key: idOf(message), at, seq });
    return { status: "accepted", seq };
  }

  #add(message: DurableMessage, sends: Map<number, number>): number {
    const seq = this.messages.length + 1;
    this.messages.push({
      seq,
      message,
      isPending: true,
      delivery: 0,
      attempts: 0,
      kills: 0,
      notBefore: message.notBefore ?? 0,
      sends: new Map(sends),
    });
    return seq;
  }

  #remembered(key: string, at: number): number | null {
    const last = this.#ids.findLastIndex((id) => id.key === key);
    if (last < 0 || this.#ids.length - 1 - last >= this.#limits.idsMax) return null;
    return this.#ids[last]!.at + this.#limits.windowMs > at ? this.#ids[last]!.seq : null;
  }

  /** A minute later the store itself knows. */
  #endOf(deadSeq: number, at: number): { seq: number | null } | undefined {
    const end = this.#ended.findLast((one) => one.deadSeq === deadSeq);
    return end !== undefined && end.at + 60_000 > at ? end : undefined;
  }

  #hasRoom({ to, chars }: DurableMessage): boolean {
    const pending = this.messages.filter(({ isPending }) => isPending);
    const ofReceiver = pending.filter(({ message }) => message.to === to);
    return pending.length < this.#limits.pendingMax &&
      sum(pending) + chars <= this.#limits.pendingCharsMax &&
      ofReceiver.length < this.#limits.pendingPerReceiverMax;
  }

  #checkLane(one: ReferenceMessage, at: number): void {
    const ready = this.deliverable(one.message.to, at);
    const hasReady = (lane: string) => ready.some(({ message }) => message.lane === lane);
    const countOf = (lane: string) => this.#overtaken.get(`${one.message.to} ${lane}`) ?? 0;
    const starving = LANES.toReversed()
      .find((lane) => hasReady(lane) && countOf(lane) >= OVERTAKEN_MAX);
    assert.equal(one.message.lane, starving ?? LANES.find(hasReady), "the turn of another lane");
    this.#overtaken.set(laneOf(one), 0);
    for (const lane of LANES.slice(LANES.indexOf(one.message.lane) + 1).filter(hasReady)) {
      this.#overtaken.set(`${one.message.to} ${lane}`, countOf(lane) + 1);
    }
  }

  #find(seq: number): ReferenceMessage | undefined {
    return this.messages.find((one) => one.seq === seq);
  }

  #stream(one: ReferenceMessage): ReferenceMessage[] {
    return this.messages.filter((other) => other.isPending && streamOf(other) === streamOf(one));
  }
}

function streamOf({ message }: ReferenceMessage): string {
  return `${message.from} ${message.to} ${message.lane}`;
}

function laneOf({ message }: ReferenceMessage): string {
  return `${message.to} ${message.lane}`;
}

function idOf({ to, from, id }: DurableMessage): string {
  return `id ${to} ${from} ${id}`;
}

function isExpired({ message }: ReferenceMessage, at: number): boolean {
  return message.expiresAt !== null && message.expiresAt <= at;
}

function sum(messages: ReferenceMessage[]): number {
  return messages.reduce((chars, { message }) => chars + message.chars, 0);
}
