/**
 * Folds events into the state of an actor system's durable messages. Total and deterministic: the
 * log, or what trimming left of it, gives the same state as the decisions that wrote it. The state
 * is changed in place.
 *
 * @module
 */
import { append, moveToEnd, noteSegment, remove, tellSeq } from "./compaction.ts";
import { keyOfId } from "./duplicates.ts";
import type * as Events from "./events.ts";
import type { DeliveryEvent } from "./events.ts";
import type { DurableMessage } from "./message.ts";
import { dequeue, enqueue, noteDurable, reschedule, streamOf, takeBack } from "./order.ts";
import type { DeliveryLimits } from "./policy.ts";
import { createDeliveryState, HISTORY_MAX } from "./state.ts";
import type { DeliveryState, PendingMessage } from "./state.ts";
import { scheduleExpiry } from "./timers.ts";

/**
 * The state that a log leaves, also when it ends in the middle. Nothing is in flight in it.
 *
 * @param log segments in order, from the low water or earlier
 */
export function fold(
  log: Iterable<{ segment: number; events: readonly DeliveryEvent[] }>,
  limits: Partial<DeliveryLimits> = {},
): DeliveryState {
  const state = createDeliveryState(limits);
  for (const { segment, events } of log) {
    noteSegment(state, segment);
    for (const event of events) evolve(state, event);
  }
  noteDurable(state, state.nextSeq);
  return state;
}

/** Folds `event` into `state`, which it changes and returns. */
export function evolve(state: DeliveryState, event: DeliveryEvent): DeliveryState {
  switch (event.type) {
    case "MessagesAccepted":
      return onMessagesAccepted(state, event);
    case "MessagesHandled":
      for (const seq of event.seqs) settle(state, seq);
      return state;
    case "MessageRetried":
      return onMessageRetried(state, event);
    case "MessageDeadLettered":
      settle(state, event.seq);
      return state;
    case "DeadLetterReplayed":
      return onDeadLetterReplayed(state, event);
    case "DeadLetterDropped":
      return endLetter(state, event.deadSeq, event.deadSeq, event.at);
    case "MessagesCarried":
      return onMessagesCarried(state, event);
  }
}

/** Folds one message of `MessagesAccepted`: a batch may hold a message and its duplicate. */
export function accept(
  state: DeliveryState,
  seq: number,
  message: DurableMessage,
  at: number,
): void {
  tellSeq(state, seq + 1);
  if (message.deduplicate === true) state.ids.remember(keyOfId(message), seq, at, state.segment);
  const { cause } = message;
  if (cause !== undefined) {
    const sender = state.pending.get(cause.seq);
    if (sender !== undefined) (sender.sends ??= new Map()).set(cause.ordinal, seq);
  }
  append(state, addPending(state, seq, message, message.notBefore ?? 0));
}

function onMessagesAccepted(state: DeliveryState, event: Events.MessagesAccepted): DeliveryState {
  let seq = event.firstSeq;
  for (const message of event.messages) accept(state, seq++, message, event.at);
  return state;
}

function onMessageRetried(state: DeliveryState, event: Events.MessageRetried): DeliveryState {
  const pending = state.pending.get(event.seq);
  if (pending === undefined) return state;
  takeBack(state, pending);
  pending.attempts = event.attempts;
  pending.kills = event.kills;
  pending.notBefore = event.notBefore;
  pending.history ??= [];
  pending.history.push(event.failure);
  if (pending.history.length > HISTORY_MAX) pending.history.shift();
  reschedule(state, pending);
  return state;
}

function onDeadLetterReplayed(
  state: DeliveryState,
  event: Events.DeadLetterReplayed,
): DeliveryState {
  const { seq, message, sends } = event;
  tellSeq(state, seq + 1);
  const pending = addPending(state, seq, message, 0);
  pending.sends = sends.length === 0 ? null : new Map(sends);
  append(state, pending);
  return endLetter(state, event.deadSeq, seq, event.at);
}

/** A second wish about the same letter may be under way: the first one counts. */
function endLetter(
  state: DeliveryState,
  deadSeq: number,
  seq: number,
  at: number,
): DeliveryState {
  state.endedLetters.remember(String(deadSeq), seq, at, state.segment);
  return state;
}

function onMessagesCarried(state: DeliveryState, event: Events.MessagesCarried): DeliveryState {
  tellSeq(state, event.nextSeq);
  for (const carried of event.messages) {
    const known = state.pending.get(carried.seq);
    if (known !== undefined) moveToEnd(state, known);
    else append(state, restore(state, carried));
  }
  return state;
}

/** The segment that held the message is gone. */
function restore(state: DeliveryState, carried: Events.CarriedMessage): PendingMessage {
  const { seq, message, notBefore, attempts, kills, history, sends } = carried;
  const pending = addPending(state, seq, message, notBefore);
  pending.attempts = attempts;
  pending.kills = kills;
  pending.history = history.length === 0 ? null : [...history];
  pending.sends = sends.length === 0 ? null : new Map(sends);
  return pending;
}

function addPending(
  state: DeliveryState,
  seq: number,
  message: DurableMessage,
  notBefore: number,
): PendingMessage {
  const pending: PendingMessage = {
    seq,
    message,
    segment: state.segment,
    attempts: 0,
    kills: 0,
    notBefore,
    history: null,
    sends: null,
    delivery: 0,
    stream: streamOf(state, message),
    before: null,
    after: null,
    older: null,
    newer: null,
  };
  state.pending.set(seq, pending);
  state.pendingChars += message.chars;
  enqueue(state, pending);
  scheduleExpiry(state, pending);
  return pending;
}

/** The message is over: handled, or given up. */
export function settle(state: DeliveryState, seq: number): void {
  const pending = state.pending.get(seq);
  if (pending === undefined) return;
  state.pending.delete(seq);
  state.pendingChars -= pending.message.chars;
  dequeue(state, pending);
  remove(state, pending);
}
