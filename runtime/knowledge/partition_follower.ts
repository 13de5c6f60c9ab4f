/**
 * One partition's journal, followed to its end: commits of this process as they are offered,
 * everything else from the store. Each event is read once, in order.
 *
 * A commit may fill several segments, and whoever offers it does not know how many. So the place
 * behind an offered commit is not known by number; it is "behind these events from that segment on".
 *
 * @module
 */
import { InvariantError } from "../../core/errors.ts";
import type { JournalRecord } from "../../core/ports.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import { FactReader } from "./fact_reader.ts";
import type { KnowledgeStores } from "./knowledge_base.ts";
import type { Projection } from "./projection.ts";

/** A commit of this process that is durable. */
export interface OfferedCommit {
  firstSeq: number;
  records: readonly JournalRecord<RunEvent>[];
  /** Of the fence that wrote it; commits of one term follow each other without a gap. */
  term: number | undefined;
}

/** Where the next event stands: in segment `seq`, behind so many events of it and the next ones. */
interface Place {
  seq: number;
  behind: number;
}

/** Offered events that may wait; behind more they are left to be read from the store. */
const WAITING_MAX = 20_000;

/** Follows one partition. But for `offer`, one call after the other. */
export class PartitionFollower {
  readonly partition: number;
  readonly #stores: KnowledgeStores;
  readonly #projection: Projection;
  #reader = new FactReader();
  #place: Place = { seq: 1, behind: 0 };
  /** The last commit that was taken as it was offered, if nothing was read since. */
  #last: Pick<OfferedCommit, "firstSeq" | "term"> | null = null;
  #offered: OfferedCommit[] = [];
  #waiting = 0;
  /** Instant of the newest event that is in. */
  #lastAt = -Infinity;
  /**
   * Segments that were not read have been moved into histories; runs that ended before this instant
   * are in. `null` when the journal can be followed.
   */
  lostSince: number | null = -Infinity;

  constructor(partition: number, stores: KnowledgeStores, projection: Projection) {
    this.partition = partition;
    this.#stores = stores;
    this.#projection = projection;
  }

  /** Offered events that are not in yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The term whose commits are offered here, as they come. */
  get term(): number | undefined {
    return this.#last?.term;
  }

  /** To be called with commits of one term in order. */
  offer(commit: OfferedCommit): void {
    this.#offered.push(commit);
    this.#waiting += countEvents(commit.records);
    if (this.#waiting > WAITING_MAX) this.#forgetOffers();
  }

  #forgetOffers(): void {
    this.#offered = [];
    this.#waiting = 0;
  }

  /** What is known of open runs, from histories that reach up to a segment. */
  goOnBehind(seq: number, reader: FactReader): void {
    this.#reader = reader;
    this.#last = null;
    this.#place = { seq: seq + 1, behind: 0 };
  }

  /** The partition is to be read from histories, for what has happened since the last event. */
  lose(): void {
    this.lostSince ??= this.#lastAt;
  }

  /** Takes in what was offered. */
  async drain(): Promise<void> {
    const commits = this.#offered;
    this.#forgetOffers();
    for (const commit of commits) {
      if (this.lostSince === null && !this.#isNext(commit)) await this.read(commit.firstSeq - 1);
      // Segments have gone, or the store was read further than this.
      if (this.lostSince !== null || !this.#isNext(commit)) continue;
      for (const { runId, events } of commit.records) await this.#take(runId, events);
      this.#place = { seq: commit.firstSeq, behind: countEvents(commit.records) };
      this.#last = commit;
    }
  }

  #isNext({ firstSeq, term }: OfferedCommit): boolean {
    const { seq, behind } = this.#place;
    if (behind === 0) return firstSeq === seq;
    const isSameTerm = term !== undefined && this.#last?.term === term;
    return firstSeq === seq + 1 || (isSameTerm && firstSeq > seq);
  }

  /** Reads to the end of the journal, or to that segment; sets `lostSince` where it cannot. */
  async read(to?: number): Promise<void> {
    if (to !== undefined && to < this.#place.seq) return;
    const found = await this.#readSegments(to);
    if (found === "all") return;
    const isMoved = await this.#stores.archive.compactedTo(this.partition) >= this.#place.seq;
    if (isMoved) return this.lose();
    if (found === "gap") throw incomplete(this.partition, this.#place.seq);
  }

  async #readSegments(to?: number): Promise<"all" | "none" | "gap"> {
    let { seq: next, behind: known } = this.#place;
    let found: "all" | "none" = "none";
    for await (const { seq, records } of this.#stores.runs.read(this.partition, next, to)) {
      if (seq !== next) return "gap";
      for (const { runId, events } of records) {
        const unknown = events.slice(known);
        known = Math.max(0, known - events.length);
        if (unknown.length > 0) await this.#take(runId, unknown);
      }
      next = seq + 1;
      found = "all";
      // As long as it is among known events the place is as good as before.
      if (known > 0) continue;
      this.#place = { seq: next, behind: 0 };
      this.#last = null;
    }
    return found;
  }

  async #take(runId: string, events: readonly RunEvent[]): Promise<void> {
    try {
      if (!this.#reader.knows(runId) && events[0]?.type !== "RunSubmitted") await this.#meet(runId);
      await this.#projection.take(this.#reader, runId, events);
    } catch (error) {
      // Nobody knows how much of it is in: what was in flight is found out anew.
      this.lose();
      throw error;
    }
    this.#lastAt = Math.max(this.#lastAt, events.at(-1)!.at);
  }

  /** A run that had closed goes on: nothing of it was in flight. */
  async #meet(runId: string): Promise<void> {
    const entry = await this.#stores.runs.run(runId);
    if (entry === null) return;
    this.#reader.resume(runId, { workflow: entry.workflow, tenant: entry.tenant ?? null });
  }
}

function incomplete(partition: number, seq: number): InvariantError {
  return new InvariantError("JOURNAL_INCOMPLETE", {
    message: `Found no segment ${seq} in the journal of partition ${partition}`,
    hint: "The state directory was altered: restore it from a backup",
    details: { partition, seq },
  });
}

function countEvents(records: readonly JournalRecord<RunEvent>[]): number {
  return records.reduce((sum, { events }) => sum + events.length, 0);
}
