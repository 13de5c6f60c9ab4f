/**
 * All cells of a node: starts them, gives them attempts, watches them, ends them.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Attempt, AttemptId, AttemptOutcome, AttemptReport } from "../../actors/attempt.ts";
import type { AgentManifest } from "../../actors/manifest.ts";
import { isBlank, noPermissions } from "../../actors/permissions.ts";
import { DenizenError, type ErrorData, InvariantError } from "../../core/errors.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import { AgentPool } from "./agent_pool.ts";
import { type AgentInfo, Cell, type CellOwner, type CellState } from "./cell.ts";
import type { Result } from "./flight.ts";
import { type Guards, presentGuards, tryGuards } from "./limits.ts";
import { makeSocketFolder, removeStaleSocketFolders } from "./socket_folder.ts";
import { forgive, watchBusy, watchIdle } from "./watch.ts";

export interface CellEvents {
  /** All results of one socket read together (hot path: called rarely with many). */
  onResults(results: { id: AttemptId; outcome: AttemptOutcome }[]): void;
  onReport(id: AttemptId, report: AttemptReport): void;
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
}

/** One cell: a process in which an agent runs, or a spare that waits for one. */
export interface CellInfo {
  /** Process id. */
  pid: number;
  /** Name in the workflow file; `null` for a spare. */
  agent: string | null;
  /** How far it has come up, or down. */
  state: CellState;
  /** Attempts in it now. */
  inFlight: number;
  /** Attempts it was ever given. */
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
  /** Who hears of results and reports from now on. */
  listen(events: CellEvents): void;
  /** Idempotent; returns a key for equal code, permissions and limits, so that runs share warm cells. */
  register(manifest: AgentManifest, code: string): string;
  /** Attempts that {@linkcode dispatch} would take now. */
  capacity(agentKey: string): number;
  /** Starts cells when needed, spreads over replicas, queues until they are ready. */
  dispatch(agentKey: string, attempts: Attempt[]): void;
  /**
   * `ctx.signal` aborts; after `graceMs` (default 250) the cell is killed. The outcome is failed,
   * `CANCELLED`, whatever the worker still says. Unknown attempts are ignored.
   */
  cancel(id: AttemptId, options?: { graceMs?: number }): void;
  /** Makes sure that at least `max(1, replicas.min)` cells are up or on their way. */
  warm(agentKey: string): void;
  /** Loads the module in a cell and tells what it says of itself. Throws a `DenizenError`. */
  describe(agentKey: string): Promise<AgentInfo>;
  inspect(): CellInfo[];
  /** Kills all cells and waits until they are gone. Attempts in flight get no outcome. */
  close(): Promise<void>;
}

const OUTPUT_CHARS_MAX = 8 * 1024 * 1024;
const IDLE_MS = 30_000;
/** A cell that `replicas.min` asks for is given up when nothing came for so long. */
const MIN_REPLICA_IDLE_MS = 600_000;
const SPARE_MEMORY_MB = 256;
const CANCEL_GRACE_MS = 250;
/** Between looks at cells: with something in flight, and with nothing. */
const BUSY_TICK_MS = 50;
const IDLE_TICK_MS = 500;
/** A look that comes later than this means that the node itself stood still. */
const STANDSTILL_MS = 1_000;
const FAILED_STARTS_MAX = 3;
const SPARE_DELAY_MS = 250;
const RECYCLED: ErrorData = { code: "UNAVAILABLE", message: "The cell was not needed any more" };

/** Starts nothing yet but spares. */
export function createCells(options: CellsOptions): Cells {
  return new CellFleet(options);
}

class CellFleet implements Cells, CellOwner {
  readonly #options: Required<Omit<CellsOptions, "events">>;
  #events: CellEvents;
  readonly #pools = new Map<string, AgentPool>();
  readonly #cells = new Set<Cell>();
  readonly #spares = new Set<Cell>();
  readonly #folder: string;
  readonly #workDir = Deno.cwd();
  #guards: Guards = presentGuards();
  /** Whether a cell has come up with these guards. */
  #areGuardsProven = false;
  /** Work that {@linkcode close} waits for. */
  #background: Promise<unknown>;
  #ids = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #tickMs = 0;
  #tickedAt = 0;
  #spareTimer: ReturnType<typeof setTimeout> | null = null;
  #isClosed = false;
  #late: Result[] = [];
  /** No cell is left. */
  readonly #gone = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();

  constructor(options: CellsOptions) {
    const { outputBytesMax = OUTPUT_CHARS_MAX, idleMs = IDLE_MS, spares = 1 } = options;
    this.#options = { outputBytesMax, idleMs, spares };
    this.#events = options.events ?? { onResults() {}, onReport() {} };
    this.#folder = makeSocketFolder();
    this.#background = removeStaleSocketFolders();
    this.#fillSpares();
  }

  listen(events: CellEvents): void {
    this.#events = events;
  }

  register(manifest: AgentManifest, code: string): string {
    const { name: _, ...traits } = manifest;
    const key = createHash("sha256").update(canonicalJson(traits as unknown as Json)).digest("hex");
    if (!this.#pools.has(key)) this.#pools.set(key, new AgentPool(key, manifest, code));
    return key;
  }

  capacity(agentKey: string): number {
    return this.#pool(agentKey).capacity;
  }

  dispatch(agentKey: string, attempts: Attempt[]): void {
    if (attempts.length === 0) return;
    const pool = this.#pool(agentKey);
    pool.add(attempts);
    this.#pump(pool);
  }

  cancel(id: AttemptId, { graceMs = CANCEL_GRACE_MS }: { graceMs?: number } = {}): void {
    const verdict = { code: "CANCELLED", message: "The attempt was cancelled" };
    for (const cell of this.#cells) {
      for (const flight of cell.flights.values()) {
        if (!isSame(flight.attempt, id)) continue;
        return cell.abort(flight, verdict, performance.now() + graceMs);
      }
    }
    for (const pool of this.#pools.values()) {
      for (const list of [pool.queue, pool.alone]) {
        const at = list.findIndex((attempt) => isSame(attempt, id));
        if (at < 0) continue;
        const [attempt] = list.splice(at, 1);
        return this.#answerLater([{ id: attempt!, outcome: { status: "failed", error: verdict } }]);
      }
    }
  }

  warm(agentKey: string): void {
    const pool = this.#pool(agentKey);
    this.#start(pool, pool.missing(Math.max(1, pool.manifest.replicas.min)));
  }

  describe(agentKey: string): Promise<AgentInfo> {
    const pool = this.#pool(agentKey);
    if (pool.info !== null) return Promise.resolve(pool.info);
    const answer = Promise.withResolvers<AgentInfo>();
    pool.describing.push(answer);
    this.warm(agentKey);
    return answer.promise;
  }

  inspect(): CellInfo[] {
    return [...this.#cells].map((cell) => ({
      pid: cell.process.pid,
      agent: cell.agentKey === null ? null : this.#pool(cell.agentKey).manifest.name,
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
    if (this.#isClosed) return await this.#closed.promise;
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#spareTimer !== null) clearTimeout(this.#spareTimer);
    for (const pool of this.#pools.values()) this.#failDescribing(pool, RECYCLED);
    await this.#background;
    for (const cell of this.#cells) cell.kill(RECYCLED);
    if (this.#cells.size === 0) this.#gone.resolve();
    await this.#gone.promise;
    await Deno.remove(this.#folder, { recursive: true }).catch(() => {});
    this.#closed.resolve();
  }

  // --- what cells tell ---

  onBlank(cell: Cell): void {
    if (this.#isClosed) return;
    this.#areGuardsProven = true;
    if (cell.agentKey === null) return;
    const pool = this.#pool(cell.agentKey);
    pool.failedStarts = 0;
    this.#load(cell, pool);
  }

  onLoaded(cell: Cell, info: AgentInfo): void {
    const pool = this.#pool(cell.agentKey!);
    pool.info = info;
    for (const { resolve } of pool.describing.splice(0)) resolve(info);
    this.#pump(pool);
  }

  onLoadFailed(cell: Cell, error: ErrorData): void {
    this.#failWaiting(cell, this.#pool(cell.agentKey!), error);
  }

  onResults(cell: Cell, results: Result[]): void {
    const pool = this.#pool(cell.agentKey!);
    for (const { id, outcome } of results) if (!isLost(outcome)) pool.acquit(id);
    if (pool.waiting > 0) this.#pump(pool);
    if (!this.#isClosed) this.#events.onResults(results);
  }

  onReport(attempt: Attempt, report: AttemptReport): void {
    if (!this.#isClosed) this.#events.onReport(attempt, report);
  }

  onGone(cell: Cell, results: Result[], error: ErrorData): void {
    this.#cells.delete(cell);
    this.#spares.delete(cell);
    if (this.#isClosed) {
      if (this.#cells.size === 0) this.#gone.resolve();
      return;
    }
    const pool = cell.agentKey === null ? null : this.#pool(cell.agentKey);
    if (pool === null) return;
    pool.cells.delete(cell);
    if (cell.loadingSince === 0 && error !== RECYCLED) {
      this.#background = Promise.all([this.#background, this.#onFailedStart(pool, error)]);
      return;
    }
    if (!cell.wasReady && error !== RECYCLED) this.#failWaiting(cell, pool, error);
    if (results.every(({ outcome }) => isLost(outcome))) pool.suspect(results.map(({ id }) => id));
    if (results.length > 0) this.onResults(cell, results);
    this.#pump(pool);
  }

  // --- starting and feeding ---

  #pool(agentKey: string): AgentPool {
    const pool = this.#pools.get(agentKey);
    if (pool !== undefined) return pool;
    throw new InvariantError("INTERNAL", { message: `Cannot find agent key "${agentKey}"` });
  }

  #pump(pool: AgentPool): void {
    if (this.#isClosed) return;
    if (pool.waiting > 0) pool.place();
    const least = pool.describing.length > 0 ? 1 : 0;
    if (pool.waiting + least > 0) this.#start(pool, pool.missing(least));
    this.#schedule(BUSY_TICK_MS);
  }

  #start(pool: AgentPool, count: number): void {
    for (let started = 0; started < count; started++) {
      const spare = this.#claimSpare(pool);
      if (spare !== null) this.#adopt(spare, pool);
      else if (!this.#spawnFor(pool)) return;
    }
    if (count > 0) this.#schedule(BUSY_TICK_MS);
  }

  #spawnFor(pool: AgentPool): boolean {
    const { permissions, memoryMb, workDir } = pool.manifest;
    try {
      const cell = this.#spawn(permissions, memoryMb, workDir ?? this.#workDir);
      cell.agentKey = pool.key;
      pool.cells.add(cell);
      return true;
    } catch (error) {
      const message = `Cannot start a cell: ${error instanceof Error ? error.message : error}`;
      this.#failAll(pool, { code: "UNAVAILABLE", message });
      return false;
    }
  }

  #spawn(permissions: AgentManifest["permissions"], memoryMb: number, workDir: string): Cell {
    const cell = new Cell({
      id: ++this.#ids,
      folder: this.#folder,
      permissions,
      workDir,
      memoryMb,
      guards: this.#guards,
      outputCharsMax: this.#options.outputBytesMax,
    }, this);
    this.#cells.add(cell);
    return cell;
  }

  #adopt(cell: Cell, pool: AgentPool): void {
    cell.agentKey = pool.key;
    pool.cells.add(cell);
    if (cell.state === "blank") this.#load(cell, pool);
  }

  #load(cell: Cell, pool: AgentPool): void {
    cell.load(pool.key, pool.code, this.#options.outputBytesMax);
    this.#schedule(BUSY_TICK_MS);
  }

  // --- spares ---

  #isForSpare({ permissions, memoryMb, workDir }: AgentManifest): boolean {
    return isBlank(permissions) && memoryMb === SPARE_MEMORY_MB &&
      (workDir === undefined || workDir === this.#workDir);
  }

  #claimSpare(pool: AgentPool): Cell | null {
    if (!this.#isForSpare(pool.manifest)) return null;
    const spares = [...this.#spares].filter((cell) => cell.isAlive);
    const spare = spares.find((cell) => cell.state === "blank") ?? spares[0] ?? null;
    if (spare === null) return null;
    this.#spares.delete(spare);
    this.#fillSparesSoon();
    return spare;
  }

  #fillSpares(): void {
    while (this.#spares.size < this.#options.spares) {
      try {
        this.#spares.add(this.#spawn(noPermissions(), SPARE_MEMORY_MB, this.#workDir));
      } catch {
        return; // The system has no process to spare now; the next claim asks again.
      }
    }
    this.#schedule(BUSY_TICK_MS);
  }

  /** Not at once: the processors have better things to do when a spare was just claimed. */
  #fillSparesSoon(): void {
    if (this.#spareTimer !== null) clearTimeout(this.#spareTimer);
    this.#spareTimer = setTimeout(() => this.#fillSpares(), SPARE_DELAY_MS);
  }

  // --- failing what waits ---

  /** The agent's code cannot even be loaded: nothing that waits for it would fare better. */
  #failWaiting(cell: Cell, pool: AgentPool, error: ErrorData): void {
    const denials = cell.takeEarlyDenials();
    for (const attempt of [...pool.alone, ...pool.queue]) {
      for (const denial of denials) this.onReport(attempt, { type: "permission", ...denial });
    }
    this.#failAll(pool, error);
  }

  /** Tries again: without guards that do not work here, and not for ever. */
  async #onFailedStart(pool: AgentPool, error: ErrorData): Promise<void> {
    if (!this.#areGuardsProven) this.#guards = await tryGuards();
    if (++pool.failedStarts >= FAILED_STARTS_MAX) {
      pool.failedStarts = 0;
      const message = `Cannot start a cell: ${error.message}`;
      this.#failAll(pool, { code: "UNAVAILABLE", message });
    }
    this.#pump(pool);
  }

  #failAll(pool: AgentPool, error: ErrorData): void {
    this.#failDescribing(pool, error);
    const results = pool.drain().map((id) => ({
      id,
      outcome: { status: "failed" as const, error },
    }));
    this.#answerLater(results);
  }

  #failDescribing(pool: AgentPool, { code, message }: ErrorData): void {
    for (const { reject } of pool.describing.splice(0)) reject(new DenizenError(code, { message }));
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
    if (!this.#isClosed) this.#events.onResults(results);
  }

  // --- watching ---

  /** One timer for all; a shorter wish replaces a longer wait. */
  #schedule(ms: number): void {
    if (this.#isClosed || (this.#timer !== null && this.#tickMs <= ms)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#tickMs = ms;
    this.#tickedAt = performance.now();
    this.#timer = setTimeout(() => this.#tick(), ms);
  }

  #tick(): void {
    const now = performance.now();
    const lateMs = now - this.#tickedAt - this.#tickMs;
    const wasIdle = this.#tickMs === IDLE_TICK_MS;
    this.#timer = null;
    let isBusy = false;
    for (const cell of this.#cells) {
      if (lateMs > STANDSTILL_MS) forgive(cell, lateMs);
      if (isIdle(cell)) this.#watchIdle(cell, now, wasIdle);
      else watchBusy(cell, now);
      isBusy ||= !isIdle(cell);
    }
    if (this.#cells.size > 0) this.#schedule(isBusy ? BUSY_TICK_MS : IDLE_TICK_MS);
  }

  #watchIdle(cell: Cell, now: number, mayMeasure: boolean): void {
    if (this.#spares.has(cell)) return;
    const pool = this.#pool(cell.agentKey!);
    const idleMs = now - cell.idleSince;
    const isNeeded = pool.cells.size <= pool.manifest.replicas.min;
    if (idleMs > (isNeeded ? MIN_REPLICA_IDLE_MS : this.#options.idleMs)) {
      return cell.kill(RECYCLED);
    }
    // Measured only at the slow pace, so that two looks at the CPU time are half a second apart.
    const waste = mayMeasure ? watchIdle(cell) : null;
    if (waste !== null) cell.kill({ ...RECYCLED, message: `The cell was replaced: ${waste}` });
  }
}

function isIdle(cell: Cell): boolean {
  return cell.state === "blank" || (cell.state === "ready" && cell.flights.size === 0);
}

function isSame(a: AttemptId, b: AttemptId): boolean {
  return a.runId === b.runId && a.taskId === b.taskId && a.index === b.index &&
    a.attempt === b.attempt;
}

function isLost(outcome: AttemptOutcome): boolean {
  return outcome.status === "failed" && outcome.lost === true;
}
