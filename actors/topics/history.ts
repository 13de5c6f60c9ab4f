/**
 * The last messages of a topic, for who subscribes late: bounded by number, characters and age.
 * A history is plain JSON, so that it can be stored as it is.
 *
 * @module
 */

/** What a history looks at; the rest of a message is the caller's. */
export interface Retainable {
  /** Size of the payload. */
  chars: number;
  /** Epoch milliseconds. */
  sentAt: number;
}

/** What is retained. */
export interface HistoryLimits {
  /** Messages; 0: none is kept. */
  messagesMax: number;
  /** Of all payloads together. */
  charsMax: number;
  /** Counted from `sentAt`; `null`: for ever. */
  ageMs: number | null;
}

/** The retained messages of one topic. Offsets count from 0 and have no gaps. */
export interface History<M> {
  /** Offset of the first slot. */
  baseOffset: number;
  /** Slots at the front that were dropped, and hold `null`. */
  dropped: number;
  slots: (M | null)[];
  /** Characters of all that is retained. */
  chars: number;
}

/** What a reader gets. */
export interface HistoryPage<M> {
  messages: { offset: number; message: M }[];
  /** Where to read on. */
  nextOffset: number;
  /** Messages that the reader asked for and that are not retained any more. */
  missed: number;
}

/** Where to begin: at an offset, or with so many of the last. `limit` bounds the page. */
export type HistoryRange = { from: number; limit?: number } | { last: number };

/** A history without messages. */
export function createHistory<M>(): History<M> {
  return { baseOffset: 0, dropped: 0, slots: [], chars: 0 };
}

/** Offset of the next message. */
export function nextOffsetOf(history: History<unknown>): number {
  return history.baseOffset + history.slots.length;
}

/**
 * Retains `message` as the newest, and drops the oldest as far as the limits want it. Changes the
 * history in place, amortised O(1).
 *
 * @returns its offset; `null` when it is too large to be retained at all: then nothing changes, or
 *   one giant could wipe out the history
 */
export function append<M extends Retainable>(
  history: History<M>,
  message: M,
  limits: HistoryLimits,
): number | null {
  if (message.chars > limits.charsMax || limits.messagesMax < 1) return null;
  const offset = nextOffsetOf(history);
  history.slots.push(message);
  history.chars += message.chars;
  trim(history, limits, message.sentAt);
  return offset;
}

/** Drops what the limits do not retain at `now`; how many messages that were. */
export function trim<M extends Retainable>(
  history: History<M>,
  limits: HistoryLimits,
  now: number,
): number {
  let count = 0;
  for (let oldest = first(history); oldest !== null; oldest = first(history)) {
    const isOver = history.slots.length - history.dropped > limits.messagesMax ||
      history.chars > limits.charsMax ||
      (limits.ageMs !== null && oldest.sentAt + limits.ageMs <= now);
    if (!isOver) break;
    history.slots[history.dropped++] = null;
    history.chars -= oldest.chars;
    count++;
  }
  compact(history);
  return count;
}

/** The messages of a range that are retained; {@linkcode trim} first to leave out what is too old. */
export function read<M>(history: History<M>, range: HistoryRange): HistoryPage<M> {
  const end = nextOffsetOf(history);
  const oldest = history.baseOffset + history.dropped;
  const wanted = "last" in range ? Math.max(oldest, end - range.last) : range.from;
  const start = Math.min(Math.max(oldest, wanted), end);
  const limit = "last" in range ? range.last : range.limit ?? Infinity;
  const stop = Math.min(end, start + limit);
  const messages: HistoryPage<M>["messages"] = [];
  for (let offset = start; offset < stop; offset++) {
    messages.push({ offset, message: history.slots[offset - history.baseOffset]! });
  }
  return { messages, nextOffset: stop, missed: Math.max(0, start - Math.max(0, wanted)) };
}

function first<M>(history: History<M>): M | null {
  return history.slots[history.dropped] ?? null;
}

/** Empty slots go when they are half of all: each message is moved once on average. */
function compact(history: History<unknown>): void {
  if (history.dropped * 2 < history.slots.length || history.dropped === 0) return;
  history.slots.splice(0, history.dropped);
  history.baseOffset += history.dropped;
  history.dropped = 0;
}
