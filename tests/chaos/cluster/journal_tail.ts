/**
 * Reads the journals of a cluster while it works: what was seen once must be there at the end.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isClosing, type JournalLine, type SegmentHead } from "../checks/mod.ts";
import type { StoreLink } from "./store_link.ts";

/** Is told of a segment and its events. */
export type SegmentListener = (segment: SegmentHead, lines: readonly JournalLine[]) => void;

/** Follows all partitions that somebody leads or led. */
export class JournalTail {
  readonly segments: SegmentHead[] = [];
  readonly lines: JournalLine[] = [];
  /** Runs that have ended. */
  readonly ended = new Set<string>();
  readonly #link: StoreLink;
  readonly #pollMs: number;
  readonly #next = new Map<number, number>();
  readonly #listeners = new Set<SegmentListener>();
  #isOver = false;
  #reading: Promise<void> = Promise.resolve();
  #following: Promise<void> | null = null;

  constructor(link: StoreLink, pollMs = 200) {
    this.#link = link;
    this.#pollMs = pollMs;
  }

  /** Reads what is new, again and again, until {@linkcode stop}. */
  start(): void {
    this.#following = this.#follow();
  }

  /** Reads no more. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#following;
  }

  /** Reads all that is new by now. */
  readOn(): Promise<void> {
    // One reader at a time: two would see the same segments.
    this.#reading = this.#reading.catch(() => {}).then(() => this.#poll());
    return this.#reading;
  }

  /** Calls `onSegment` for each segment that is new, until the function returned is called. */
  listen(onSegment: SegmentListener): () => void {
    this.#listeners.add(onSegment);
    return () => this.#listeners.delete(onSegment);
  }

  async #follow(): Promise<void> {
    while (!this.#isOver) {
      // A store under a fault cannot be read for a while: what is missed now is read later.
      await this.readOn().catch(() => {});
      await sleep(this.#pollMs);
    }
  }

  async #poll(): Promise<void> {
    const terms = await this.#link.ask(({ runs }) => runs.terms());
    for (const { partition } of terms) await this.#read(partition);
  }

  async #read(partition: number): Promise<void> {
    const from = this.#next.get(partition) ?? 1;
    const segments = await this.#link.ask(({ runs }) =>
      Array.fromAsync(runs.read(partition, from))
    );
    for (const { seq, term, records } of segments) {
      const head = { partition, seq, term };
      const lines = records.flatMap(({ runId, events }) =>
        events.map((event) => ({ ...head, runId, event }))
      );
      this.#next.set(partition, seq + 1);
      this.segments.push(head);
      for (const line of lines) {
        this.lines.push(line);
        if (isClosing(line.event)) this.ended.add(line.runId);
      }
      for (const listener of this.#listeners) listener(head, lines);
    }
  }
}
