/**
 * The durable messages of one actor system in memory. The state is owned by who runs it and changed
 * in place; every step costs O(1), or O(log n) where a message waits for a time.
 *
 * @module
 */
import { Heap } from "../../core/heap.ts";
import { IdWindow } from "./duplicates.ts";
import type { DurableMessage, FailedAttempt } from "./message.ts";
import { DEFAULT_LIMITS, type DeliveryLimits } from "./policy.ts";

/** A message that was accepted and is neither handled nor given up. */
export interface PendingMessage {
  readonly seq: number;
  readonly message: DurableMessage;
  /** Segment of the log that was last known to hold it whole. */
  segment: number;
  /** Failed attempts that counted. */
  attempts: number;
  kills: number;
  /** 0: at once. */
  notBefore: number;
  /** Oldest first, at most {@linkcode HISTORY_MAX}; `null` before the first. */
  history: FailedAttempt[] | null;
  /** Seqs of what its handlers sent, by ordinal; `null` before the first. */
  sends: Map<number, number> | null;
  /** Number of the hand-over that is in flight; 0 when none is. */
  delivery: number;
  readonly stream: Stream;
  /** Neighbours in the stream, by seq. */
  before: PendingMessage | null;
  after: PendingMessage | null;
  /** Neighbours in the order of the log. */
  older: PendingMessage | null;
  newer: PendingMessage | null;
}

/** How many failed attempts a message remembers. */
export const HISTORY_MAX = 10;

/** The messages of one sender to one receiver in one lane, in order of seq. */
export interface Stream {
  readonly from: string;
  readonly lane: ReadyLane;
  readonly receiver: Receiver;
  head: PendingMessage | null;
  tail: PendingMessage | null;
  /** First message that is not in flight. Invariant: all before it are, none after it is. */
  next: PendingMessage | null;
  /** Last message that a fold put in the middle; the next one belongs behind it. */
  lastCarried: PendingMessage | null;
  /** Whether it stands in the ring of its lane: `next` may go at once. */
  isReady: boolean;
  previousReady: Stream | null;
  nextReady: Stream | null;
}

/** One lane of a receiver: its streams, and those that have something to deliver, in turn. */
export interface ReadyLane {
  /** By sender. */
  readonly streams: Map<string, Stream>;
  first: Stream | null;
  last: Stream | null;
  /** Messages of higher lanes that went ahead while this lane had something to deliver. */
  overtaken: number;
}

/** An address with pending messages. */
export interface Receiver {
  readonly address: string;
  /** High, normal, low; `null` until the first message. */
  readonly lanes: (ReadyLane | null)[];
  pending: number;
  streams: number;
  readyStreams: number;
}

/** When to look at a message again. */
export interface Timer {
  at: number;
  seq: number;
}

export interface DeliveryState {
  readonly limits: DeliveryLimits;
  /** Of the next message to be accepted. */
  nextSeq: number;
  readonly pending: Map<number, PendingMessage>;
  /** Characters of all pending payloads. */
  pendingChars: number;
  readonly receivers: Map<string, Receiver>;
  /** Addresses with something to deliver at once. */
  readonly ready: Set<string>;
  readonly ids: IdWindow;
  /** Dead letters that were replayed or dropped a moment ago. */
  readonly endedLetters: IdWindow;
  /** Ends of the order in which pending messages stand in the log. */
  oldest: PendingMessage | null;
  newest: PendingMessage | null;
  /** When waiting heads of streams are due. May hold what is over. */
  retries: Heap<Timer>;
  /** When messages expire. May hold what is over. */
  expiries: Heap<Timer>;
  /** Segment that events are written to now, or an earlier one. */
  segment: number;
  /** Segment of the last event that tells `nextSeq`; `null` before the first. */
  seqSegment: number | null;
  nextDelivery: number;
  /** What was due then has been made deliverable. */
  wokenAt: number;
  /** All messages before this one are on disk. */
  durableSeq: number;
  /** Messages that are first of their stream and not on disk yet. */
  held: PendingMessage[];
}

/** Longer than a commit can take: until then the letter itself is still in the store. */
const ENDED_LETTERS = { windowMs: 60_000, idsMax: 10_000 };

/** A system without messages. */
export function createDeliveryState(limits: Partial<DeliveryLimits> = {}): DeliveryState {
  const all = { ...DEFAULT_LIMITS, ...limits };
  return {
    limits: all,
    nextSeq: 1,
    pending: new Map(),
    pendingChars: 0,
    receivers: new Map(),
    ready: new Set(),
    ids: new IdWindow(all),
    endedLetters: new IdWindow(ENDED_LETTERS),
    oldest: null,
    newest: null,
    retries: createTimers(),
    expiries: createTimers(),
    segment: 1,
    seqSegment: null,
    nextDelivery: 1,
    wokenAt: 0,
    durableSeq: 1,
    held: [],
  };
}

/** An empty heap of timers, earliest first, equal ones by seq. */
export function createTimers(): Heap<Timer> {
  return new Heap((a, b) => a.at < b.at || (a.at === b.at && a.seq < b.seq));
}
