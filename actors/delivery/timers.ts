/**
 * What waits for a time. The heaps may hold entries that are over; they are dropped when they come
 * up, and all together when they outnumber the pending messages: memory follows what is pending.
 *
 * @module
 */
import { createTimers, type DeliveryState, type PendingMessage } from "./state.ts";

/** Entries that a heap may hold beside two for each pending message. */
const TIMERS_SPARE = 1_024;

/** Whether a message is too old to be delivered. */
export function hasExpired({ message }: PendingMessage, at: number): boolean {
  return message.expiresAt !== null && message.expiresAt <= at;
}

/** Whether the log on disk holds a message. */
export function isDurable(state: DeliveryState, pending: PendingMessage): boolean {
  return pending.seq < state.durableSeq;
}

/** The head of a stream waits until its `notBefore`. */
export function scheduleRetry(state: DeliveryState, pending: PendingMessage): void {
  state.retries.push({ at: pending.notBefore, seq: pending.seq });
  if (isOverfull(state, state.retries.size)) {
    state.retries = createTimers();
    for (const one of state.pending.values()) {
      if (isWaitingHead(state, one)) state.retries.push({ at: one.notBefore, seq: one.seq });
    }
  }
}

/** The message is to be given up when it is too old. */
export function scheduleExpiry(state: DeliveryState, pending: PendingMessage): void {
  const { seq, message } = pending;
  if (message.expiresAt === null) return;
  state.expiries.push({ at: message.expiresAt, seq });
  if (isOverfull(state, state.expiries.size)) {
    state.expiries = createTimers();
    for (const one of state.pending.values()) {
      const { expiresAt } = one.message;
      if (expiresAt !== null) state.expiries.push({ at: expiresAt, seq: one.seq });
    }
  }
}

/** Next head of a stream whose wait is over. */
export function takeDue(state: DeliveryState, at: number): PendingMessage | null {
  for (let top = state.retries.peek(); top !== undefined && top.at <= at;) {
    state.retries.pop();
    const pending = state.pending.get(top.seq);
    if (pending !== undefined && isWaitingHead(state, pending) && pending.notBefore <= at) {
      return pending;
    }
    top = state.retries.peek();
  }
  return null;
}

/** Next message that is too old and not in flight: what its receiver has may still be handled. */
export function takeExpired(state: DeliveryState, at: number): PendingMessage | null {
  for (let top = state.expiries.peek(); top !== undefined && top.at <= at;) {
    state.expiries.pop();
    const pending = state.pending.get(top.seq);
    if (pending !== undefined && pending.delivery === 0) return pending;
    top = state.expiries.peek();
  }
  return null;
}

/**
 * When time alone gives something to do: a wait ends (ask for addresses with work), or a message
 * expires (`ExpireMessages`). `null`: never. It may lie in the past.
 */
export function nextWakeAt(state: DeliveryState): number | null {
  dropOver(state);
  const retryAt = state.retries.peek()?.at ?? Infinity;
  const expiryAt = state.expiries.peek()?.at ?? Infinity;
  const at = Math.min(retryAt, expiryAt);
  return at === Infinity ? null : at;
}

/** Takes entries that are over from the tops of both heaps. */
function dropOver(state: DeliveryState): void {
  for (let top = state.retries.peek(); top !== undefined; top = state.retries.peek()) {
    const pending = state.pending.get(top.seq);
    if (pending !== undefined && isWaitingHead(state, pending) && pending.notBefore === top.at) {
      break;
    }
    state.retries.pop();
  }
  for (let top = state.expiries.peek(); top !== undefined; top = state.expiries.peek()) {
    // One in flight gets a new entry when it comes back.
    if (state.pending.get(top.seq)?.delivery === 0) break;
    state.expiries.pop();
  }
}

function isWaitingHead(state: DeliveryState, pending: PendingMessage): boolean {
  const { stream } = pending;
  return stream.next === pending && !stream.isReady && pending.notBefore > 0 &&
    isDurable(state, pending);
}

function isOverfull(state: DeliveryState, size: number): boolean {
  return size > 2 * state.pending.size + TIMERS_SPARE;
}
