/**
 * Keeps the journal of one led partition short, beside its work: in rounds of snapshots of open runs,
 * then compaction up to where the round began, then the end of runs that are kept no longer.
 *
 * A run is snapshotted at any instant; its snapshot says after how many events, and is saved once all
 * events that were decided by then are durable. So nothing that a crash takes back is ever saved.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ArchiveStore, RunSnapshot } from "../../core/archive_ports.ts";
import type { DocumentStore } from "../../core/document_ports.ts";
import { DenizenError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Clock, Fence, Store } from "../../core/ports.ts";
import { deleteRunLogs } from "../logs/mod.ts";
import { hasEnded, type RunEvent, snapshotRun } from "../../workflows/mod.ts";
import { type ActiveRun, isClosing, type PlanLoader } from "../scheduler/mod.ts";
import { findExpired } from "./find_expired.ts";
import { jsonText } from "./json_text.ts";

/** What is kept short. A `Partition` is one. */
export interface KeptPartition {
  readonly fence: Fence;
  /** Runs that are worked on, by id. */
  readonly runs: ReadonlyMap<string, ActiveRun>;
  /** All segments up to this one are durable; more may be. */
  readonly lastSeq: number;
  /** Resolves once everything decided so far is durable; rejects when the partition is lost. */
  flushed(): Promise<void>;
}

export interface KeeperOptions {
  partition: KeptPartition;
  store: Store<RunEvent>;
  archive: ArchiveStore<RunEvent>;
  /** Has the logs of runs, which go with them. */
  documents: DocumentStore;
  loadPlan: PlanLoader;
  clock: Clock;
  /** A round begins when so many segments were written since the last one. Default 256. */
  segmentsMax?: number;
  /** A round begins when something was written, and the last one began so long ago. Default 30 s. */
  ageMaxMs?: number;
  /** The first round, however due, begins so long after the keeper. Default 5 s. */
  firstAfterMs?: number;
  /** Closed runs are looked at this often. Default 10 min; the first time after a minute at most. */
  retentionEveryMs?: number;
  /** What went wrong, though the runs go on; it is tried again later. */
  onTrouble?: (error: unknown) => void;
}

const SEGMENTS_MAX = 256;
const AGE_MAX_MS = 30_000;
const RETENTION_EVERY_MS = 600_000;
const FIRST_AFTER_MS = 5_000;
const FIRST_RETENTION_MS = 60_000;

/** Events of the runs that are snapshotted at one instant; a longer run is taken alone. */
const CAPTURE_EVENTS = 5_000;
const CAPTURE_RUNS = 200;
/** A snapshot is replaced when the run has grown by this share. */
const GROWTH = 0.1;
/** Runs deleted in one step. */
const DELETE_COUNT = 20;

/** How often it is looked whether a round is due, and how long to wait after trouble. */
const LOOK_MS = 500;
/** Longest pause between two steps. */
const PAUSE_MS = 50;
const TROUBLE_MS = 10_000;

/** What a round has left to do. */
interface Round {
  upTo: number;
  runs: ActiveRun[];
  isCompacted: boolean;
  /** Runs whose time is over; everything that they have said is before the end of the round. */
  expired: string[];
}

/** A state that is not saved yet. */
interface Captured {
  runId: string;
  events: number;
  snapshot: Json;
}

/** Keeps one partition for as long as it is led. */
export class Keeper {
  readonly #options: KeeperOptions;
  /** Events behind the snapshot of each run. */
  #saved: Map<string, number> | null = null;
  #round: Round | null = null;
  /** Segment and instant at which the last round began, or the keeper. */
  #lastSeq = 0;
  #lastAt: number;
  /** When closed runs are looked at next. */
  #retentionAt: number;
  #isForced = false;
  #step: Promise<boolean> | null = null;
  #loop: Promise<void> | null = null;
  readonly #end = new AbortController();

  constructor(options: KeeperOptions) {
    this.#options = options;
    const now = options.clock.now();
    this.#lastAt = now;
    this.#retentionAt = now +
      Math.min(FIRST_RETENTION_MS, options.retentionEveryMs ?? RETENTION_EVERY_MS);
  }

  /** Works beside the partition until {@linkcode stop}, or until another node leads it. */
  start(): void {
    this.#loop ??= this.#run();
  }

  /** Resolves when nothing of it is under way. */
  async stop(): Promise<void> {
    this.#end.abort();
    await this.#loop;
    await this.#step?.catch(() => {});
  }

  /**
   * Does a little, if something is due; never two steps at once.
   *
   * @returns whether there may be more to do at once
   * @throws {UnavailableError} `STORE_UNAVAILABLE`
   * @throws {InvariantError} when something is damaged
   */
  step(): Promise<boolean> {
    this.#step ??= this.#work().finally(() => this.#step = null);
    return this.#step;
  }

  /** A whole round at once, whether it is due or not. Throws as {@linkcode step} does. */
  async keepNow(): Promise<void> {
    while (await this.step());
    this.#isForced = true;
    while (await this.step());
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      const begunAt = performance.now();
      const pauseMs = await this.step().then(
        // Half of the time belongs to others.
        (isBusy) => isBusy ? Math.min(performance.now() - begunAt, PAUSE_MS) : LOOK_MS,
        (error) => {
          this.#options.onTrouble?.(error);
          return TROUBLE_MS;
        },
      );
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
  }

  async #work(): Promise<boolean> {
    if (this.#end.signal.aborted) return false;
    try {
      this.#round ??= await this.#begin();
      if (this.#round === null) return false;
      await this.#goOn(this.#round);
      return true;
    } catch (error) {
      this.#saved = null;
      this.#round = null;
      if (!isOver(error)) throw error;
      this.#end.abort();
      return false;
    }
  }

  async #begin(): Promise<Round | null> {
    const { archive, partition, clock } = this.#options;
    const now = clock.now();
    const isRetentionDue = this.#isForced || now >= this.#retentionAt;
    if (!isRetentionDue && !this.#isDue(now)) return null;
    this.#isForced = false;
    this.#saved ??= await this.#readSaved();
    this.#lastSeq = partition.lastSeq;
    this.#lastAt = now;
    let expired: string[] = [];
    if (isRetentionDue) {
      expired = await this.#findExpired(now);
      this.#retentionAt = now + (this.#options.retentionEveryMs ?? RETENTION_EVERY_MS);
    }
    // Read after the run list was: the last events of all that have expired are before it.
    const upTo = await archive.lastSeq(partition.fence.partition);
    return { upTo, runs: [...partition.runs.values()], isCompacted: false, expired };
  }

  #isDue(now: number): boolean {
    const { segmentsMax = SEGMENTS_MAX, ageMaxMs = AGE_MAX_MS } = this.#options;
    const { firstAfterMs = FIRST_AFTER_MS } = this.#options;
    const written = this.#options.partition.lastSeq - this.#lastSeq;
    const age = now - this.#lastAt;
    // Whoever has just begun to lead has more urgent things to do.
    if (this.#saved === null) return age >= firstAfterMs;
    return written >= segmentsMax || (written > 0 && age >= ageMaxMs);
  }

  async #readSaved(): Promise<Map<string, number>> {
    const { archive, partition: { fence } } = this.#options;
    const runs = await archive.openRuns(fence.partition);
    return new Map(runs.map(({ runId, snapshot }) => [runId, snapshot?.events ?? 0]));
  }

  #findExpired(now: number): Promise<string[]> {
    const { store, loadPlan, partition } = this.#options;
    return findExpired(store, {
      partition: partition.fence.partition,
      loadPlan,
      now,
      isInUse: (runId) => partition.runs.has(runId),
    });
  }

  /** One step of a round. */
  async #goOn(round: Round): Promise<void> {
    const { archive, documents, partition: { fence, runs } } = this.#options;
    if (round.runs.length > 0) return await this.#snapshot(round);
    if (!round.isCompacted) {
      const { upTo } = round;
      round.isCompacted = await archive.compact(fence, { upTo, isClosing });
      return;
    }
    const going = round.expired.splice(0, DELETE_COUNT).filter((runId) => !runs.has(runId));
    // Before the runs: whoever is cut short here finds them again.
    for (const runId of going) await deleteRunLogs(documents, runId);
    if (going.length > 0) await archive.deleteRuns(fence, going);
    if (round.expired.length === 0) this.#round = null;
  }

  async #snapshot(round: Round): Promise<void> {
    const { archive, partition } = this.#options;
    const captured = this.#capture(round);
    if (captured.length === 0) return;
    await partition.flushed();
    const snapshots: RunSnapshot[] = [];
    for (const { runId, events, snapshot } of captured) {
      snapshots.push({ runId, events, seq: round.upTo, text: await jsonText(snapshot) });
    }
    await archive.saveSnapshots(partition.fence, snapshots);
    for (const { runId, events } of captured) this.#saved!.set(runId, events);
  }

  /** Some runs as they are at this instant: what was not durable then is not to be saved yet. */
  #capture(round: Round): Captured[] {
    const { partition } = this.#options;
    const captured: Captured[] = [];
    let weight = 0;
    while (captured.length < CAPTURE_RUNS) {
      const run = round.runs.at(-1);
      if (run === undefined) {
        this.#forgetClosed();
        break;
      }
      const { runId, eventCount } = run.state;
      const isDue = partition.runs.get(runId) === run && this.#hasGrown(run);
      if (isDue && weight > 0 && weight + eventCount > CAPTURE_EVENTS) break;
      round.runs.pop();
      if (!isDue) continue;
      weight += eventCount;
      captured.push({ runId, events: eventCount, snapshot: snapshotRun(run.state) });
    }
    return captured;
  }

  #hasGrown({ state }: ActiveRun): boolean {
    if (hasEnded(state.status) || state.eventCount === 0) return false;
    const saved = this.#saved!.get(state.runId) ?? 0;
    return saved === 0 || state.eventCount - saved > GROWTH * saved;
  }

  #forgetClosed(): void {
    for (const runId of this.#saved!.keys()) {
      if (!this.#options.partition.runs.has(runId)) this.#saved!.delete(runId);
    }
  }
}

/** Whether somebody else keeps the partition now, or nobody. */
function isOver(error: unknown): boolean {
  return error instanceof DenizenError &&
    (error.code === "FENCED" || error.code === "NODE_STOPPED");
}
