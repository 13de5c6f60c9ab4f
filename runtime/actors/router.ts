/**
 * Takes messages in, from workers and from outside, and refuses what may not pass. Who sends, the
 * node knows; what a worker claims of itself counts for nothing.
 *
 * @module
 */
import { monotonicFactory } from "ulid";
import type { AttemptOutcome } from "../../actors/attempt.ts";
import type { DurableMessage } from "../../actors/delivery/mod.ts";
import type { AnswerRow, MessageItem, SendOptions } from "../../actors/frames.ts";
import { ITEM, toPlainText } from "../../actors/frames.ts";
import {
  decideAccess,
  EXTERNAL,
  isMessageType,
  matchesAddress,
  tryTake,
} from "../../actors/messages/mod.ts";
import { UNIT_LIMITS } from "../../core/actor_ports.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Cell, Flight, SealedMessage } from "../cells/mod.ts";
import type { Activation } from "./activation.ts";
import { isCycle } from "./asks.ts";
import { DelayedLetters } from "./delayed_letters.ts";
import { endedError } from "./activator.ts";
import { FanOut } from "./fan_out.ts";
import type { ActorWork, Ask, Letter } from "./letter.ts";
import type { Parts } from "./parts.ts";
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
const ASK_TIMEOUT_MS = 5_000;
/** Longest time that an ask may wait. */
const ASK_TIMEOUT_MS_MAX = 24 * 3_600_000;
const ADDRESS_CHARS_MAX = 400;
/** Where the name of the definition begins. */
const ADDRESS_START = "actor://".length;
/** What a sender of a full mailbox should wait. */
const RETRY_AFTER_MS = 100;
/** What of a payload the store takes in any case: a character takes at most three bytes there. */
const STORED_CHARS_MAX = Math.floor(UNIT_LIMITS.valueBytesMax / 4);
/** In a longer line a large payload may hide among small ones. */
const LINE_CHARS_USUAL = 1024 * 1024;
/** Asks of one actor that are open at once. */
const ASKS_MAX = 10_000;

export class Router {
  readonly #parts: Parts;
  readonly #delayed: DelayedLetters;
  readonly #nextId = monotonicFactory();
  readonly #fanOut = new FanOut();
  #ids = 0;
  #isClosed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
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
    if (item[0] === ITEM.CANCEL_ASK) return this.#cancel(cell, item[2]);
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
    if (tag === ITEM.ASK) draft.ask = this.#newWorkerAsk(cell, token, draft, activation);
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
        ? this.#control(sender, draft)
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
    const refusal = this.#findRefusal(activation, sender, draft);
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

  #findRefusal(activation: Activation, sender: Sender, draft: Draft): ErrorData | null {
    const { spec, info } = activation.type;
    const { type, ask, payload } = draft;
    if (activation.status === "ended") return endedError(activation.address);
    // First of all: who may not send hears nothing of the receiver.
    const denial = decideAccess(spec.accept, { from: sender.from, type });
    if (denial !== null) return denial;
    if (info !== null && !knows(info.capabilities, type)) {
      return {
        code: "UNKNOWN_MESSAGE",
        message: `Actor "${spec.name}" takes no message "${type}", only: ${
          info.capabilities.join(", ") || "none"
        }`,
        retryable: false,
      };
    }
    if (spec.encrypt !== undefined && !isSealed(payload)) {
      return {
        code: "SEAL_MISSING",
        message: `Actor "${spec.name}" takes only encrypted messages`,
        retryable: false,
      };
    }
    if (ask !== null && sender.activation !== null) {
      const refusal = this.#findAskFault(sender.activation, activation);
      if (refusal !== null) return refusal;
    }
    if (activation.bucket === null) return null;
    const waitMs = tryTake(activation.bucket, this.#parts.now());
    return waitMs === 0 ? null : {
      code: "RATE_LIMITED",
      message: `"${activation.address}" takes ${spec.rate!.messages} messages in ${
        spec.rate!.perMs
      } ms`,
      details: { retryAfterMs: waitMs },
    };
  }

  #findAskFault(asker: Activation, target: Activation): ErrorData | null {
    if (asker.asking.size > ASKS_MAX) {
      return { code: "OVERLOADED", message: `"${asker.address}" waits for ${ASKS_MAX} answers` };
    }
    if (target.type.isAgent || asker.type.isAgent) return null;
    return isCycle(asker, target, (address) => this.#parts.activator.find(address))
      ? {
        code: "ASK_CYCLE",
        message:
          `"${asker.address}" cannot ask "${target.address}", which waits for an answer of its`,
        hint: "Tell one of the two instead of asking, and answer with another message",
        retryable: false,
      }
      : null;
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
    for (const { to, message, lane } of receivers) {
      const copy = {
        ...draft,
        to,
        type: message,
        options: { ...options, isDurable, ...(lane === undefined ? {} : { lane }) },
      };
      this.#copy(
        { ...sender, taken: () => waiting.count(), refused: () => waiting.count() },
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
    const refusal = this.#findRefusal(activation, sender, draft);
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

  // --- to the node ---

  #control({ activation }: Sender, { type, payload, ask }: Draft): ErrorData | null {
    if (activation === null || ask === null) return invalid("Only actors speak to their system");
    if (type === "stop") {
      // The message that is being handled comes first.
      this.#answerAsk(ask, null);
      this.#parts.activator.passivate(activation, "normal");
      return null;
    }
    if (type === "stop-system") return this.#stopSystem(activation, ask);
    if (type === "unsubscribe") this.#parts.topics.unsubscribe(activation.address, payload);
    else if (type === "subscribe") {
      const result = this.#parts.topics.subscribe(activation.address, payload);
      if ("code" in result) return result;
      for (const publication of result.retained) {
        this.#replay(activation, publication, result.message);
      }
    } else return invalid(`The system takes no message "${type}"`);
    this.#answerAsk(ask, null);
    return null;
  }

  /** In order: what is being handled comes first, this message too. */
  #stopSystem({ address, type }: Activation, ask: Ask): ErrorData | null {
    if (type.spec.mayStopSystem !== true) {
      return {
        code: "ACCESS_DENIED",
        message: `"${address}" may not stop its system`,
        hint: "Give it `mayStopSystem: true` in the system file if it is to",
        retryable: false,
      };
    }
    this.#answerAsk(ask, null);
    void this.#parts.tree.stop();
    return null;
  }

  #replay(activation: Activation, publication: Publication, type: string): void {
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

  #answerAsk(ask: Ask, output: Json): void {
    this.#parts.courier.answer({ ask } as Letter, { status: "completed", output });
  }

  // --- asks ---

  /** An ask of a worker: it is answered to its cell. */
  readonly #workerAsks = new Map<Cell, Map<number, Ask>>();

  #newWorkerAsk(cell: Cell, token: number, draft: Draft, from: Activation | null): Ask {
    const asks = this.#workerAsks.get(cell) ?? new Map<number, Ask>();
    this.#workerAsks.set(cell, asks);
    const ask = this.newAsk(draft.to, draft.options.ttlMs, from, (outcome) => {
      asks.delete(token);
      if (asks.size === 0) this.#workerAsks.delete(cell);
      this.#parts.outgoing.answer(cell, toRow(token, outcome), ask.answerChars);
      this.#parts.courier.wake();
    });
    asks.set(token, ask);
    return ask;
  }

  /** Somebody begins to wait. */
  newAsk(
    to: string,
    timeoutMs: number | undefined,
    from: Activation | null,
    answer: (outcome: AttemptOutcome) => void,
  ): Ask {
    const limitMs = Math.min(ASK_TIMEOUT_MS_MAX, timeoutMs ?? ASK_TIMEOUT_MS);
    const ask: Ask = {
      from,
      to,
      deadlineAt: this.#parts.now() + limitMs,
      flight: null,
      answerChars: 0,
      isOver: false,
      answer,
    };
    this.#parts.asks.open(ask);
    return ask;
  }

  #cancel(cell: Cell, token: number): void {
    const ask = this.#workerAsks.get(cell)?.get(token);
    if (ask !== undefined) this.giveUp(ask, { code: "CANCELLED", message: "The asker gave up" });
  }

  /** Nobody waits for the answer any more: whoever handles the message is told. */
  giveUp(ask: Ask, error: ErrorData): void {
    if (ask.isOver) return;
    const work = ask.flight?.work;
    this.#parts.courier.answer({ ask } as Letter, { status: "failed", error });
    if (work === undefined || !isActorWork(work)) return;
    const { seq } = ask.flight!;
    for (const cell of work.activation.type.cells) {
      if (cell.flights.get(seq) !== ask.flight) continue;
      // Only told: what it does then is its own matter, within the time for a message.
      cell.send(["abort", seq, error.code, error.message]);
    }
  }

  /** The actor has ended: nobody in it waits any more, and it closes no circle of asks. */
  forgetAsks({ asking }: Activation): void {
    for (const ask of asking) {
      this.giveUp(ask, { code: "CANCELLED", message: "The asker has ended" });
    }
  }

  /** A cell is gone: nobody there waits any more. */
  forgetCell(cell: Cell): void {
    for (const ask of this.#workerAsks.get(cell)?.values() ?? []) {
      this.giveUp(ask, { code: "CANCELLED", message: "The asker has ended" });
    }
    this.#workerAsks.delete(cell);
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
}

/** Instances of one definition share what a sender may have. */
function shareOf(from: string): string {
  const slash = from.indexOf("/", ADDRESS_START);
  return slash < 0 ? from : from.slice(0, slash);
}

function isActorWork(work: object): work is ActorWork {
  return "activation" in work;
}

function knows(types: readonly string[], type: string): boolean {
  // Longer lists are cut when they are read: the worker decides.
  return types.includes(type) || types.length >= 256;
}

/** Exact where it matters; small payloads count as their share of the line. */
function charsOf(payload: Json, { itemChars, lineChars }: Cell): number {
  const isExact = itemChars > 1_024 || lineChars > LINE_CHARS_USUAL;
  return isExact ? JSON.stringify(payload).length : itemChars;
}

function tooLarge(what: string): ErrorData {
  return {
    code: "STORED_VALUE_TOO_LARGE",
    message: `Cannot keep ${what}: its payload has more than ${STORED_CHARS_MAX} characters`,
    hint: "Split it, or keep large data in files and send their names",
    retryable: false,
  };
}

/** What the boot code says, without its stack. */
function toSealFault(error: unknown): ErrorData {
  const { code = "SEAL_BROKEN", message } = error as Error & { code?: string };
  return { code, message, retryable: false };
}

function isSealed(payload: Json): boolean {
  return typeof payload === "object" && payload !== null && "$sealed" in payload;
}

function toRow(token: number, outcome: AttemptOutcome): AnswerRow {
  if (outcome.status === "completed") return [token, outcome.output];
  const { code, message, details } = outcome.error;
  return [token, null, code, message, details ?? null];
}

export const SYSTEM_STOPPED: ErrorData = {
  code: "SYSTEM_STOPPED",
  message: "The actor system has stopped",
};

function overloaded({ address, type }: Activation): ErrorData {
  const { messagesMax, charsMax } = type.spec.mailbox;
  return {
    code: "OVERLOADED",
    message: `The mailbox of "${address}" is full: ${messagesMax} messages, ${charsMax} characters`,
    hint: "Send again after `retryAfterMs`, or send less",
    details: { retryAfterMs: RETRY_AFTER_MS },
  };
}

function invalid(message: string): ErrorData {
  return { code: "INVALID_MESSAGE", message, retryable: false };
}
