/**
 * Carries messages from mailboxes to workers, and what came of them back. One turn of the node
 * collects what goes to each cell into one frame.
 *
 * @module
 */
import type { AttemptOutcome } from "../../actors/attempt.ts";
import type { DeliveryMeta } from "../../actors/frames.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Cell, Flight, Landing } from "../cells/mod.ts";
import type { Activation } from "./activation.ts";
import type { ActorWork, Letter } from "./letter.ts";
import type { Parts } from "./parts.ts";

/** Messages that are sent ahead to one activation: its worker never waits for the node. */
const WINDOW = 256;
/** Characters of payloads from which on no more are sent ahead, or large ones would fill its cell. */
const WINDOW_CHARS = 1024 * 1024;
/** Durable messages that are taken together. */
const PORTION = 32;
/** How long messages are sent before the event loop has its turn. */
const TURN_MS_MAX = 8;

export class Courier {
  readonly #parts: Parts;
  /** Activations that may have something to be sent to them. */
  readonly #dirty = new Set<Activation>();
  #isTurnDue = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Answers that wait until it is sure that this process still leads the system. */
  #held: (() => void)[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Looks at an activation in this turn. */
  note(activation: Activation): void {
    this.#dirty.add(activation);
    this.wake();
  }

  wake(): void {
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    queueMicrotask(() => this.#turn());
  }

  #turn(): void {
    this.#isTurnDue = false;
    // Whoever may be deposed hands out no messages: they stay in their mailboxes.
    if (!this.#mayAct()) return this.#parts.outgoing.flush();
    const endsAt = performance.now() + TURN_MS_MAX;
    for (const activation of this.#dirty) {
      if (performance.now() > endsAt) {
        // The event loop has its turn first.
        this.#isTurnDue = true;
        this.#timer = setTimeout(() => this.#turn(), 0);
        break;
      }
      this.#dirty.delete(activation);
      this.#pump(activation);
    }
    this.#parts.outgoing.flush();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#held = [];
  }

  /** It is sure again that this process leads the system. */
  goOn(): void {
    const held = this.#held;
    this.#held = [];
    for (const answer of held) answer();
    this.wake();
  }

  #mayAct(): boolean {
    return this.#parts.gate?.isOpen() ?? true;
  }

  #pump(activation: Activation): void {
    if (activation.status === "down") this.#parts.activator.settle(activation);
    if (activation.status !== "running") return;
    if (activation.type.isAgent) this.#pumpAgent(activation);
    else if (activation.cell!.state === "ready") {
      this.#send(activation, activation.cell!, WINDOW - activation.inFlight.size);
    }
    this.#releaseRoom(activation);
    this.#parts.activator.noteIdle(activation, this.#isIdle(activation));
  }

  #isIdle({ inFlight, mailbox, address, unsettled }: Activation): boolean {
    return inFlight.size === 0 && mailbox.isEmpty && unsettled === 0 &&
      !this.#parts.mail.hasWork(address);
  }

  #pumpAgent(activation: Activation): void {
    const { mailbox, type, address } = activation;
    for (const { cell, room } of type.agentRooms()) this.#send(activation, cell, room);
    if (!mailbox.isEmpty || this.#parts.mail.hasWork(address)) type.grow();
  }

  /** Of a suspect only the one message goes that may have killed a cell. */
  #send(activation: Activation, cell: Cell, room: number): void {
    const { isSuspect, inFlight, address } = activation;
    // Its neighbour is tried alone.
    if (cell.isExclusive && !isSuspect) return;
    if (isSuspect) {
      if (inFlight.size === 0) this.#sendDurable(activation, cell, 1);
      // There was nothing to suspect any more.
      if (inFlight.size === 0) this.acquit(activation);
      else return;
    }
    if (room <= 0 || activation.inFlightChars >= WINDOW_CHARS) return;
    // Neither kind of mail starves the other.
    const hasDurable = this.#parts.mail.hasWork(address);
    const share = hasDurable ? Math.ceil(room / 2) : room;
    const sent = this.#sendVolatile(activation, cell, share);
    if (hasDurable) this.#sendDurable(activation, cell, room - sent);
  }

  #sendVolatile(activation: Activation, cell: Cell, limit: number): number {
    const { mailbox } = activation;
    if (mailbox.isEmpty) return 0;
    const { messages, expired } = mailbox.take(this.#parts.now(), limit);
    for (const letter of expired) this.expire(letter);
    const now = performance.now();
    for (const letter of messages) {
      if (letter.ask?.isOver !== true) this.#launch(activation, cell, letter, now);
    }
    return messages.length;
  }

  #sendDurable(activation: Activation, cell: Cell, limit: number): void {
    const { mail } = this.#parts;
    const now = performance.now();
    // In portions: how large they are is known when they are there.
    for (let left = limit; left > 0 && activation.inFlightChars < WINDOW_CHARS; left -= PORTION) {
      const deliveries = mail.take(activation.address, Math.min(left, PORTION));
      for (const delivery of deliveries) {
        this.#launch(activation, cell, { ...delivery.message, ask: null, delivery }, now);
      }
      if (deliveries.length < PORTION) return;
    }
  }

  #launch(activation: Activation, cell: Cell, letter: Letter, now: number): void {
    const { handleMs, heartbeatMs } = activation.type.spec.timeout;
    const work: ActorWork = {
      kind: "message",
      activation,
      letter,
      flight: null,
      sends: 0,
      timeoutMs: handleMs,
      heartbeatMs,
      isLateGood: true,
    };
    const flight = cell.begin(work, now);
    // Its time begins when it is handled, not while it waits behind others.
    if (!activation.type.isAgent && activation.inFlight.size > 0) flight.deadlineAt = Infinity;
    work.flight = flight;
    if (letter.ask !== null) letter.ask.flight = flight;
    activation.begin(flight, work);
    const { type, payload, from, id } = letter;
    this.#parts.outgoing.deliver(cell, [
      flight.seq,
      activation.seat,
      type,
      payload,
      from,
      id,
      metaOf(letter),
    ], letter.chars);
  }

  // --- what comes back ---

  onLandings(cell: Cell, landings: readonly Landing[]): void {
    const now = performance.now();
    for (const { flight, outcome } of landings) {
      const { letter } = flight.work as ActorWork;
      if (letter !== null && letter.ask !== null) letter.ask.answerChars = charsOf(outcome, cell);
      this.#onLanding(flight, outcome, now);
    }
    this.wake();
  }

  #onLanding(flight: Flight, outcome: AttemptOutcome, now: number): void {
    const work = flight.work as ActorWork;
    const { activation, letter } = work;
    activation.end(flight);
    this.#startClock(activation, now);
    if (letter === null) return this.#parts.activator.onHook(work, outcome);
    if (activation.isSuspect) this.acquit(activation);
    this.#settleLetter(activation, letter, outcome);
    this.#dirty.add(activation);
  }

  /** What was behind it is handled now. */
  #startClock(activation: Activation, now: number): void {
    const head = activation.head;
    if (head === null || head.flight!.deadlineAt !== Infinity || activation.type.isAgent) return;
    head.flight!.deadlineAt = now + head.timeoutMs;
  }

  /** Its cell takes part in the life of its neighbours again. */
  acquit(activation: Activation): void {
    activation.isSuspect = false;
    const { cell, type } = activation;
    if (cell === null) return;
    // Also where the cell came to rest with it, and is open again already: nobody was told of that.
    cell.isExclusive = false;
    for (const neighbour of type.seatsOf(cell)) this.note(neighbour);
  }

  #settleLetter(activation: Activation, letter: Letter, outcome: AttemptOutcome): void {
    const { mail } = this.#parts;
    if (outcome.status === "failed" && isForTheRecord(activation, letter, outcome.error)) {
      this.#tellRefused(letter, outcome.error);
    }
    if (letter.delivery !== null) return mail.finish(activation, letter.delivery, outcome);
    if (letter.ask === null) return;
    // What it saw may not be durable yet.
    if (activation.unsettled > 0) mail.after(activation, () => this.answer(letter, outcome));
    else if (letter.ask.isOver) return;
    // An answer that nothing was written for may tell of a state that is no longer the last one.
    else if (this.#mayAct()) this.answer(letter, outcome);
    else this.#held.push(() => this.answer(letter, outcome));
  }

  answer({ ask }: Letter, outcome: AttemptOutcome): void {
    if (ask === null || ask.isOver) return;
    this.#parts.asks.close(ask);
    ask.answer(outcome);
  }

  /** It waited too long. */
  expire(letter: Letter): void {
    this.refuse(letter, { code: "EXPIRED", message: "The message waited longer than it may" });
  }

  /** Nobody will handle it: its sender hears of it, or the record keeps it. */
  refuse(letter: Letter, error: ErrorData): void {
    if (letter.ask !== null) this.answer(letter, { status: "failed", error });
    else this.#tellRefused(letter, error);
  }

  #tellRefused({ from, to, type }: Letter, error: ErrorData): void {
    this.#parts.tell({ type: "refused", from, to, messageType: type, error });
  }

  // --- when an activation ends ---

  /**
   * Takes back what a broken or stopped activation had. The culprit has its outcome; of the rest the
   * worker had begun nothing.
   */
  recover(activation: Activation, culprit: ActorWork | null, error: ErrorData): void {
    const back: Letter[] = [];
    for (const work of activation.inFlight.values()) {
      const { letter } = work;
      if (letter === null) continue;
      if (work === culprit) this.#fail(activation, letter, error, true);
      else if (letter.delivery !== null) this.#parts.mail.release(letter.delivery);
      else back.push(letter);
    }
    activation.endAll();
    activation.mailbox.putBack(back);
    this.note(activation);
  }

  /**
   * It was stopped amid its work, by nobody's fault. A durable message that was being handled is
   * tried again and the attempt does not count; any other may have been handled, and is not.
   */
  recoverStopped(activation: Activation, error: ErrorData): void {
    const letter = activation.head?.letter ?? null;
    const isBegun = letter !== null && letter.delivery === null;
    this.recover(activation, isBegun ? activation.head : null, error);
  }

  /**
   * Several activations lost their cell, and nobody knows by whose fault. A durable message that was
   * being handled is tried again, alone; any other is not: it may have been handled.
   *
   * @returns whether the activation, or a message that it holds, is under suspicion
   */
  recoverSuspect(activation: Activation, head: ActorWork | null, error: ErrorData): boolean {
    // A start would be tried again anyhow, with the same neighbours for ever.
    const isRetried = head?.kind === "start" || head?.letter?.delivery != null;
    if (!isRetried) {
      this.recover(activation, head, error);
      return false;
    }
    this.recover(activation, null, error);
    return true;
  }

  #fail(activation: Activation, letter: Letter, error: ErrorData, isKill: boolean): void {
    const outcome = { status: "failed" as const, error };
    if (letter.delivery !== null) this.#parts.mail.fail(activation, letter.delivery, error, isKill);
    else if (letter.ask !== null) this.answer(letter, outcome);
    else this.#tellRefused(letter, error);
  }

  /** Nobody waits for an actor that cannot start; durable messages count it as an attempt. */
  failToStart(activation: Activation, error: ErrorData): void {
    for (const letter of activation.mailbox.drain()) {
      this.#fail(activation, letter, error, false);
    }
    for (const delivery of this.#parts.mail.take(activation.address, 1)) {
      this.#parts.mail.fail(activation, delivery, error, false);
    }
  }

  /** An actor that will not come back. Its durable messages wait for an operator. */
  refuseAll(activation: Activation, error: ErrorData): void {
    for (const letter of activation.mailbox.drain()) this.#fail(activation, letter, error, false);
    this.releaseAcks(activation);
  }

  /** The cell of an agent is gone; its work was independent. */
  onAgentCellGone(flights: readonly Flight[], error: ErrorData): void {
    const guilty = flights.length === 1
      ? flights
      : flights.filter(({ verdict }) => verdict !== null);
    const message = `The cell ended under the message: ${error.message}`;
    for (const flight of flights) {
      const { activation, letter } = flight.work as ActorWork;
      activation.end(flight);
      if (letter === null) continue;
      if (guilty.includes(flight)) this.#fail(activation, letter, flight.verdict ?? error, true);
      else if (letter.delivery !== null) this.#parts.mail.release(letter.delivery);
      else this.#fail(activation, letter, { code: "CRASHED", message }, false);
      this.note(activation);
    }
  }

  // --- backpressure ---

  /**
   * Tells senders "taken" late, so that those who wait for it slow down. Not those for whom the
   * receiver waits itself, or neither would ever go on; and not more than the mailbox has places:
   * who sends so many does not wait.
   */
  holdAck(activation: Activation, sender: Activation | null, cell: Cell, token: number): boolean {
    const { mailbox, type, heldAcks, heldFrom } = activation;
    const { messagesMax } = type.spec.mailbox;
    if (mailbox.size * 2 < messagesMax || heldAcks.length >= messagesMax) return false;
    if (sender !== null) {
      if (isHeldUp(activation, sender)) return false;
      heldFrom.add(sender);
    }
    heldAcks.push({ cell, token });
    return true;
  }

  #releaseRoom(activation: Activation): void {
    if (activation.heldAcks.length === 0) return;
    if (activation.mailbox.size * 2 < activation.type.spec.mailbox.messagesMax) {
      this.releaseAcks(activation);
    }
  }

  releaseAcks(activation: Activation): void {
    for (const { cell, token } of activation.heldAcks) this.#parts.outgoing.taken(cell, token);
    activation.heldAcks = [];
    activation.heldFrom.clear();
    this.wake();
  }
}

/** In a longer line a large answer may hide among small ones. */
const LINE_CHARS_USUAL = 512 * 1024;

function charsOf(outcome: AttemptOutcome, { itemChars, lineChars }: Cell): number {
  if (lineChars <= LINE_CHARS_USUAL || outcome.status === "failed") return itemChars;
  return JSON.stringify(outcome.output).length;
}

/** How far a chain of senders is followed. */
const CHAIN_MAX = 100;

/** Whether `receiver` waits, perhaps through others, until `sender` has room. */
function isHeldUp(receiver: Activation, sender: Activation): boolean {
  const waiting = new Set([sender]);
  for (const one of waiting) {
    if (one === receiver) return true;
    if (waiting.size > CHAIN_MAX) return true;
    for (const other of one.heldFrom) waiting.add(other);
  }
  return false;
}

/** Nobody else is told of it; or somebody sent what does not open. */
function isForTheRecord(
  { type }: Activation,
  { delivery, ask }: Letter,
  { code }: ErrorData,
): boolean {
  if (delivery === null && ask === null) return true;
  return type.spec.encrypt !== undefined && code.startsWith("SEAL");
}

function metaOf({ delivery, topic, tags, lane, from }: Letter): DeliveryMeta | null {
  if (delivery === null && topic === undefined && tags === undefined) return null;
  const meta: DeliveryMeta = {};
  if (delivery !== null) {
    meta.attempt = delivery.attempt;
    meta.stream = `${lane} ${from}`;
  }
  if (topic !== undefined) meta.topic = topic;
  if (tags !== undefined) meta.tags = tags;
  return meta;
}
