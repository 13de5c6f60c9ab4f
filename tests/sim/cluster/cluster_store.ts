/**
 * The store that all nodes share, in memory: what each request does at the one instant at which it
 * is done. What the network makes of requests is the matter of `StoreLink`.
 *
 * @module
 */
import type { Member } from "../../../core/cluster_ports.ts";
import type { Json, JsonObject } from "../../../core/json.ts";
import type {
  Fence,
  Holder,
  InboxCommand,
  JournalRecord,
  Segment,
  Term,
} from "../../../core/ports.ts";
import type { RunEvent, RunState } from "../../../workflows/mod.ts";
import type { ClusterCheckers } from "./cluster_checkers.ts";
import type { ClusterDefect } from "./cluster_defects.ts";
import { foldPartition, isClosing, type StoredRunSnapshot } from "./partition_fold.ts";

/** One request of a leader to write. */
export interface SimAppend {
  records: JournalRecord<RunEvent>[];
  handled: string[];
  /** Events of each record's run that its author knew before these. */
  bases: number[];
  /** Wishes that a later part of this commit strikes off. */
  announced: string[];
  /** What earlier parts of this commit wrote. */
  earlier: JournalRecord<RunEvent>[];
}

/** A wish, and what the store knows of its run. */
export interface ReadWish {
  id: string;
  runId: string;
  type: string;
  body: JsonObject;
  /** All events of the run, where it has any. */
  history: RunEvent[];
}

export interface StoredPartition {
  number: number;
  term: number;
  holder: Holder | null;
  heir: string | null;
  /** Changes with each claim and each release. */
  version: number;
  segments: Segment<RunEvent>[];
  /** Segments up to this one are only in the histories. */
  compactedTo: number;
  /** Events of each run in them. */
  archived: Map<string, number>;
  snapshots: Map<string, StoredRunSnapshot>;
  inbox: InboxCommand[];
  /** Instant of the youngest event. */
  lastAt: number;
}

/** Wishes in one answer: few, so that pages matter. */
const PAGE = 4;

export class ClusterStore {
  readonly partitions: StoredPartition[];
  readonly members = new Map<string, Member>();
  readonly #letters = new Map<string, { id: string; body: Json }[]>();
  /** All events of a run, wherever its segments went. */
  readonly histories = new Map<string, RunEvent[]>();
  readonly #checkers: ClusterCheckers;
  readonly #defect: ClusterDefect | null;
  readonly #done = new Map<SimAppend, number>();
  #ids = 0;

  constructor(count: number, checkers: ClusterCheckers, defect: ClusterDefect | null) {
    this.#checkers = checkers;
    this.#defect = defect;
    this.partitions = Array.from({ length: count }, (_, number) => ({
      number,
      term: 0,
      holder: null,
      heir: null,
      version: 0,
      segments: [],
      compactedTo: 0,
      archived: new Map(),
      snapshots: new Map(),
      inbox: [],
      lastAt: 0,
    }));
  }

  claim(number: number, holder: Holder, seenTerm: number): Fence | null {
    const partition = this.partitions[number]!;
    const isTaken = partition.term !== seenTerm;
    if (isTaken && this.#defect !== "no compare-and-set") return null;
    partition.term = seenTerm + 1;
    partition.holder = holder;
    partition.heir = null;
    partition.version++;
    this.#checkers.leadership.claimed(number, partition.term, holder);
    return { partition: number, term: partition.term, token: String(partition.version) };
  }

  release(fence: Fence, heir: string | null): void {
    const partition = this.partitions[fence.partition]!;
    if (!this.#holds(partition, fence)) return;
    partition.holder = null;
    partition.heir = heir;
    partition.version++;
  }

  #holds(partition: StoredPartition, fence: Fence): boolean {
    return String(partition.version) === fence.token && partition.term === fence.term;
  }

  terms(): Term[] {
    return this.partitions.filter(({ term }) => term > 0)
      .map(({ number, term, holder, heir }) => ({ partition: number, term, holder, heir }));
  }

  /** @returns seq of the last segment; `null` when the fence holds no more */
  append(fence: Fence, author: Holder, append: SimAppend): number | null {
    const partition = this.partitions[fence.partition]!;
    // A request that comes again writes the same under the same keys.
    const before = this.#done.get(append);
    if (before !== undefined) return before;
    const holds = this.#holds(partition, fence);
    if (!holds && this.#defect !== "no fence") {
      this.#checkers.refused();
      return null;
    }
    const { handled, bases, announced, earlier } = append;
    const records: JournalRecord<RunEvent>[] = JSON.parse(JSON.stringify(append.records));
    const seq = partition.segments.length + (records.length > 0 ? 1 : 0);
    this.#done.set(append, seq);
    if (records.length > 0) partition.segments.push({ seq, term: fence.term, records });
    for (const { runId, events } of records) {
      const history = this.histories.get(runId);
      if (history === undefined) this.histories.set(runId, [...events]);
      else history.push(...events);
    }
    for (const { events } of records) {
      for (const { at } of events) partition.lastAt = Math.max(partition.lastAt, at);
    }
    const gone = new Set(handled);
    const later = partition.inbox.filter(({ id }) => announced.includes(id));
    const wishes = partition.inbox.filter(({ id }) => gone.has(id));
    partition.inbox = partition.inbox.filter(({ id }) => !gone.has(id));
    const what = { records, bases, handled, wishes, earlier, announced: later };
    this.#checkers.appended({ partition, fence, author, holds, ...what });
    return seq;
  }

  /** The open runs as the journal leaves them, at this instant. */
  fold(number: number, isBlind: boolean): RunState[] {
    const partition = this.partitions[number]!;
    const { histories } = this;
    const segments = isBlind ? partition.segments.slice(0, -1) : partition.segments;
    return this.#checkers.fold.check(
      number,
      () => foldPartition({ ...partition, segments, histories }),
    );
  }

  /** Keeps snapshots, each in the place of the one before. */
  saveSnapshots(fence: Fence, snapshots: readonly StoredRunSnapshot[]): boolean {
    const partition = this.partitions[fence.partition]!;
    if (!this.#holds(partition, fence)) return false;
    for (const snapshot of snapshots) partition.snapshots.set(snapshot.runId, snapshot);
    return true;
  }

  /** Moves the events of segments up to `seq` into the histories of their runs. */
  compact(fence: Fence, seq: number): boolean {
    const partition = this.partitions[fence.partition]!;
    if (!this.#holds(partition, fence)) return false;
    const { archived, segments } = partition;
    for (let at = partition.compactedTo; at < Math.min(seq, segments.length); at++) {
      for (const { runId, events } of segments[at]!.records) {
        archived.set(runId, (archived.get(runId) ?? 0) + events.length);
        if (isClosing(events.at(-1)!)) partition.snapshots.delete(runId);
      }
    }
    const extra = this.#defect === "compaction takes a segment too many" ? 1 : 0;
    partition.compactedTo = Math.max(partition.compactedTo, seq + extra);
    return true;
  }

  send(number: number, wishes: readonly Omit<InboxCommand, "id">[]): string[] {
    return wishes.map((wish) => {
      const id = String(++this.#ids).padStart(8, "0");
      this.partitions[number]!.inbox.push({ ...structuredCloneJson(wish), id });
      this.#checkers.wishes.sent(number, id, wish);
      return id;
    });
  }

  inbox(number: number, after: string): ReadWish[] {
    return this.partitions[number]!.inbox.filter(({ id }) => id > after).slice(0, PAGE)
      .map((wish) => ({ ...wish, history: [...(this.histories.get(wish.runId) ?? [])] }));
  }

  /**
   * A heartbeat counts unless another boot stands there that its sender does not know of: one of a
   * dead process may come after the first one of the process that took its place.
   */
  beat(member: Member, predecessors: readonly string[]): boolean {
    const boot = this.members.get(member.nodeId)?.boot ?? member.boot;
    if (boot !== member.boot && !predecessors.includes(boot)) return false;
    this.members.set(member.nodeId, member);
    return true;
  }

  leave(nodeId: string, boot: string): void {
    if (this.members.get(nodeId)?.boot !== boot) return;
    this.members.delete(nodeId);
    this.#letters.delete(nodeId);
  }

  post(nodeId: string, bodies: readonly Json[]): void {
    const letters = this.#letters.get(nodeId) ?? [];
    for (const body of bodies) letters.push({ id: String(++this.#ids).padStart(8, "0"), body });
    this.#letters.set(nodeId, letters);
  }

  letters(nodeId: string): { id: string; body: Json }[] {
    return (this.#letters.get(nodeId) ?? []).slice(0, PAGE);
  }

  discard(nodeId: string, ids: readonly string[]): void {
    const letters = this.#letters.get(nodeId) ?? [];
    this.#letters.set(nodeId, letters.filter(({ id }) => !ids.includes(id)));
  }
}

function structuredCloneJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
