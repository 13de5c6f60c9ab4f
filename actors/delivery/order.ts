/**
 * Who is delivered next: messages of one sender, receiver and lane form a stream and go strictly in
 * order of their seqs; a message that waits for a time holds back those behind it. Streams of a lane
 * take turns, lanes go by urgency, and what is in flight is the beginning of its stream.
 *
 * That a message is in flight is not durable: handing out and taking back make no events. What was
 * accepted is handed out once it is on disk (append before effect).
 *
 * @module
 */
import { type Lane, LANES } from "../messages/mod.ts";
import type { Delivery, DeliveryRef, DurableMessage } from "./message.ts";
import type { DeliveryState, PendingMessage, ReadyLane, Receiver, Stream } from "./state.ts";
import { hasExpired, isDurable, scheduleExpiry, scheduleRetry, takeDue } from "./timers.ts";

/** So many messages may overtake a lane that has something to deliver before it gets its turn. */
const OVERTAKEN_MAX = 16;

/** Stream of a message, made when there is none. */
export function streamOf(state: DeliveryState, message: DurableMessage): Stream {
  const receiver = receiverOf(state, message.to);
  const lane = laneOf(receiver, message.lane);
  let stream = lane.streams.get(message.from);
  if (stream === undefined) {
    stream = createStream(message.from, lane, receiver);
    lane.streams.set(message.from, stream);
    receiver.streams++;
  }
  return stream;
}

/** Puts a message into its stream: at the end, unless a fold meets an older one that was carried. */
export function enqueue(state: DeliveryState, pending: PendingMessage): void {
  const { stream } = pending;
  const isLast = stream.tail === null || stream.tail.seq < pending.seq;
  insert(pending, isLast ? null : firstBehind(pending));
  if (!isLast) stream.lastCarried = pending;
  stream.receiver.pending++;
  if (stream.next === null || stream.next.seq > pending.seq) setNext(state, stream, pending);
}

/** Takes a message out of its stream for good. */
export function dequeue(state: DeliveryState, pending: PendingMessage): void {
  const { stream, before, after } = pending;
  if (before === null) stream.head = after;
  else before.after = after;
  if (after === null) stream.tail = before;
  else after.before = before;
  if (stream.lastCarried === pending) stream.lastCarried = null;
  stream.receiver.pending--;
  if (stream.next === pending) setNext(state, stream, after);
  if (stream.head === null) dropStream(state, stream);
  pending.before = null;
  pending.after = null;
}

/**
 * The next messages for an address, at most `limit`, marked as in flight. High lane first, yet a
 * lane that has something is overtaken by 16 messages at most; the senders of a lane take turns.
 *
 * Several messages of one stream may be in flight together: hand them to the receiver one after the
 * other, and when a decision says `recalled`, take these back before it sees them.
 */
export function deliverable(
  state: DeliveryState,
  to: string,
  at: number,
  limit: number,
): Delivery[] {
  wake(state, at);
  const deliveries: Delivery[] = [];
  const receiver = state.receivers.get(to);
  while (receiver !== undefined && receiver.readyStreams > 0 && deliveries.length < limit) {
    const place = nextLane(receiver);
    const stream = receiver.lanes[place]!.first!;
    // It stays until `ExpireMessages` has given it up: nothing expires without an event.
    if (hasExpired(stream.next!, at)) setReady(state, stream, false);
    else {
      deliveries.push(handOut(state, stream));
      noteOvertaken(receiver, place);
    }
  }
  return deliveries;
}

/**
 * Addresses that have something to deliver at once. The set is live: delivering to the address at
 * hand while going through it is safe, and so is to stop early.
 */
export function addressesWithWork(state: DeliveryState, at: number): ReadonlySet<string> {
  wake(state, at);
  return state.ready;
}

/**
 * Takes back messages whose attempts do not count: the receiver stopped, or a neighbour brought it
 * down. Those of the same streams that were handed out later come back as well.
 *
 * @returns all that came back; what was not in flight under its name is left out
 */
export function release(state: DeliveryState, deliveries: readonly DeliveryRef[]): DeliveryRef[] {
  const back: DeliveryRef[] = [];
  for (const ref of deliveries) {
    const pending = inFlight(state, ref);
    if (pending !== null) back.push(...takeBack(state, pending));
  }
  return back;
}

/** Takes back all that is in flight to one address. */
export function releaseAddress(state: DeliveryState, to: string): DeliveryRef[] {
  const receiver = state.receivers.get(to);
  if (receiver === undefined) return [];
  const back: DeliveryRef[] = [];
  for (const lane of receiver.lanes) {
    if (lane === null) continue;
    for (const { head } of lane.streams.values()) back.push(...takeBack(state, head!));
  }
  return back;
}

/** The message that is in flight under this name. */
export function inFlight(state: DeliveryState, ref: DeliveryRef): PendingMessage | null {
  const pending = state.pending.get(ref.seq);
  return pending === undefined || pending.delivery === 0 || pending.delivery !== ref.delivery
    ? null
    : pending;
}

/** Takes a message and those behind it back; says which were in flight, in order. */
export function takeBack(state: DeliveryState, pending: PendingMessage): DeliveryRef[] {
  const back: DeliveryRef[] = [];
  const { stream } = pending;
  for (let one: PendingMessage | null = pending; one !== null && one.delivery > 0;) {
    back.push({ seq: one.seq, delivery: one.delivery });
    one.delivery = 0;
    scheduleExpiry(state, one);
    one = one.after;
  }
  if (back.length > 0) setNext(state, stream, pending);
  return back;
}

/** The message's waiting time has changed: it waits, or may go. */
export function reschedule(state: DeliveryState, pending: PendingMessage): void {
  if (pending.stream.next === pending) setNext(state, pending.stream, pending);
}

/** Makes what is due at `at` deliverable. */
export function wake(state: DeliveryState, at: number): void {
  state.wokenAt = Math.max(state.wokenAt, at);
  for (let due = takeDue(state, at); due !== null; due = takeDue(state, at)) {
    setReady(state, due.stream, true);
  }
}

/**
 * The messages before `nextSeq` are on disk and may be handed out. Take `state.nextSeq` when a
 * commit is put together, and give it here when the commit is durable.
 */
export function noteDurable(state: DeliveryState, nextSeq: number): void {
  state.durableSeq = Math.max(state.durableSeq, nextSeq);
  const { held } = state;
  state.held = [];
  for (const one of held) {
    if (one.stream.next === one) setNext(state, one.stream, one);
  }
}

function setNext(state: DeliveryState, stream: Stream, next: PendingMessage | null): void {
  stream.next = next;
  setReady(state, stream, next !== null && mayGo(state, next));
  if (next === null || stream.isReady) return;
  if (isDurable(state, next)) scheduleRetry(state, next);
  else state.held.push(next);
}

function mayGo(state: DeliveryState, pending: PendingMessage): boolean {
  return pending.notBefore <= state.wokenAt && isDurable(state, pending);
}

function handOut(state: DeliveryState, stream: Stream): Delivery {
  const pending = stream.next!;
  pending.delivery = state.nextDelivery++;
  const { seq, delivery, attempts, message, after } = pending;
  if (after !== null && mayGo(state, after)) {
    stream.next = after;
    moveToEnd(stream);
  } else setNext(state, stream, after);
  return { seq, delivery, attempt: attempts + 1, message };
}

/** Place of the lane whose turn it is. */
function nextLane(receiver: Receiver): number {
  for (let place = LANES.length - 1; place > 0; place--) {
    const lane = receiver.lanes[place]!;
    if (lane !== null && lane.first !== null && lane.overtaken >= OVERTAKEN_MAX) return place;
  }
  return receiver.lanes.findIndex((lane) => lane !== null && lane.first !== null);
}

function noteOvertaken(receiver: Receiver, taken: number): void {
  receiver.lanes[taken]!.overtaken = 0;
  for (let place = taken + 1; place < LANES.length; place++) {
    const lane = receiver.lanes[place]!;
    if (lane !== null && lane.first !== null) lane.overtaken++;
  }
}

/** First message of the stream with a larger seq. */
function firstBehind({ seq, stream }: PendingMessage): PendingMessage {
  const hint = stream.lastCarried;
  let one = hint !== null && hint.seq < seq ? hint.after! : stream.head!;
  while (one.seq < seq) one = one.after!;
  return one;
}

function insert(pending: PendingMessage, behind: PendingMessage | null): void {
  const { stream } = pending;
  const before = behind === null ? stream.tail : behind.before;
  pending.before = before;
  pending.after = behind;
  if (before === null) stream.head = pending;
  else before.after = pending;
  if (behind === null) stream.tail = pending;
  else behind.before = pending;
}

function setReady(state: DeliveryState, stream: Stream, isReady: boolean): void {
  if (stream.isReady === isReady) return;
  stream.isReady = isReady;
  const { receiver } = stream;
  if (isReady) {
    link(stream);
    if (receiver.readyStreams++ === 0) state.ready.add(receiver.address);
  } else {
    unlink(stream);
    if (--receiver.readyStreams === 0) state.ready.delete(receiver.address);
  }
}

function link(stream: Stream): void {
  const { lane } = stream;
  stream.previousReady = lane.last;
  stream.nextReady = null;
  if (lane.last === null) lane.first = stream;
  else lane.last.nextReady = stream;
  lane.last = stream;
}

function unlink(stream: Stream): void {
  const { lane, previousReady, nextReady } = stream;
  if (previousReady === null) lane.first = nextReady;
  else previousReady.nextReady = nextReady;
  if (nextReady === null) lane.last = previousReady;
  else nextReady.previousReady = previousReady;
  stream.previousReady = null;
  stream.nextReady = null;
  if (lane.first === null) lane.overtaken = 0;
}

/** The next sender has its turn. */
function moveToEnd(stream: Stream): void {
  if (stream.nextReady === null) return;
  unlink(stream);
  link(stream);
}

function receiverOf(state: DeliveryState, address: string): Receiver {
  let receiver = state.receivers.get(address);
  if (receiver === undefined) {
    receiver = { address, lanes: [null, null, null], pending: 0, streams: 0, readyStreams: 0 };
    state.receivers.set(address, receiver);
  }
  return receiver;
}

function laneOf(receiver: Receiver, lane: Lane): ReadyLane {
  const place = LANES.indexOf(lane);
  return receiver.lanes[place] ??= { streams: new Map(), first: null, last: null, overtaken: 0 };
}

function createStream(from: string, lane: ReadyLane, receiver: Receiver): Stream {
  return {
    from,
    lane,
    receiver,
    head: null,
    tail: null,
    next: null,
    lastCarried: null,
    isReady: false,
    previousReady: null,
    nextReady: null,
  };
}

/** An empty stream leaves nothing behind, nor does a receiver without streams. */
function dropStream(state: DeliveryState, { from, lane, receiver }: Stream): void {
  lane.streams.delete(from);
  if (--receiver.streams === 0) state.receivers.delete(receiver.address);
}
