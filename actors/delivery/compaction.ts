/**
 * Which part of the log is still needed. The log has numbered segments; what is pending or
 * remembered knows the segment that holds it, and pending messages stand in a list in the order of
 * the log, so that the oldest one is found at once.
 *
 * @module
 */
import type { CarriedMessage } from "./events.ts";
import type { DeliveryState, PendingMessage } from "./state.ts";

/**
 * Says which segment the events to come are written to. Call it before the events of a segment are
 * folded or decided. While the number is not known for sure, give the smallest that it can be: too
 * small keeps a segment longer, too large loses messages. It never goes back.
 */
export function noteSegment(state: DeliveryState, segment: number): void {
  state.segment = Math.max(state.segment, segment);
}

/**
 * First segment that a recovery must read; all before it may go.
 *
 * The state holds what was decided, also what is not durable yet. So ask when a commit is put
 * together, and trim in this commit after its events, or later: never before it is durable.
 */
export function lowWater(state: DeliveryState, at: number): number {
  return Math.min(
    state.segment,
    state.seqSegment ?? Infinity,
    state.oldest?.segment ?? Infinity,
    state.ids.firstSegment(at) ?? Infinity,
    state.endedLetters.firstSegment(at) ?? Infinity,
  );
}

/** Characters of payloads that are written anew together; a larger message goes alone. */
const CARRIED_CHARS_MAX = 1024 * 1024;

/** The pending messages that were last written before a segment, oldest first, as they are now. */
export function listPinning(
  state: DeliveryState,
  before: number,
  limit: number,
): CarriedMessage[] {
  const pinning: CarriedMessage[] = [];
  let chars = 0;
  for (let one = state.oldest; one !== null && one.segment < before; one = one.newer) {
    chars += one.message.chars;
    if (pinning.length >= limit || (pinning.length > 0 && chars > CARRIED_CHARS_MAX)) break;
    pinning.push(toCarried(one));
  }
  return pinning;
}

/** The log tells the next seq in the segment that is written now. */
export function tellSeq(state: DeliveryState, nextSeq: number): void {
  state.nextSeq = Math.max(state.nextSeq, nextSeq);
  state.seqSegment = state.segment;
}

/** Notes a message that the current segment holds. */
export function append(state: DeliveryState, pending: PendingMessage): void {
  pending.older = state.newest;
  if (state.newest === null) state.oldest = pending;
  else state.newest.newer = pending;
  state.newest = pending;
}

/** Forgets a message. */
export function remove(state: DeliveryState, pending: PendingMessage): void {
  const { older, newer } = pending;
  if (older === null) state.oldest = newer;
  else older.newer = newer;
  if (newer === null) state.newest = older;
  else newer.older = older;
  // A dead link from the old generation would keep all later messages alive.
  pending.older = null;
  pending.newer = null;
}

/** The current segment holds the message, too. */
export function moveToEnd(state: DeliveryState, pending: PendingMessage): void {
  remove(state, pending);
  pending.segment = state.segment;
  append(state, pending);
}

function toCarried(pending: PendingMessage): CarriedMessage {
  const { seq, message, attempts, kills, notBefore, history, sends } = pending;
  return {
    seq,
    message,
    attempts,
    kills,
    notBefore,
    history: history === null ? [] : [...history],
    sends: sends === null ? [] : [...sends],
  };
}
