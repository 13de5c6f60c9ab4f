/**
 * Durable memory of actor systems, as an interface: implementations live in `runtime/store/` and
 * pass one contract suite.
 *
 * One process leads a system at a time and alone writes to it; any process reads it, and leaves
 * wishes for its leader.
 *
 * @module
 */
import type { Json } from "./json.ts";
import type { Holder } from "./ports.ts";

/** Leadership of one actor system: the right to write until somebody else claims it. */
export interface SystemFence {
  system: string;
  /** Grows by one with each claim. */
  term: number;
  /** Opaque to all but the store that gave it. */
  token: string;
}

/** Who leads, or led, an actor system. */
export interface SystemEntry {
  system: string;
  term: number;
  /** `null`: given back. */
  holder: Holder | null;
}

/** What one unit of a commit may hold, so that it fits into one atomic write of any store. */
export const UNIT_LIMITS = {
  /** UTF-8 bytes of one state, letter, message or tree, and of all events of a unit together. */
  valueBytesMax: 16 * 1024 * 1024,
  /** States, letters, topics and wishes that one unit touches. */
  namesMax: 200,
  /** UTF-8 bytes of all these names together. */
  namesBytesMax: 16 * 1024,
  /** UTF-8 bytes of one address, topic or id. */
  nameBytesMax: 1_024,
  /** UTF-8 bytes of the name of a system. */
  systemBytesMax: 64,
  /** UTF-8 bytes of one wish. */
  wishBytesMax: 48 * 1024,
} as const;

/** New state of one actor. The last write of an address in a commit is the one that stays. */
export interface StateWrite {
  address: string;
  version: number;
  /** JSON text, 16 MiB at most; `null` deletes the state. */
  state: string | null;
}

/** State of an actor as it is stored. */
export interface StoredState {
  version: number;
  /** JSON text. */
  text: string;
}

/** A message that was given up. */
export interface StoredLetter {
  system: string;
  /** Sorts by time of death: a ULID. */
  id: string;
  letter: Json;
}

/** A message that a topic keeps. */
export interface HistoryEntry {
  /** From 0, rising by one with each message of the topic. */
  offset: number;
  message: Json;
}

/** Where the history of a topic begins and ends. */
export interface HistoryBounds {
  /** Offset of the oldest message that is kept; equal to `next` when there is none. */
  from: number;
  /** Offset of the next message to be published. */
  next: number;
}

/** A wish for the leader of a system, left by any process. */
export interface StoredWish {
  /** Orders the inbox; give it to a unit's `handledWishes` with what the wish led to. */
  id: string;
  wish: Json;
}

/**
 * Writes that become durable together or not at all: for instance the handled mark of a message and
 * the state that its handling left. Units of one commit become durable in order.
 */
export interface ActorUnit<Event> {
  /**
   * Events to append to the log, in order, 16 MiB together at most; each survives `JSON.stringify`
   * and `JSON.parse`.
   */
  log?: readonly Event[];
  states?: readonly StateWrite[];
  /** Dead letters to put. */
  dead?: readonly { id: string; letter: Json }[];
  /** Ids of dead letters to drop. */
  deadGone?: readonly string[];
  /** Messages to keep; the offsets of a topic rise. */
  history?: readonly (HistoryEntry & { topic: string })[];
  /** Ids of wishes that this unit has dealt with. */
  handledWishes?: readonly string[];
}

/** One group commit. */
export interface ActorCommit<Event> {
  units: readonly ActorUnit<Event>[];
  /** Drops the history of each topic below an offset. */
  historyTrim?: readonly { topic: string; below: number }[];
  /** The supervision tree as others may look at it; written after the units. */
  tree?: Json;
  /**
   * The log is not needed below this segment any more; set after the units. What lies below is
   * deleted bit by bit by this and the following commits.
   */
  trimTo?: number;
}

/** What one atomic write appended to a log. */
export interface LogSegment<Event> {
  /** From 1, without gaps in one system. */
  segment: number;
  term: number;
  events: Event[];
}

/** Durable memory of actor systems. Every method may throw `UnavailableError` `STORE_UNAVAILABLE`. */
export interface ActorStore<Event> {
  /**
   * Takes a system, whoever led it before, whose interrupted writes are cleared bit by bit.
   *
   * @param expected holder seen by the caller: somebody else there now means `ConflictError`
   *   `SYSTEM_TAKEN`
   * @throws {InvalidInputError} `STORED_VALUE_TOO_LARGE` when the name is longer than a store takes
   */
  claimSystem(system: string, holder: Holder, expected: Holder | null): Promise<SystemFence>;
  /** Gives the system back, unless it was taken already. */
  releaseSystem(fence: SystemFence): Promise<void>;
  systemHolder(system: string): Promise<Holder | null>;
  /** Every system that was ever claimed here, by name. */
  systems(): Promise<SystemEntry[]>;

  /**
   * Writes for the fence's system. Usually one atomic write; a large commit is several, between
   * units, so that a crash leaves the first units whole and the others not at all. Calls are served
   * one after the other. After any error but `FENCED` and `STORED_VALUE_TOO_LARGE` it is unknown how much
   * was written: claim again, and recover from the log.
   *
   * @returns first segment written, or the next one when there were no events
   * @throws {ConflictError} `FENCED` when another process leads the system now; of this atomic
   *   write nothing was written
   * @throws {InvalidInputError} `STORED_VALUE_TOO_LARGE` when a unit is over {@linkcode UNIT_LIMITS};
   *   nothing was written
   */
  commit(fence: SystemFence, commit: ActorCommit<Event>): Promise<number>;

  /**
   * Segments in order.
   *
   * @param from first segment; by default {@linkcode lowWater}
   * @throws {InvariantError} `VALUE_CORRUPT` when a segment was altered or is missing
   */
  readLog(system: string, from?: number): AsyncIterable<LogSegment<Event>>;
  /** Where a recovery starts to read: what the last `trimTo` said, or 1. */
  lowWater(system: string): Promise<number>;

  /**
   * States in the order of `addresses`; `null` where there is none.
   *
   * @throws {InvariantError} `VALUE_CORRUPT` when a state was altered
   */
  states(system: string, addresses: readonly string[]): Promise<(StoredState | null)[]>;

  /**
   * Dead letters, newest first.
   *
   * @param system `null`: of every system
   * @param options `cursor`: id of the last letter of the page before
   */
  deadLetters(
    system: string | null,
    options: { limit: number; cursor?: string },
  ): Promise<StoredLetter[]>;
  deadLetter(id: string): Promise<StoredLetter | null>;

  /** Messages that a topic keeps, oldest first: the last ones, or those from an offset on. */
  history(
    system: string,
    topic: string,
    which: { last: number } | { from: number; limit: number },
  ): Promise<HistoryEntry[]>;
  historyBounds(system: string, topic: string): Promise<HistoryBounds>;
  /** Topics of which something was ever kept, by name. */
  topics(system: string): Promise<string[]>;

  /** The supervision tree as the leader last wrote it. */
  tree(system: string): Promise<Json | null>;

  /**
   * Leaves a wish for the leader of a system; answers with its id.
   *
   * @throws {InvalidInputError} `STORED_VALUE_TOO_LARGE`
   */
  wish(system: string, wish: Json): Promise<string>;
  /** The 100 oldest wishes that nobody has dealt with, in order. */
  wishes(system: string): Promise<StoredWish[]>;
}
