/**
 * Takes messages in, from workers and from outside, and refuses what may not pass. Who sends, the
 * node knows; what a worker claims of itself counts for nothing.
 *
 * @module
 */
import { monotonicFactory } from "ulid";
import type { DurableMessage } from "../../actors/delivery/mod.ts";
import type { MessageItem, SendOptions } from "../../actors/frames.ts";
import { ITEM, toPlainText } from "../../actors/frames.ts";
import { EXTERNAL, isMessageType, matchesAddress } from "../../actors/messages/mod.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Cell, Flight, SealedMessage } from "../cells/mod.ts";
import type { Activation } from "./activation.ts";
import { findRefusal, isSealed } from "./admission.ts";
import { DelayedLetters } from "./delayed_letters.ts";
import { FanOut } from "./fan_out.ts";
import { type ActorWork, type Ask, isActorWork, type Letter } from "./letter.ts";
import type { Parts } from "./parts.ts";
import {
  endedError,
  invalid,
  overloaded,
  STORED_CHARS_MAX,
  SYSTEM_STOPPED,
  tooLarge,
  toSealFault,
} from "./refusals.ts";
import { SystemControl } from "./system_control.ts";
import type { Publication } from "./topic_desk.ts";

/** Who sends, and who is to be told what became of it. */
export interface Sender {
  /** An address, or `external`. */
  from: string;
  activation: Activation | null;
  /** The durable message that is handled, and so the cause. */
  work: ActorWork | null;
  /** Taken, of a durable message: on disk. */
  taken(): void;
  refused(error: ErrorData): void;
  /** Of a worker. */
  cell?: Cell;
  /** Tells "taken" later, when the receiver has room; `false` where that cannot be. */
  hold?(receiver: Activation): boolean;
}

/** A message before the node has looked at it. */
export interface Draft {
  to: string;
  type: string;
  payload: Json;
  chars: number;
  options: SendOptions;
  ask: Ask | null;
}

const NO_OPTIONS: SendOptions = {};
const ADDRESS_CHARS_MAX = 400;
/** Where the name of the definition begins. */
const ADDRESS_START = "actor://".length;
/** In a longer line a large payload may hide among small ones. */
const LINE_CHARS_USUAL = 1024 * 1024;
export class Router {
  readonly #parts: Parts;
  readonly #delayed: DelayedLetters;
  readonly #nextId = monotonicFactory();
  readonly #fanOut = new FanOut();
  readonly #control: SystemControl;
  #ids = 0;
  #isClosed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#control = new SystemControl(parts);
    this.#delayed = new DelayedLetters(
      () => parts.now(),
      (letter) => this.#mailLate(letter),
    );
  }

  /** From now on nothing is taken. */
  close(): void {
    this.#isClosed = true;
    this.#delayed.stop();
  }

  /** What a worker sends. */
  onItem(cell: Cell, flight: Flight, item: MessageItem): void {
    const work = isActorWork(flight.work) ? flight.work : null;
    if (item[0] === ITEM.CANCEL_ASK) return this.#parts.askDesk.cancel(cell, item[2]);
    const [tag, , token, to, type, payload, options] = item;
    const activation = work?.activation ?? null;
    const sender: Sender = {
      from: activation?.address ?? EXTERNAL,
      activation,
      work,
      cell,
      taken: () => this.#parts.outgoing.taken(cell, token),
      refused: ({ code, message, details }) => {
        const retryAfterMs = Number(details?.retryAfterMs);
        const wait = Number.isFinite(retryAfterMs) ? retryAfterMs : null;
        this.#parts.outgoing.refused(cell, [token, code, message, wait]);
      },
      hold: (receiver) => this.#parts.courier.holdAck(receiver, activation, cell, token),
    };
    const draft: Draft = {
      to,
      type,
      payload,
      chars: charsOf(payload, cell),
      options: options ?? NO_OPTIONS,
      ask: null,
    };
    if (tag === ITEM.ASK) draft.ask = this.#parts.askDesk.openFor(cell, token, draft, activation);
    if (activation === null) this.sendPlain(sender, draft);
    else this.send(sender, draft);
    this.#parts.courier.wake();
  }

  /**
   * Takes a message from outside of the system. Outside are no keys: the node seals what is for an
   * actor that encrypts, before anything of it is kept, and opens the answer.
   */
  sendPlain(sender: Sender, draft: Draft): void {
    const { seals } = this.#parts;
    const { to, type, payload, options, ask } = draft;
    if (seals === null || isSealed(payload)) return this.send(sender, draft);
    let sealed: SealedMessage | null;
    try {
      sealed = seals.seal(JSON.stringify(payload), { to, type, id: options.id });
    } catch (error) {
      return this.#refuse(sender, draft, toSealFault(error));
    }
    if (sealed === null) return this.send(sender, draft);
    if (ask !== null) this.#openAnswerOf(ask, sealed);
    const { text, binding: { id } } = sealed;
    const sealedId = options.id === undefined ? { sealedId: id } : {};
    this.send(sender, {
      ...draft,
      payload: JSON.parse(text),
      chars: text.length,
      options: { ...options, ...sealedId },
    });
  }

  #openAnswerOf(ask: Ask, sealed: SealedMessage): void {
    const { answer } = ask;
    ask.answer = (outcome) => {
      if (outcome.status === "failed") return answer(outcome);
      try {
        const output = this.#parts.seals!.openAnswer(sealed, outcome.output) as Json;
        answer({ status: "completed", output });
      } catch (error) {
        answer({ status: "failed", error: toSealFault(error) });
      }
    };
  }

  /** Takes a message, or tells the sender why not. */
  send(sender: Sender, draft: Draft): void {
    const { to } = draft;
    const refusal = this.#findFault(draft) ??
      (to.startsWith("topic:")
        ? this.#publish(sender, draft)
        : to === "system:"
        ? this.#control.handle(sender, draft)
        : to.endsWith("*")
        ? this.#broadcast(sender, draft)
        : this.#route(sender, draft));
    if (refusal !== null) this.#refuse(sender, draft, refusal);
  }

  #findFault({ to, type }: Draft): ErrorData | null {
    if (this.#isClosed) return SYSTEM_STOPPED;
    if (to.length > ADDRESS_CHARS_MAX) return invalid(`Address "${to.slice(0, 80)}…" is too long`);
    const isType: boolean = isMessageType(type);
    return isType ? null : invalid(`"${type.slice(0, 80)}" is no type of messages`);
  }

  #refuse(sender: Sender, { to, type, ask }: Draft, error: ErrorData): void {
    this.#parts.tell({
      type: "refused",
      from: sender.from,
      to: toPlainText(to, 400),
      messageType: toPlainText(type, 128),
      error,
    });
    sender.cell?.countRefusal();
    if (ask === null) return sender.refused(error);
    this.#parts.courier.answer({ ask } as Letter, { status: "failed", error });
  }

  // --- to one actor ---

  /** `null`: the sender was told, or will be. */
  #route(sender: Sender, draft: Draft): ErrorData | null {
    const activation = this.#parts.activator.ensure(draft.to);
    if ("error" in activation) return activation.error;
    // However it was written: chains of asks are followed by addresses.
    if (draft.ask !== null) draft.ask.to = activation.address;
    const refusal = this.#routeTo(activation, sender, draft);
    // What was made only to be asked is not kept.
    this.#parts.activator.settle(activation);
    return refusal;
  }

  #routeTo(activation: Activation, sender: Sender, draft: Draft): ErrorData | null {
    const refusal = findRefusal(this.#parts, activation, sender, draft);
    if (refusal !== null) return refusal;
    const { options, ask } = draft;
    if (options.isDurable === true && ask === null) {
      this.#accept(activation, sender, draft);
      return null;
    }
    const share = sender.activation?.share;
    const letter = this.#newLetter(activation, sender.from, draft, share);
    if (options.delayMs !== undefined && options.delayMs > 0) {
      const refusal = this.#delayed.put(letter, options.delayMs);
      if (refusal === null && ask === null) sender.taken();
      return refusal;
    }
    if (!this.#mail(activation, letter)) return overloaded(activation);
    if (ask === null && sender.hold?.(activation) !== true) sender.taken();
    return null;
  }

  /** Puts a letter into the mailbox; `false` when that is full. */
  #mail(activation: Activation, letter: Letter): boolean {
    const { courier, activator } = this.#parts;
    if (activation.mailbox.offer(letter, this.#parts.now()) === "full") return false;
    courier.note(activation);
    if (activation.status === "down") activator.wake(activation);
    return true;
  }

  /** Its time has come. Whoever sent it was told that it is taken: a refusal goes on record. */
  #mailLate(letter: Letter): void {
    const activation = this.#parts.activator.ensure(letter.to);
    const refusal = "error" in activation
      ? activation.error
      : activation.status === "ended"
      ? endedError(letter.to)
      : this.#mail(activation, letter)
      ? null
      : overloaded(activation);
    if (refusal !== null) this.#parts.courier.refuse(letter, refusal);
  }

  #newLetter(
    activation: Activation,
    from: string,
    draft: Draft,
    share: string = shareOf(from),
  ): Letter {
    const { type, payload, chars, options, ask } = draft;
    const now = this.#parts.now();
    const ttlMs = ask === null ? options.ttlMs : ask.deadlineAt - now;
    const letter: Letter = {
      share,
      id: options.id ?? options.sealedId ?? `${this.#ids++}`,
      from,
      to: activation.address,
      type,
      payload,
      chars,
      lane: options.lane ?? "normal",
      sentAt: now,
      expiresAt: ttlMs === undefined ? null : now + ttlMs,
      ask,
      delivery: null,
    };
    if (options.tags !== undefined) letter.tags = options.tags;
    return letter;
  }

  // --- durable ---

  #accept(activation: Activation, sender: Sender, draft: Draft, extra?: { topic: string }): void {
    if (draft.chars > STORED_CHARS_MAX) {
      return this.#refuse(sender, draft, tooLarge("a durable message"));
    }
    const message = this.#newDurable(activation, sender, draft);
    if (extra !== undefined) message.topic = extra.topic;
    this.#parts.mail.accept(message, (acceptance) => {
      if (acceptance === "overloaded") {
        // A second try must take the number of the first: so numbers it a handler that is run again.
        const { work } = sender;
        if (work !== null && message.cause?.ordinal === work.sends - 1) work.sends--;
        this.#refuse(sender, draft, overloaded(activation));
      } else if (acceptance === "stopped") sender.refused(SYSTEM_STOPPED);
      else sender.taken();
      this.#parts.courier.wake();
    });
  }

  #newDurable(activation: Activation, { from, work }: Sender, draft: Draft): DurableMessage {
    const { type, payload, chars, options } = draft;
    const now = this.#parts.now();
    const message: DurableMessage = {
      id: options.id ?? options.sealedId ?? this.#nextId(now),
      from,
      to: activation.address,
      type,
      payload,
      chars,
      lane: options.lane ?? "normal",
      sentAt: now,
      expiresAt: options.ttlMs === undefined ? null : now + options.ttlMs,
    };
    if (options.id !== undefined) message.deduplicate = true;
    else if (work?.letter?.delivery) {
      message.cause = { seq: work.letter.delivery.seq, ordinal: work.sends++ };
    }
    if (options.delayMs !== undefined) message.notBefore = now + options.delayMs;
    if (options.tags !== undefined) message.tags = options.tags;
    return message;
  }

  // --- to many ---

  /** To every instance of an actor that is resident. */
  #broadcast(sender: Sender, draft: Draft): ErrorData | null {
    if (draft.ask !== null) return invalid("An ask goes to one actor, not to many");
    const now = this.#parts.now();
    const refusal = this.#fanOut.refuse(sender.activation, now);
    if (refusal !== null) return refusal;
    const { activator } = this.#parts;
    const receivers = [...activator.all()].filter((activation) =>
      activation.isResident && activation !== sender.activation &&
      matchesAddress(draft.to, activation.address)
    );
    this.#fanOut.charge(sender.activation, receivers.length, now, activator.size);
    const each: Sender = { ...sender, taken() {}, refused() {}, hold: undefined };
    for (const { address } of receivers) this.#copy(each, { ...draft, to: address });
    sender.taken();
    return null;
  }

  #publish(sender: Sender, draft: Draft): ErrorData | null {
    if (draft.ask !== null) return invalid("A topic gives no answer: emit to it");
    const topic = draft.to.slice("topic:".length);
    const refusal = this.#parts.topics.refuse(topic, sender.from);
    if (refusal !== null) return refusal;
    const { options, payload, chars } = draft;
    if (chars > STORED_CHARS_MAX && this.#parts.topics.specOf(topic)?.durable === true) {
      return tooLarge(`a message of topic "${topic}"`);
    }
    const publication: Publication = {
      topic,
      from: sender.from,
      payload,
      chars,
      tags: options.tags ?? [],
      sentAt: this.#parts.now(),
      ...(options.partitionBy === undefined ? {} : { partitionBy: options.partitionBy }),
    };
    const receivers = this.#parts.topics.receivers(publication);
    if (receivers.length > 1) {
      const now = this.#parts.now();
      const tooMany = this.#fanOut.refuse(sender.activation, now);
      if (tooMany !== null) return tooMany;
      this.#fanOut.charge(sender.activation, receivers.length, now);
    }
    this.#parts.topics.retain(publication);
    const isDurable = options.isDurable === true ||
      this.#parts.topics.specOf(topic)?.durable === true;
    const waiting = new Countdown(receivers.length, () => sender.taken());
    // Of a receiver that refuses, its own record tells; but what is not kept because the system has
    // stopped must not count as published.
    const refused = (error: ErrorData) => {
      if (error.code !== SYSTEM_STOPPED.code) return waiting.count();
      if (waiting.give()) sender.refused(error);
    };
    for (const { to, message, lane } of receivers) {
      const copy = {
        ...draft,
        to,
        type: message,
        options: { ...options, isDurable, ...(lane === undefined ? {} : { lane }) },
      };
      this.#copy(
        { ...sender, taken: () => waiting.count(), refused },
        copy,
        topic,
      );
    }
    return null;
  }

  /** One copy of a message to many; who refuses it does not concern the others. */
  #copy(sender: Sender, draft: Draft, topic?: string): void {
    const activation = this.#parts.activator.ensure(draft.to);
    if ("error" in activation) return this.#refuse(sender, draft, activation.error);
    const refusal = this.#copyTo(activation, sender, draft, topic);
    this.#parts.activator.settle(activation);
    if (refusal !== null) this.#refuse(sender, draft, refusal);
  }

  #copyTo(activation: Activation, sender: Sender, draft: Draft, topic?: string): ErrorData | null {
    const refusal = findRefusal(this.#parts, activation, sender, draft);
    if (refusal !== null) return refusal;
    if (draft.options.isDurable === true) {
      this.#accept(activation, sender, draft, topic === undefined ? undefined : { topic });
      return null;
    }
    const letter = this.#newLetter(activation, sender.from, draft);
    if (topic !== undefined) letter.topic = topic;
    if (!this.#mail(activation, letter)) return overloaded(activation);
    sender.taken();
    return null;
  }

  /** A retained message for somebody who subscribes late. */
  replay(activation: Activation, publication: Publication, type: string): void {
    const { from, payload, chars, topic, tags } = publication;
    const draft: Draft = {
      to: activation.address,
      type,
      payload,
      chars,
      options: { tags },
      ask: null,
    };
    this.#mail(activation, { ...this.#newLetter(activation, from, draft), topic });
  }
}

/** Calls back when as many have reported as there are. */
class Countdown {
  #left: number;
  readonly #done: () => void;

  constructor(count: number, done: () => void) {
    this.#left = count;
    this.#done = done;
    if (count === 0) done();
  }

  count(): void {
    if (--this.#left === 0) this.#done();
  }

  /** Counts no more; whether it still did. */
  give(): boolean {
    const isGoing = this.#left > 0;
    this.#left = 0;
    return isGoing;
  }
}

/** Instances of one definition share what a sender may have. */
function shareOf(from: string): string {
  const slash = from.indexOf("/", ADDRESS_START);
  return slash < 0 ? from : from.slice(0, slash);
}

/** Exact where it matters; small payloads count as their share of the line. */
function charsOf(payload: Json, { itemChars, lineChars }: Cell): number {
  const isExact = itemChars > 1_024 || lineChars > LINE_CHARS_USUAL;
  return isExact ? JSON.stringify(payload).length : itemChars;
}
