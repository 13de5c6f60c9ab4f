/**
 * Decides what a command does to the durable messages of an actor system. Pure: time and randomness
 * come with the command.
 *
 * The state is owned: the events that `decide` returns are folded into it already. Tell nobody of
 * them, and hand nothing out that they accepted, before they are durable.
 *
 * @module
 */
import type { ErrorData } from "../../core/errors.ts";
import { nextDelayMs } from "../../core/retry.ts";
import type * as Commands from "./commands.ts";
import type { DeliveryCommand } from "./commands.ts";
import { listPinning } from "./compaction.ts";
import { keyOfId } from "./duplicates.ts";
import type { DeliveryEvent } from "./events.ts";
import { accept, evolve, settle } from "./evolve.ts";
import type {
  DeadLetter,
  DeadReason,
  DeliveryRef,
  DurableMessage,
  FailedAttempt,
} from "./message.ts";
import { inFlight, takeBack } from "./order.ts";
import { type DeliveryState, HISTORY_MAX, type PendingMessage } from "./state.ts";
import { takeExpired } from "./timers.ts";

/** What became of one message that was to be accepted. */
export type Answer =
  | { status: "accepted"; seq: number }
  /** `seq` of the first one; `null` when that is handled and no longer known. */
  | { status: "duplicate"; seq: number | null }
  /** No room: try later. */
  | { status: "overloaded" };

/** A delivery that a command named in vain. */
export interface RefusedDelivery extends DeliveryRef {
  /** `stale`: not in flight; `out_of_order`: one of its stream that went out before is not over. */
  reason: "stale" | "out_of_order";
}

/** What became of a command. */
export interface Decision {
  /**
   * For the log, in one atomic write with the effects below. The log must hold the events of all
   * decisions in the order in which they were made, also within a commit: a message that is handled
   * after it was carried must not stand there as carried after it was handled.
   */
  events: DeliveryEvent[];
  /**
   * For each message of `AcceptMessages`, in order; one for `ReplayDeadLetter`. None may leave before
   * the commit is durable that is put together next, even without events: a duplicate may be one of
   * a message that is not durable itself.
   */
  answers: Answer[];
  /** Their results do not count, nor does the state that they left. */
  refused: RefusedDelivery[];
  /** No longer in flight because an earlier one of the same stream waits for its retry. */
  recalled: DeliveryRef[];
  /** To be stored outside the log. */
  deadLetters: DeadLetter[];
  /** Seqs of dead letters that are to go from there. */
  endedLetters: number[];
}

/** Decides on `command` and folds the outcome into `state`. */
export function decide(command: DeliveryCommand, state: DeliveryState): Decision {
  const decision: Decision = {
    events: [],
    answers: [],
    refused: [],
    recalled: [],
    deadLetters: [],
    endedLetters: [],
  };
  switch (command.type) {
    case "AcceptMessages":
      acceptMessages(command, state, decision);
      break;
    case "FinishMessages":
      finishMessages(command, state, decision);
      break;
    case "FailMessage":
      failMessage(command, state, decision);
      break;
    case "RefuseMessages":
      refuseMessages(command, state, decision);
      break;
    case "ExpireMessages":
      expireMessages(command, state, decision);
      break;
    case "ReplayDeadLetter":
      replayDeadLetter(command, state, decision);
      break;
    case "DropDeadLetter":
      dropDeadLetter(command, state, decision);
      break;
    case "CarryMessages":
      carryMessages(command, state, decision);
  }
  return decision;
}

function emit(state: DeliveryState, decision: Decision, event: DeliveryEvent): void {
  decision.events.push(event);
  evolve(state, event);
}

function acceptMessages(
  command: Commands.AcceptMessages,
  state: DeliveryState,
  decision: Decision,
): void {
  const { at } = command;
  const firstSeq = state.nextSeq;
  const messages: DurableMessage[] = [];
  for (const message of command.messages) {
    const refusal = refuseMessage(state, message, at);
    if (refusal !== null) {
      decision.answers.push(refusal);
      continue;
    }
    const seq = state.nextSeq;
    decision.answers.push({ status: "accepted", seq });
    // Folded one by one: the next may be its duplicate.
    accept(state, seq, message, at);
    messages.push(message);
  }
  if (messages.length > 0) {
    decision.events.push({ type: "MessagesAccepted", at, firstSeq, messages });
  }
}

function refuseMessage(state: DeliveryState, message: DurableMessage, at: number): Answer | null {
  const { cause } = message;
  if (cause !== undefined) {
    const sender = state.pending.get(cause.seq);
    // Its handling is over: what it sent in time was accepted before.
    if (sender === undefined) return { status: "duplicate", seq: null };
    const seq = sender.sends?.get(cause.ordinal);
    if (seq !== undefined) return { status: "duplicate", seq };
  }
  if (message.deduplicate === true) {
    const seq = state.ids.find(keyOfId(message), at);
    if (seq !== null) return { status: "duplicate", seq };
  }
  return hasRoom(state, message) ? null : { status: "overloaded" };
}

function hasRoom(state: DeliveryState, { to, chars }: DurableMessage): boolean {
  const { pendingMax, pendingCharsMax, pendingPerReceiverMax } = state.limits;
  return state.pending.size < pendingMax && state.pendingChars + chars <= pendingCharsMax &&
    (state.receivers.get(to)?.pending ?? 0) < pendingPerReceiverMax;
}

function finishMessages(
  command: Commands.FinishMessages,
  state: DeliveryState,
  decision: Decision,
): void {
  const seqs: number[] = [];
  for (const ref of command.deliveries) {
    const pending = inFlight(state, ref);
    if (pending === null || pending.before !== null) {
      refuse(decision, ref, pending === null ? "stale" : "out_of_order");
      continue;
    }
    // Folded one by one: the next of the stream may be in the same command.
    settle(state, ref.seq);
    seqs.push(ref.seq);
  }
  if (seqs.length > 0) decision.events.push({ type: "MessagesHandled", at: command.at, seqs });
}

function refuse(
  decision: Decision,
  { seq, delivery }: DeliveryRef,
  reason: RefusedDelivery["reason"],
): void {
  decision.refused.push({ seq, delivery, reason });
}

function failMessage(
  command: Commands.FailMessage,
  state: DeliveryState,
  decision: Decision,
): void {
  const { at, delivery, error, isKill } = command;
  const pending = inFlight(state, delivery);
  if (pending === null) {
    return refuse(decision, delivery, "stale");
  }
  const attempts = pending.attempts + 1;
  const kills = pending.kills + (isKill ? 1 : 0);
  const failure = toFailedAttempt(error, at, isKill);
  const fate = fateOf(command, { attempts, kills });
  if (typeof fate === "string") {
    return giveUp(state, decision, pending, { reason: fate, at, failure, attempts, kills });
  }
  const notBefore = at + fate;
  // What was handed out behind it waits with it.
  decision.recalled = takeBack(state, pending).slice(1);
  const { seq } = pending;
  emit(state, decision, { type: "MessageRetried", at, seq, attempts, kills, notBefore, failure });
}

/** Milliseconds until the next attempt, or why there is none. */
function fateOf(
  { error, policy, random }: Commands.FailMessage,
  { attempts, kills }: { attempts: number; kills: number },
): number | DeadReason {
  if (kills >= policy.poisonAfter) return "POISON";
  if (error.retryable === false) return "REFUSED";
  const failure = { code: error.code, retryable: true, failures: attempts, random };
  return nextDelayMs(policy, failure) ?? "MAX_ATTEMPTS";
}

function refuseMessages(
  command: Commands.RefuseMessages,
  state: DeliveryState,
  decision: Decision,
): void {
  const { at, reason, error } = command;
  for (const ref of command.deliveries) {
    const pending = inFlight(state, ref);
    if (pending === null) {
      refuse(decision, ref, "stale");
      continue;
    }
    const failure = toFailedAttempt(error, at, false);
    const { attempts, kills } = pending;
    giveUp(state, decision, pending, { reason, at, failure, attempts, kills });
  }
}

function expireMessages(
  { at, limit }: Commands.ExpireMessages,
  state: DeliveryState,
  decision: Decision,
): void {
  while (decision.deadLetters.length < limit) {
    const pending = takeExpired(state, at);
    if (pending === null) return;
    const { attempts, kills } = pending;
    giveUp(state, decision, pending, { reason: "EXPIRED", at, failure: null, attempts, kills });
  }
}

function giveUp(
  state: DeliveryState,
  decision: Decision,
  pending: PendingMessage,
  end: {
    reason: DeadReason;
    at: number;
    failure: FailedAttempt | null;
    attempts: number;
    kills: number;
  },
): void {
  const { seq, message, sends } = pending;
  const { failure, ...rest } = end;
  const history = [...pending.history ?? []];
  if (failure !== null) history.push(failure);
  decision.deadLetters.push({
    seq,
    message,
    ...rest,
    history: history.slice(-HISTORY_MAX),
    sends: sends === null ? [] : [...sends],
  });
  const { at, reason } = end;
  emit(state, decision, { type: "MessageDeadLettered", at, seq, reason });
}

function replayDeadLetter(
  { at, letter }: Commands.ReplayDeadLetter,
  state: DeliveryState,
  decision: Decision,
): void {
  const { seq: deadSeq, sends } = letter;
  const ended = state.endedLetters.find(String(deadSeq), at);
  if (ended !== null || !hasRoom(state, letter.message)) {
    const isDropped = ended === deadSeq;
    decision.answers.push(
      ended === null
        ? { status: "overloaded" }
        : { status: "duplicate", seq: isDropped ? null : ended },
    );
    return;
  }
  // Its old limits in time would give it up at once, and its cause is over.
  const { cause: _, notBefore: _wait, ...message } = letter.message;
  const seq = state.nextSeq;
  emit(state, decision, {
    type: "DeadLetterReplayed",
    at,
    deadSeq,
    seq,
    message: { ...message, expiresAt: null },
    sends,
  });
  decision.answers.push({ status: "accepted", seq });
  decision.endedLetters.push(deadSeq);
}

function dropDeadLetter(
  { at, seq }: Commands.DropDeadLetter,
  state: DeliveryState,
  decision: Decision,
): void {
  if (state.endedLetters.find(String(seq), at) !== null) return;
  emit(state, decision, { type: "DeadLetterDropped", at, deadSeq: seq });
  decision.endedLetters.push(seq);
}

function carryMessages(
  { at, before, limit }: Commands.CarryMessages,
  state: DeliveryState,
  decision: Decision,
): void {
  const messages = listPinning(state, before, limit);
  if (messages.length === 0) return;
  emit(state, decision, { type: "MessagesCarried", at, nextSeq: state.nextSeq, messages });
}

/** How much of a failure's text is kept. */
const MESSAGE_CHARS_MAX = 500;
const CODE_CHARS_MAX = 100;

function toFailedAttempt(error: ErrorData, at: number, isKill: boolean): FailedAttempt {
  const code = error.code.slice(0, CODE_CHARS_MAX);
  return { at, code, message: error.message.slice(0, MESSAGE_CHARS_MAX), isKill };
}
