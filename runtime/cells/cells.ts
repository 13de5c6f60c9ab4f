/**
 * The cells of a node, as the scheduler uses them: attempts in, outcomes and reports out.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Attempt, AttemptId, AttemptOutcome, AttemptReport } from "../../actors/attempt.ts";
import type { BidAnswer, BidRequest } from "../../actors/bidding.ts";
import type { MessageItem } from "../../actors/frames.ts";
import type { AgentManifest } from "../../actors/manifest.ts";
import { DenizenError, type ErrorData, InvariantError } from "../../core/errors.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import { AgentPool, type Result } from "./agent_pool.ts";
import { BidQueue } from "./bid_queue.ts";
import type { AttemptTracer } from "./attempt_tracer.ts";
import type { AgentInfo } from "./agent_info.ts";
import type { Cell, CellState } from "./cell.ts";
import { type CellEnding, Fleet, RECYCLED } from "./fleet.ts";
import type { Flight } from "./flight.ts";
import { RecallDesk, type RecallHandler } from "./recall_desk.ts";

/** A module that says something else of itself than it is held to. */
export interface ManifestChange {
  agentKey: string;
  /** SHA-256 (hex) that it is held to, and that of what it said. */
  expected: string;
  found: string | null;
}

export interface CellEvents {
  /** All results of one socket read together (hot path: called rarely with many). */
  onResults(results: { id: AttemptId; outcome: AttemptOutcome }[]): void;
  onReport(id: AttemptId, report: AttemptReport): void;
  /**
   * A message that an attempt sends to an actor. Answers whether somebody takes it; left out, nobody
   * does.
   */
  onMessage?(cell: Cell, flight: Flight, item: MessageItem): boolean;
  /** A cell of an agent is gone: nobody in it waits for answers any more. */
  onCellGone?(cell: Cell): void;
}

export interface CellsOptions {
  /** May also be given later, by {@linkcode Cells.listen}. */
  events?: CellEvents;
  /** Largest output of an attempt, in characters of JSON text. Default 8 Mi. */
  outputBytesMax?: number;
  /** How long a cell without work is kept. Default 30 s. */
  idleMs?: number;
  /** Blank cells kept ready for agents without permissions. Default 1. */
  spares?: number;
  /** Follows the attempts; without one, tracing costs nothing. */
  tracer?: AttemptTracer;
  /** A process that somebody worked in has ended. */
  onCellEnding?: (ending: CellEnding) => void;
}

/** One cell: a process in which an agent or actors run, or a spare that waits for one. */
export interface CellInfo {
  /** Process id. */
  pid: number;
  /** Name in the workflow or system file; `null` for a spare. */
  agent: string | null;
  /** SHA-256 (hex) of its code; `null` for a spare. */
  codeHash: string | null;
  /** How far it has come up, or down. */
  state: CellState;
  /** Attempts and messages in it now. */
  inFlight: number;
  /** Attempts and messages it was ever given. */
  attempts: number;
  /** Resident memory when it was last looked at. */
  rssBytes: number;
  /** Resident memory before the agent came. */
  baselineBytes: number;
  /** Accesses that were denied. */
  denials: number;
  /** Results for attempts that were not in this cell. */
  refused: number;
}

export interface Cells {
  /** The processes, for who brings other tenants than agents. */
  readonly fleet: Fleet;
  /** Who hears of results and reports from now on. */
  listen(events: CellEvents): void;
  /** Idempotent; returns a key for equal code, permissions and limits, so that runs share warm cells. */
  register(manifest: AgentManifest, code: string): string;
  /** The key that {@linkcode register} gives. */
  keyOf(manifest: AgentManifest): string;
  /**
   * Forgets an agent that nobody will ask for any more, and ends its cells; not as long as something
   * of it waits or is in flight, or came within `quietMs`: an attempt may be decided on and not here.
   *
   * @returns whether it is forgotten
   */
  letGo(agentKey: string, quietMs: number): boolean;
  /** Attempts that {@linkcode dispatch} would take now. */
  capacity(agentKey: string): number;
  /** Attempts that were dispatched and have no outcome yet. */
  attempts(): Iterable<AttemptId>;
  /** Starts cells when needed, spreads over replicas, queues until they are ready. */
  dispatch(agentKey: string, attempts: Attempt[]): void;
  /**
   * `ctx.signal` aborts; after `graceMs` (default 250) the cell is killed. The outcome is failed,
   * `CANCELLED`, whatever the worker still says. Unknown attempts are ignored.
   */
  cancel(id: AttemptId, options?: { graceMs?: number }): void;
  /** Makes sure that at least `max(1, replicas.min)` cells are up or on their way. */
  warm(agentKey: string): void;
  /**
   * Asks an agent for a bid, in a worker that is started where none is up. Never rejects. The answer
   * comes within the time-out, and five seconds more where a worker has to come up first.
   */
  bid(agentKey: string, request: BidRequest): Promise<BidAnswer>;
  /** Who answers `ctx.recall` from now on; without anybody it is `NOT_SUPPORTED`. */
  answerRecalls(handler: RecallHandler): void;
  /** Who hears of modules that changed what they say of themselves. @returns what ends it */
  onManifestChange(listener: (change: ManifestChange) => void): () => void;
  /**
   * Performs an attempt that belongs to no run: the events hear nothing of it. Its steps are kept by
   * nobody, and it recalls nothing. Never rejects.
   */
  trial(agentKey: string, attempt: Attempt): Promise<AttemptOutcome>;
  /** As {@linkcode describe}, of a module that nothing else is wanted of: in a cell of its own. */
  visit(manifest: AgentManifest, code: string): Promise<AgentInfo>;
  /** Loads the module in a cell and tells what it says of itself. Throws a `DenizenError`. */
  describe(agentKey: string): Promise<AgentInfo>;
  inspect(): CellInfo[];
  /** Kills all cells and waits until they are gone. Attempts in flight get no outcome. */
  close(): Promise<void>;
}

const FORGOTTEN: ErrorData = {
  code: "UNAVAILABLE",
  message: "The agent was removed before the attempt began",
  retryable: true,
};

const OUTPUT_CHARS_MAX = 8 * 1024 * 1024;
const IDLE_MS = 30_000;
const CANCEL_GRACE_MS = 250;

/** Starts nothing yet but spares. */
export function createCells(options: CellsOptions): Cells {
  return new AgentCells(options);
}

class AgentCells implements Cells {
  readonly fleet: Fleet;
  #events: CellEvents;
  readonly #pools = new Map<string, AgentPool>();
  /** Loaded to be described, and for nothing else. */
  readonly #visited = new Set<AgentPool>();
  readonly #tracer: AttemptTracer | null;
  /** Attempts of no run, and who waits for their outcome. */
  readonly #trials = new Map<AttemptId, (outcome: AttemptOutcome) => void>();
  readonly #recalls = new RecallDesk((attempt) => this.#trials.has(attempt));
  readonly #manifestListeners = new Set<(change: ManifestChange) => void>();
  #late: Result[] = [];

  constructor(options: CellsOptions) {
    this.#tracer = options.tracer ?? null;
    const { outputBytesMax = OUTPUT_CHARS_MAX, idleMs = IDLE_MS, spares = 1 } = options;
    this.#events = options.events ?? { onResults() {}, onReport() {} };
    const { onCellEnding: onEnding } = options;
    this.fleet = new Fleet({ outputCharsMax: outputBytesMax, idleMs, spares, onEnding });
  }

  listen(events: CellEvents): void {
    this.#events = events;
  }

  register(manifest: AgentManifest, code: string): string {
    const key = this.keyOf(manifest);
    const pool = this.#pools.getOrInsertComputed(key, () => this.#newPool(key, manifest, code));
    pool.usedAt = performance.now();
    return key;
  }

  keyOf({ name: _, ...traits }: AgentManifest): string {
    return createHash("sha256").update(canonicalJson(traits as unknown as Json)).digest("hex");
  }

  letGo(agentKey: string, quietMs: number): boolean {
    const pool = this.#pools.get(agentKey);
    if (pool === undefined) return true;
    if (!pool.isAtRest || performance.now() - pool.usedAt < quietMs) return false;
    this.#pools.delete(agentKey);
    for (const cell of pool.cells) cell.kill(RECYCLED);
    return true;
  }

  #newPool(agentKey: string, manifest: AgentManifest, code: string): AgentPool {
    return new AgentPool(manifest, code, {
      onResults: (results) => {
        if (!this.fleet.isClosed) this.#tell(results);
      },
      onReport: (attempt, report) => {
        if (this.fleet.isClosed) return;
        if (this.#trials.has(attempt)) {
          if (report.type === "step") report.acknowledge();
          return;
        }
        if (report.type === "step" && report.times) this.#tracer?.step(attempt, report.times);
        this.#events.onReport(attempt, report);
      },
      onStepFailed: (attempt, times) => {
        if (!this.#trials.has(attempt)) this.#tracer?.step(attempt, times);
      },
      onMessage: (cell, flight, item) => this.#onMessage(cell, flight, item),
      onRecall: (cell, flight, item) => void this.#recalls.answer(cell, flight, item),
      onManifestChanged: ({ manifestHash: found }) => {
        const expected = manifest.declarationHash!;
        for (const tell of this.#manifestListeners) tell({ agentKey, expected, found });
      },
      onCellGone: (cell) => this.#events.onCellGone?.(cell),
      onLateResults: (results) => this.#answerLater(results),
    });
  }

  capacity(agentKey: string): number {
    return this.#pool(agentKey).capacity;
  }

  dispatch(agentKey: string, attempts: Attempt[]): void {
    if (attempts.length === 0) return;
    const pool = this.#pools.get(agentKey);
    if (pool === undefined) {
      // Decided on before the agent was removed, and committed long after.
      const outcome = { status: "failed", error: FORGOTTEN } as const;
      return this.#answerLater(attempts.map((id) => ({ id, outcome })));
    }
    pool.usedAt = performance.now();
    if (this.#tracer !== null) {
      for (const each of attempts) each.traceparent = this.#tracer.begin(each) ?? undefined;
    }
    pool.add(attempts);
    this.fleet.feed(pool);
  }

  *attempts(): Iterable<AttemptId> {
    for (const pool of this.#pools.values()) {
      for (const cell of pool.cells) {
        for (const flight of cell.flights.values()) {
          if (!BidQueue.isBid(flight)) yield* this.#ofRuns([flight.work as Attempt]);
        }
      }
      yield* this.#ofRuns(pool.queue);
      yield* this.#ofRuns(pool.alone);
    }
    for (const { id } of this.#late) yield id;
  }

  #ofRuns(attempts: readonly Attempt[]): readonly Attempt[] {
    if (this.#trials.size === 0) return attempts;
    return attempts.filter((attempt) => !this.#trials.has(attempt));
  }

  trial(agentKey: string, attempt: Attempt): Promise<AttemptOutcome> {
    if (this.fleet.isClosed) return Promise.resolve({ status: "failed", error: RECYCLED });
    const { promise, resolve } = Promise.withResolvers<AttemptOutcome>();
    this.#trials.set(attempt, resolve);
    const pool = this.#pool(agentKey);
    pool.usedAt = performance.now();
    pool.add([attempt]);
    this.fleet.feed(pool);
    return promise;
  }

  cancel(id: AttemptId, { graceMs = CANCEL_GRACE_MS }: { graceMs?: number } = {}): void {
    const verdict = { code: "CANCELLED", message: "The attempt was cancelled" };
    for (const pool of this.#pools.values()) {
      for (const cell of pool.cells) {
        for (const flight of cell.flights.values()) {
          if (BidQueue.isBid(flight) || !isSame(flight.work as Attempt, id)) continue;
          return cell.abort(flight, verdict, performance.now() + graceMs);
        }
      }
      for (const list of [pool.queue, pool.alone]) {
        const at = list.findIndex((attempt) => isSame(attempt, id));
        if (at < 0) continue;
        const [attempt] = list.splice(at, 1);
        return this.#answerLater([{ id: attempt!, outcome: { status: "failed", error: verdict } }]);
      }
    }
  }

  bid(agentKey: string, request: BidRequest): Promise<BidAnswer> {
    if (this.fleet.isClosed) {
      return Promise.resolve({ status: "refused", ...RECYCLED });
    }
    const pool = this.#pool(agentKey);
    const answer = pool.bid(request);
    this.fleet.feed(pool);
    return answer.finally(() => {
      // A bid that was given up made room, and no worker tells of that.
      if (pool.bids.waiting > 0) this.fleet.feed(pool);
    });
  }

  answerRecalls(handler: RecallHandler): void {
    this.#recalls.handler = handler;
  }

  onManifestChange(listener: (change: ManifestChange) => void): () => void {
    this.#manifestListeners.add(listener);
    return () => this.#manifestListeners.delete(listener);
  }

  warm(agentKey: string): void {
    const pool = this.#pool(agentKey);
    this.fleet.start(pool, pool.missingOf(Math.max(1, pool.manifest.replicas.min)));
  }

  describe(agentKey: string): Promise<AgentInfo> {
    return this.#describe(this.#pool(agentKey));
  }

  async visit(manifest: AgentManifest, code: string): Promise<AgentInfo> {
    const pool = this.#newPool("", manifest, code);
    this.#visited.add(pool);
    try {
      return await this.#describe(pool);
    } finally {
      this.#visited.delete(pool);
      for (const cell of pool.cells) cell.kill(RECYCLED);
    }
  }

  #describe(pool: AgentPool): Promise<AgentInfo> {
    if (pool.info !== null) return Promise.resolve(pool.info);
    if (this.fleet.isClosed) return Promise.reject(new DenizenError(RECYCLED.code, RECYCLED));
    const answer = Promise.withResolvers<AgentInfo>();
    pool.describing.push(answer);
    this.fleet.start(pool, pool.missingOf(Math.max(1, pool.manifest.replicas.min)));
    return answer.promise.catch(({ code, message }: ErrorData) => {
      throw new DenizenError(code, { message });
    });
  }

  inspect(): CellInfo[] {
    return [...this.fleet.cells].map((cell) => ({
      pid: cell.process.pid,
      agent: cell.tenant?.manifest.name ?? null,
      codeHash: cell.tenant?.manifest.codeHash ?? null,
      state: cell.state,
      inFlight: cell.flights.size,
      attempts: cell.attempts,
      rssBytes: cell.rssBytes,
      baselineBytes: cell.baselineBytes,
      denials: cell.process.denials,
      refused: cell.refused,
    }));
  }

  async close(): Promise<void> {
    for (const pool of [...this.#pools.values(), ...this.#visited]) {
      pool.failDescribing(RECYCLED);
      pool.bids.close();
    }
    for (const settle of this.#trials.values()) settle({ status: "failed", error: RECYCLED });
    this.#trials.clear();
    await this.fleet.close();
  }

  #pool(agentKey: string): AgentPool {
    const pool = this.#pools.get(agentKey);
    if (pool !== undefined) return pool;
    throw new InvariantError("INTERNAL", { message: `Cannot find agent key "${agentKey}"` });
  }

  /** The outcomes are told last: whoever hears of them may close the trace. */
  #tell(all: Result[]): void {
    const results = this.#trials.size === 0 ? all : this.#takeTrials(all);
    if (results.length === 0) return;
    if (this.#tracer !== null) {
      for (const { id, outcome } of results) this.#tracer.end(id, outcome);
    }
    this.#events.onResults(results);
  }

  #takeTrials(results: Result[]): Result[] {
    return results.filter(({ id, outcome }) => {
      const settle = this.#trials.get(id);
      this.#trials.delete(id);
      settle?.(outcome);
      return settle === undefined;
    });
  }

  #onMessage(cell: Cell, flight: Flight, item: MessageItem): void {
    if (this.#trials.has(flight.work as Attempt)) return refuseMessage(cell, item);
    const tracer = this.#tracer;
    if (tracer !== null) {
      cell.onSettling ??= (frame) => tracer.settle(cell, frame);
      tracer.call(flight.work as Attempt, cell, item);
    }
    if (this.#events.onMessage?.(cell, flight, item) === true) return;
    refuseMessage(cell, item);
  }

  /** Never from within a call of the caller's own. */
  #answerLater(results: Result[]): void {
    if (results.length === 0) return;
    if (this.#late.length === 0) queueMicrotask(() => this.#answerLate());
    this.#late.push(...results);
  }

  #answerLate(): void {
    const results = this.#late;
    this.#late = [];
    if (!this.fleet.isClosed) this.#tell(results);
  }
}

function refuseMessage(cell: Cell, item: MessageItem): void {
  const message = "Cannot take messages: no actor system belongs to this run";
  cell.send(["sent", [], [[item[2], "NO_ACTOR", message, null]]]);
}

function isSame(a: AttemptId, b: AttemptId): boolean {
  return a.runId === b.runId && a.taskId === b.taskId && a.index === b.index &&
    a.attempt === b.attempt;
}
