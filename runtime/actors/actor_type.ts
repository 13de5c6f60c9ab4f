/**
 * One definition of an actor system: its cells, and which activation lives in which of them. Says
 * what happened to the {@linkcode ActorTypeEvents}, decides nothing about actors itself.
 *
 * @module
 */
import type { AttemptReport } from "../../actors/attempt.ts";
import type { ActorItem, MessageItem } from "../../actors/frames.ts";
import type { AgentManifest } from "../../actors/manifest.ts";
import type { ActorSpec } from "../../actors/system/mod.ts";
import { DenizenError, type ErrorData } from "../../core/errors.ts";
import {
  type AgentInfo,
  type Cell,
  type Denial,
  type Fleet,
  type Flight,
  type Landing,
  type ModuleHost,
  RECYCLED,
  type Tenant,
} from "../cells/mod.ts";
import type { Activation } from "./activation.ts";
import type { ActorWork } from "./letter.ts";

export interface ActorTypeEvents {
  /** The activation has a cell: its state is to be loaded, then it starts. */
  onPlaced(activation: Activation): void;
  onLandings(cell: Cell, landings: Landing[]): void;
  /** An agent has one cell more. */
  onAgentRoom(type: ActorType): void;
  onMessage(cell: Cell, flight: Flight, item: MessageItem): void;
  onActorItem(type: ActorType, cell: Cell, item: ActorItem): void;
  /** Somebody in a cell makes frames; `from` is its address, or the pattern of all who are there. */
  onStrays(from: string): void;
  onReport(work: ActorWork, report: AttemptReport): void;
  /** The work has gone on beyond its time and the grace after it. */
  onOverdue(work: ActorWork, verdict: ErrorData): void;
  /** `seats` and `flights` were in it. */
  onCellGone(
    type: ActorType,
    cell: Cell,
    seats: Activation[],
    flights: Flight[],
    error: ErrorData,
  ): void;
  /** No cell can be had: what waits for one cannot start. */
  onUnavailable(waiting: Activation[], error: ErrorData, denials: Denial[]): void;
  /** The cell comes close to its limit of memory. */
  onPressure(seats: Iterable<Activation>): void;
}

/** Messages that an agent works on at once in one cell. */
const AGENT_CONCURRENCY = 16;

export class ActorType implements Tenant {
  readonly noun = "message";
  readonly spec: ActorSpec;
  readonly manifest: AgentManifest;
  readonly code: string;
  readonly host: ModuleHost;
  readonly cells = new Set<Cell>();
  /** `null` until the module was loaded once. */
  info: AgentInfo | null = null;
  readonly #events: ActorTypeEvents;
  readonly #fleet: Fleet;
  /** Activations that wait for a cell. */
  readonly #placing = new Set<Activation>();
  readonly #seats = new Map<Cell, Map<number, Activation>>();
  #describing: PromiseWithResolvers<AgentInfo> | null = null;
  #isClosed = false;
  #residents = 0;

  constructor(
    spec: ActorSpec,
    content: { manifest: AgentManifest; code: string; host: ModuleHost },
    fleet: Fleet,
    events: ActorTypeEvents,
  ) {
    this.spec = spec;
    this.manifest = content.manifest;
    this.code = content.code;
    this.host = content.host;
    this.#fleet = fleet;
    this.#events = events;
  }

  get isAgent(): boolean {
    return this.info?.kind === "agent";
  }

  /** Loads the module once, to know what it is. Rejects with what kept it from being loaded. */
  async describe(): Promise<AgentInfo> {
    if (this.info !== null) return this.info;
    const describing = this.#describing ??= Promise.withResolvers<AgentInfo>();
    this.#fleet.feed(this);
    return await describing.promise;
  }

  /** Its cells are no longer needed. */
  close(): void {
    this.#isClosed = true;
    this.#describing?.reject(
      new DenizenError("SYSTEM_STOPPED", {
        message: "The actor system has stopped",
      }),
    );
    this.#describing?.promise.catch(() => {});
    for (const cell of this.cells) cell.kill(RECYCLED);
  }

  /** Wants a cell for an activation; `onPlaced` follows, perhaps at once. */
  request(activation: Activation): void {
    this.#placing.add(activation);
    this.#fleet.feed(this);
  }

  /** The activation does not want a cell any more, or leaves the one it has. */
  leave(activation: Activation): void {
    this.#placing.delete(activation);
    const { cell, seat } = activation;
    activation.cell = null;
    activation.seat = 0;
    if (cell === null || this.#seats.get(cell)?.delete(seat) !== true) return;
    this.#residents--;
    // Whatever it left in its cell ends with it: timers, workers, what it holds in memory.
    if (this.spec.isolation === "own") cell.kill(RECYCLED);
    if (this.#seatsIn(cell) === 0) cell.idleSince = performance.now();
    if (this.#placing.size > 0) this.#fleet.feed(this);
  }

  /** The activation that a frame of the cell means. */
  seatOf(cell: Cell, seat: number): Activation | undefined {
    return this.#seats.get(cell)?.get(seat);
  }

  /** Cells that take messages of an agent, the one with least to do first. */
  *agentRooms(): Generator<{ cell: Cell; room: number }> {
    const ready = [...this.cells].filter((cell) => cell.state === "ready");
    ready.sort((a, b) => a.flights.size - b.flights.size);
    for (const cell of ready) yield { cell, room: AGENT_CONCURRENCY - cell.flights.size };
  }

  /** Starts a cell for an agent that has more to do than its cells can take. */
  grow(): void {
    const isComing = [...this.cells].some((cell) => cell.isAlive && cell.state !== "ready");
    if (!isComing && this.cells.size < this.manifest.replicas.max) this.#fleet.start(this, 1);
  }

  // --- as a tenant of the fleet ---

  place(): void {
    for (const activation of this.#placing) {
      const cell = this.#cellFor(activation);
      if (cell === null) continue;
      this.#placing.delete(activation);
      this.#seat(activation, cell);
      this.#events.onPlaced(activation);
    }
  }

  #seat(activation: Activation, cell: Cell): void {
    activation.cell = cell;
    if (this.isAgent) return;
    activation.seat = ++cell.seats;
    if (activation.isSuspect) cell.isExclusive = true;
    let seats = this.#seats.get(cell);
    if (seats === undefined) this.#seats.set(cell, seats = new Map());
    seats.set(activation.seat, activation);
    this.#residents++;
  }

  /** A suspect needs a cell in which nothing else is at work; `own` one in which nothing else is. */
  #cellFor({ isSuspect }: Activation): Cell | null {
    const needsOwn = !this.isAgent && this.spec.isolation === "own";
    let best: Cell | null = null;
    for (const cell of this.cells) {
      if (cell.state !== "ready" || cell.isExclusive) continue;
      const seats = this.#seatsIn(cell);
      if ((needsOwn && seats > 0) || (isSuspect && cell.flights.size > 0)) continue;
      if (best === null || seats < this.#seatsIn(best)) best = cell;
    }
    return best;
  }

  /** The activations that live in a cell. */
  seatsOf(cell: Cell): Iterable<Activation> {
    return this.#seats.get(cell)?.values() ?? [];
  }

  #seatsIn(cell: Cell): number {
    return this.#seats.get(cell)?.size ?? 0;
  }

  /** Shared cells are as many as `replicas` allow; what must be alone may take one more. */
  missing(): number {
    const isUnknown = this.#describing !== null;
    if (this.#isClosed || (this.#placing.size === 0 && !isUnknown)) return 0;
    let alive = 0;
    let coming = 0;
    for (const cell of this.cells) {
      if (!cell.isAlive) continue;
      alive++;
      if (cell.state !== "ready") coming++;
    }
    if (isUnknown) return Math.max(0, 1 - alive);
    const suspects = [...this.#placing].filter(({ isSuspect }) => isSuspect).length;
    const max = Math.max(1, this.manifest.replicas.max) + (suspects > 0 ? 1 : 0);
    const wanted = this.isAgent ? 1 : Math.min(max, this.#placing.size + this.#residents);
    return Math.max(0, Math.min(wanted - alive, this.#placing.size - coming));
  }

  /** Activations that wait for cells of their own while others hold as many as there may be. */
  get crowd(): number {
    if (this.spec.isolation !== "own" || this.#placing.size === 0) return 0;
    let held = 0;
    for (const cell of this.cells) {
      const isHeld = [...this.seatsOf(cell)].some(({ status }) => status !== "stopping");
      if (cell.isAlive && isHeld) held++;
    }
    return Math.max(0, this.#placing.size - (Math.max(1, this.manifest.replicas.max) - held));
  }

  keepsIdle(cell: Cell): "no" | "longer" | "always" {
    if (this.#seatsIn(cell) > 0) return "always";
    return this.cells.size <= this.manifest.replicas.min ? "longer" : "no";
  }

  onLoaded(_cell: Cell, info: AgentInfo): void {
    const isNews = this.info === null;
    this.info = info;
    if (!isNews && this.isAgent) this.#events.onAgentRoom(this);
    this.#describing?.resolve(info);
    this.#describing = null;
  }

  onLandings(cell: Cell, landings: Landing[]): void {
    this.#events.onLandings(cell, landings);
  }

  onMessage(cell: Cell, flight: Flight, item: MessageItem): void {
    this.#events.onMessage(cell, flight, item);
  }

  onActorItem(cell: Cell, item: ActorItem): void {
    this.#events.onActorItem(this, cell, item);
  }

  onStrays(cell: Cell): void {
    const { name } = this.spec;
    const [first, ...others] = this.#seats.get(cell)?.values() ?? [];
    const whole = this.isAgent ? `actor://${name}` : `actor://${name}/*`;
    this.#events.onStrays(first !== undefined && others.length === 0 ? first.address : whole);
  }

  onReport(_cell: Cell, { work }: Flight, report: AttemptReport): void {
    this.#events.onReport(work as ActorWork, report);
  }

  onOverdue(cell: Cell, { work, verdict }: Flight): void {
    // Nothing in it can be dropped alone.
    if (this.isAgent) return cell.kill(verdict!);
    this.#events.onOverdue(work as ActorWork, verdict!);
  }

  onPressure(cell: Cell): void {
    this.#events.onPressure(this.seatsOf(cell));
  }

  onGone(cell: Cell, flights: Flight[], error: ErrorData): void {
    const seats = [...this.#seats.get(cell)?.values() ?? []];
    this.#seats.delete(cell);
    this.#residents -= seats.length;
    for (const activation of seats) {
      activation.cell = null;
      activation.seat = 0;
    }
    // Nobody is left who would do anything about it.
    if (this.#isClosed) return;
    this.#events.onCellGone(this, cell, seats, flights, error);
  }

  onUnavailable(error: ErrorData, denials: Denial[]): void {
    const { code } = error;
    const message = `Cannot load actor "${this.spec.name}": ${error.message}`;
    this.#describing?.reject(new DenizenError(code, { message }));
    this.#describing = null;
    const waiting = [...this.#placing];
    this.#placing.clear();
    this.#events.onUnavailable(waiting, error, denials);
  }
}
