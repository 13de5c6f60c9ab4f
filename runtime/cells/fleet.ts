/**
 * The processes of a node: starts cells for tenants, keeps spares ready, watches all, ends them.
 *
 * @module
 */
import type { AgentManifest } from "../../actors/manifest.ts";
import { isBlank, noPermissions } from "../../actors/permissions.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { AgentInfo } from "./agent_info.ts";
import { Cell, type CellOwner } from "./cell.ts";
import type { Flight } from "./flight.ts";
import { type Guards, presentGuards, tryGuards } from "./limits.ts";
import { makeSocketFolder, removeStaleSocketFolders } from "./socket_folder.ts";
import type { Tenant } from "./tenant.ts";
import { forgive, watchBusy, watchIdle } from "./watch.ts";

export interface FleetOptions {
  /** Largest output or state, in characters of JSON text. */
  outputCharsMax: number;
  /** How long a cell without work is kept. */
  idleMs: number;
  /** Blank cells kept ready for modules without permissions. */
  spares: number;
  /** A process that somebody worked in has ended. */
  onEnding?: (ending: CellEnding) => void;
}

/** Why a cell is gone. */
export interface CellEnding {
  /** Name in the workflow or system file. */
  agent: string;
  /** `RECYCLED` when it was not needed any more, else the code of what ended it. */
  cause: string;
}

/** A cell that its tenant wants to keep is given up when nothing came for so long. */
const KEPT_IDLE_MS = 600_000;
const SPARE_MEMORY_MB = 256;
/** Between looks at cells: with something in flight, and with nothing. */
const BUSY_TICK_MS = 50;
const IDLE_TICK_MS = 500;
/** A timer may come so much early or late. */
const IDLE_TICK_SLACK_MS = 20;
/** A look that comes later than this means that the node itself stood still. */
const STANDSTILL_MS = 1_000;
const FAILED_STARTS_MAX = 3;
const SPARE_DELAY_MS = 250;

/** Why a cell ended that nobody has to hear of. */
export const RECYCLED: ErrorData = {
  code: "UNAVAILABLE",
  message: "The cell was not needed any more",
};

export class Fleet implements CellOwner {
  readonly #options: FleetOptions;
  readonly #cells = new Set<Cell>();
  readonly #spares = new Set<Cell>();
  /** Starts in a row that ended before the cell was up. */
  readonly #failedStarts = new WeakMap<Tenant, number>();
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
  /** No cell is left. */
  readonly #gone = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#folder = makeSocketFolder();
    this.#background = removeStaleSocketFolders();
    this.#fillSpares();
  }

  get cells(): ReadonlySet<Cell> {
    return this.#cells;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Places what waits, and starts the cells that are missing for the rest. */
  feed(tenant: Tenant): void {
    if (this.#isClosed) return;
    tenant.place();
    this.start(tenant, tenant.missing());
    this.#schedule(BUSY_TICK_MS);
  }

  start(tenant: Tenant, count: number): void {
    for (let started = 0; started < count && !this.#isClosed; started++) {
      const spare = this.#claimSpare(tenant.manifest);
      if (spare !== null) this.#adopt(spare, tenant);
      else if (!this.#spawnFor(tenant)) return;
    }
    if (count > 0) this.#schedule(BUSY_TICK_MS);
  }

  /** Kills all cells and waits until they are gone. Nobody is told what came of their work. */
  async close(): Promise<void> {
    if (this.#isClosed) return await this.#closed.promise;
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#spareTimer !== null) clearTimeout(this.#spareTimer);
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
    if (cell.tenant === null) return;
    this.#failedStarts.delete(cell.tenant);
    this.#load(cell, cell.tenant);
  }

  onLoaded(cell: Cell, info: AgentInfo): void {
    if (this.#isClosed) return;
    cell.tenant!.onLoaded(cell, info);
    this.feed(cell.tenant!);
  }

  onLoadFailed(cell: Cell, error: ErrorData): void {
    if (!this.#isClosed) cell.tenant!.onUnavailable(error, cell.takeEarlyDenials());
  }

  onLandings(cell: Cell): void {
    if (!this.#isClosed) this.feed(cell.tenant!);
  }

  onGone(cell: Cell, flights: Flight[], error: ErrorData): void {
    this.#cells.delete(cell);
    this.#spares.delete(cell);
    const { tenant } = cell;
    tenant?.cells.delete(cell);
    if (this.#isClosed) {
      if (this.#cells.size === 0) this.#gone.resolve();
      return;
    }
    if (tenant === null) return;
    const cause = error.code === RECYCLED.code && cell.wasReady ? "RECYCLED" : error.code;
    this.#options.onEnding?.({ agent: tenant.manifest.name, cause });
    if (cell.loadingSince === 0 && error !== RECYCLED) {
      this.#background = Promise.all([this.#background, this.#onFailedStart(tenant, error)]);
      return;
    }
    if (!cell.wasReady && error !== RECYCLED) {
      tenant.onUnavailable(error, cell.takeEarlyDenials());
    }
    tenant.onGone(cell, flights, error);
    this.feed(tenant);
  }

  /** Tries again: without guards that do not work here, and not for ever. */
  async #onFailedStart(tenant: Tenant, error: ErrorData): Promise<void> {
    if (!this.#areGuardsProven) this.#guards = await tryGuards();
    const failedStarts = (this.#failedStarts.get(tenant) ?? 0) + 1;
    this.#failedStarts.set(tenant, failedStarts % FAILED_STARTS_MAX);
    if (failedStarts === FAILED_STARTS_MAX) {
      const message = `Cannot start a cell: ${error.message}`;
      tenant.onUnavailable({ code: "UNAVAILABLE", message }, []);
    }
    this.feed(tenant);
  }

  // --- starting ---

  #spawnFor(tenant: Tenant): boolean {
    const { permissions, memoryMb, workDir } = tenant.manifest;
    try {
      const cell = this.#spawn(permissions, memoryMb, workDir ?? this.#workDir);
      cell.tenant = tenant;
      tenant.cells.add(cell);
      return true;
    } catch (error) {
      const message = `Cannot start a cell: ${error instanceof Error ? error.message : error}`;
      tenant.onUnavailable({ code: "UNAVAILABLE", message }, []);
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
      outputCharsMax: this.#options.outputCharsMax,
    }, this);
    this.#cells.add(cell);
    return cell;
  }

  #adopt(cell: Cell, tenant: Tenant): void {
    cell.tenant = tenant;
    tenant.cells.add(cell);
    if (cell.state === "blank") this.#load(cell, tenant);
  }

  #load(cell: Cell, tenant: Tenant): void {
    cell.load(tenant, this.#options.outputCharsMax);
    this.#schedule(BUSY_TICK_MS);
  }

  // --- spares ---

  #isForSpare({ permissions, memoryMb, workDir }: AgentManifest): boolean {
    return isBlank(permissions) && memoryMb === SPARE_MEMORY_MB &&
      (workDir === undefined || workDir === this.#workDir);
  }

  #claimSpare(manifest: AgentManifest): Cell | null {
    if (!this.#isForSpare(manifest)) return null;
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
    this.#timer = null;
    let isBusy = false;
    for (const cell of this.#cells) {
      if (lateMs > STANDSTILL_MS) forgive(cell, lateMs);
      if (isIdle(cell)) this.#watchIdle(cell, now);
      else watchBusy(cell, now);
      isBusy ||= !isIdle(cell);
    }
    if (this.#cells.size > 0) this.#schedule(isBusy ? BUSY_TICK_MS : IDLE_TICK_MS);
  }

  #watchIdle(cell: Cell, now: number): void {
    const { tenant } = cell;
    if (tenant === null) return;
    const idleMs = now - cell.idleSince;
    const keeps = tenant.keepsIdle(cell);
    const idleMsMax = keeps === "longer" ? KEPT_IDLE_MS : this.#options.idleMs;
    if (keeps !== "always" && idleMs > idleMsMax) return cell.kill(RECYCLED);
    // However busy others are: between two looks at the CPU time is half a second.
    if (now < cell.idleLookAt) return;
    cell.idleLookAt = now + IDLE_TICK_MS - IDLE_TICK_SLACK_MS;
    const waste = watchIdle(cell);
    if (waste !== null) cell.kill({ ...RECYCLED, message: `The cell was replaced: ${waste}` });
  }
}

function isIdle(cell: Cell): boolean {
  return cell.state === "blank" || (cell.state === "ready" && cell.flights.size === 0);
}
