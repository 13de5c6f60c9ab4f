import type { AuditRecord, AuditStore, TalliedRecord } from "../../core/audit_log.ts";
import { ACT_LIMITS, AuditTally, overflow, REFUSAL_LIMITS } from "../../core/audit_tally.ts";
import type { Clock } from "../../core/ports.ts";
import { chainLines } from "./chain.ts";
import { cleanRecord } from "./clean_record.ts";

/** How often is looked whether something is to be written. */
const TICK_MS = 100;
/** How long a store that failed is left alone. */
const RETRY_MS = 1_000;
/** Records that wait for a store that does not answer; what is beyond is only counted. */
const WAITING_MAX = 1_000;
/** Entries of one atomic write; each takes 10 KB at most. */
const BATCH_MAX = 48;
/** Kinds of what somebody had the right to do, and did: the log must name each thing done. */
const ACTS: ReadonlySet<string> = new Set(["access", "agent"]);

/** The audit log of one process. Telling it something never waits. */
export interface AuditLog {
  /** Notes what happened now; equal records of one second become one entry. */
  record(record: AuditRecord): void;
  /**
   * Writes everything noted so far.
   *
   * @throws {UnavailableError} `STORE_UNAVAILABLE`; what could not be written is kept
   */
  flush(): Promise<void>;
  /** Writes everything, then notes nothing more. The store stays open. */
  close(): Promise<void>;
}

/** Opens the audit log over a store that several processes may share: they write one chain. */
export function openAudit(store: AuditStore, clock: Clock): AuditLog {
  return new ChainedAuditLog(store, clock);
}

class ChainedAuditLog implements AuditLog {
  readonly #store: AuditStore;
  readonly #clock: Clock;
  readonly #refusals = new AuditTally(REFUSAL_LIMITS);
  readonly #acts = new AuditTally(ACT_LIMITS);
  /** Taken out of the tally, and not written yet. */
  #waiting: TalliedRecord[] = [];
  #leftOut = 0;
  #writing: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isClosed = false;

  constructor(store: AuditStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  record(record: AuditRecord): void {
    if (this.#isClosed) return;
    const now = this.#clock.now();
    this.#keepDue(now);
    (ACTS.has(record.kind) ? this.#acts : this.#refusals).add(record, now);
    this.#schedule(TICK_MS);
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#keepDue(this.#clock.now());
      this.#write().then(() => TICK_MS, () => RETRY_MS).then((delayMs) => {
        const isEmpty = this.#refusals.isEmpty && this.#acts.isEmpty;
        if (!isEmpty || this.#waiting.length > 0) this.#schedule(delayMs);
      });
    }, delayMs);
  }

  /** Takes up the others with those that are due: what is written later must not be older. */
  #keepDue(now: number): void {
    const due = [...this.#acts.due(now), ...this.#refusals.due(now)];
    if (due.length > 0) this.#keep([...due, ...this.#acts.drain(), ...this.#refusals.drain()]);
  }

  /** Takes them up in the order in which they happened. */
  #keep(unordered: readonly TalliedRecord[]): void {
    const records = unordered.toSorted((a, b) => a.at - b.at);
    const room = Math.max(0, WAITING_MAX - this.#waiting.length);
    for (const record of records.slice(0, room)) this.#waiting.push(cleanRecord(record));
    for (const { count } of records.slice(room)) this.#leftOut += count;
  }

  async flush(): Promise<void> {
    this.#keep([...this.#acts.drain(), ...this.#refusals.drain()]);
    await this.#write();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.flush();
  }

  /** One write after the other. */
  #write(): Promise<void> {
    const written = this.#writing.then(() => this.#writeWaiting());
    this.#writing = written.catch(() => {});
    return written;
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0 || this.#leftOut > 0) {
      if (this.#waiting.length === 0) {
        this.#waiting.push(overflow(this.#clock.now(), this.#leftOut));
        this.#leftOut = 0;
      }
      const batch = this.#waiting.slice(0, BATCH_MAX);
      const head = await this.#store.head();
      const { lines, next } = chainLines(batch, head);
      // Another process may have appended meanwhile: then the same again, behind what it wrote.
      if (await this.#store.append(lines, head, next)) this.#waiting.splice(0, batch.length);
    }
  }
}
