/**
 * Brings activations up and down: places, states, starts, stops, crashes.
 *
 * @module
 */
import type { DynamicSupervisor } from "../../actors/supervision/mod.ts";
import { formatAddress, MailPool, MAIN_KEY, parseAddress } from "../../actors/messages/mod.ts";
import type { AttemptOutcome } from "../../actors/attempt.ts";
import type { SeatRow } from "../../actors/frames.ts";
import type { StoredState } from "../../core/actor_ports.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { type Cell, type Denial, RECYCLED } from "../cells/mod.ts";
import { Activation } from "./activation.ts";
import type { ActorType } from "./actor_type.ts";
import type { ActorWork } from "./letter.ts";
import type { Parts } from "./parts.ts";
import { endedError, noActor } from "./refusals.ts";
import { Residents } from "./residents.ts";
import { SpentRates } from "./spent_rates.ts";
import { StateLoader } from "./state_loader.ts";
import { VirtualRestarts } from "./virtual_restarts.ts";

/** Virtual actors with mail at once, resident or not. */
const ACTIVATIONS_MAX = 250_000;
/** What the instances of one definition may have sent that waits to be handled. */
const WAITING_CHARS_MAX = 64 * 1024 * 1024;
/** Idle activations are looked through so often. */
const IDLE_TICK_MS = 1_000;
export class Activator {
  readonly #parts: Parts;
  readonly #all = new Map<string, Activation>();
  readonly #residents: Residents;
  readonly #pool = new MailPool(WAITING_CHARS_MAX);
  readonly #restarts: VirtualRestarts;
  /** Virtual actors that wait for the end of their restart delay. */
  readonly #delays = new Map<Activation, ReturnType<typeof setTimeout>>();
  readonly #rates = new SpentRates(ACTIVATIONS_MAX);
  readonly #states: StateLoader;
  readonly #idleTimer: ReturnType<typeof setInterval>;
  #isStopping = false;
  /** Resolves when no activation is resident any more. */
  #empty: PromiseWithResolvers<void> | null = null;

  constructor(
    parts: Parts,
    loadStates: (addresses: string[]) => Promise<(StoredState | null)[]>,
  ) {
    this.#parts = parts;
    this.#restarts = new VirtualRestarts(parts);
    this.#states = new StateLoader({
      read: loadStates,
      onLoaded: (activation, stored) => this.#sendStart(activation, stored),
      onFailed: (activation, error) => this.crash(activation, error, null),
      onRead: () => parts.courier.wake(),
    });
    this.#residents = new Residents({
      max: parts.definition.residentMax,
      now: () => parts.now(),
      onGranted: (activation) => {
        activation.status = "placing";
        activation.type.request(activation);
        if (activation.status === "placing") this.#makeRoom(activation.type);
      },
      onEvict: (activation) => this.passivate(activation, "idle"),
    });
    this.#idleTimer = setInterval(() => this.#passivateIdle(), IDLE_TICK_MS);
  }

  get residents(): number {
    return this.#residents.size;
  }

  get size(): number {
    return this.#all.size;
  }

  all(): Iterable<Activation> {
    return this.#all.values();
  }

  dynamic(): Iterable<DynamicSupervisor> {
    return this.#restarts.all();
  }

  find(address: string): Activation | undefined {
    return this.#all.get(address);
  }

  /** Why an actor handles nothing now, for who waits in vain; `null` when it does. */
  whyIdle(address: string): string | null {
    const activation = this.#all.get(address);
    switch (activation?.status) {
      case "queued":
        return "it waits for a place among the residents";
      case "placing":
        return "it waits for a cell";
      case "starting":
        return "it is starting";
      case "down": {
        const error = this.#restarts.lastError(activation.type.spec.name, activation.key);
        return error === null
          ? "it waits to be started"
          : `it waits to be started again after ${error.code}: ${error.message}`;
      }
      default:
        return null;
    }
  }

  /** The activation of an address, made if it is not there; an error when there can be none. */
  ensure(address: string): Activation | { error: ErrorData } {
    const known = this.#all.get(address) ?? this.#findMain(address);
    if (known !== undefined) return known;
    const parsed = parseAddress(address);
    if ("problem" in parsed) return { error: noActor(parsed.problem) };
    const type = this.#parts.types.get(parsed.name);
    if (type === undefined) {
      const names = [...this.#parts.types.keys()].join(", ");
      return { error: noActor(`Cannot find actor "${parsed.name}"; this system has ${names}`) };
    }
    if (type.isAgent && parsed.key !== null && parsed.key !== MAIN_KEY) {
      return { error: noActor(`Agent "${parsed.name}" has no instances: leave out its key`) };
    }
    return this.#make(type, type.isAgent ? null : parsed.key ?? MAIN_KEY);
  }

  /** Without a key it is the main instance. */
  #findMain(address: string): Activation | undefined {
    const hasKey = address.indexOf("/", "actor://".length) >= 0;
    return hasKey ? undefined : this.#all.get(`${address}/${MAIN_KEY}`);
  }

  #make(type: ActorType, key: string | null): Activation | { error: ErrorData } {
    const address = formatAddress(type.spec.name, key);
    const known = this.#all.get(address);
    if (known !== undefined) return known;
    if (this.#all.size >= ACTIVATIONS_MAX) {
      const message = `${ACTIVATIONS_MAX} actors have messages waiting`;
      return { error: { code: "OVERLOADED", message, details: { retryAfterMs: 1_000 } } };
    }
    const bucket = this.#rates.take(address);
    const activation = new Activation(type, key, address, this.#parts.now(), this.#pool, bucket);
    this.#all.set(address, activation);
    return activation;
  }

  /** It has mail: a virtual actor comes up. Children of the tree wait for their supervisor. */
  wake(activation: Activation): void {
    if (activation.status !== "down" || activation.child !== null || this.#isStopping) return;
    // What it left is being written: it must read it.
    if (activation.unsettled > 0 || this.#delays.has(activation)) return;
    const waitMs = this.#restarts.delayMs(activation.type.spec.name, activation.key);
    if (waitMs <= 0) return this.#residents.request(activation);
    const timer = setTimeout(() => {
      this.#delays.delete(activation);
      if (this.#hasMail(activation)) this.wake(activation);
      else this.#retire(activation);
    }, waitMs);
    this.#delays.set(activation, timer);
  }

  /** A child of the tree starts. */
  startChild(id: string, incarnation: number, name: string, key: string): void {
    const type = this.#parts.types.get(name)!;
    const activation = this.#make(type, type.isAgent ? null : key);
    if ("error" in activation) {
      return this.#parts.tree.startFailed({ id, incarnation }, activation.error);
    }
    // A virtual actor with this address: it goes first.
    if (activation.child === null && activation.status !== "down") {
      this.#dropNow(activation);
    }
    activation.child = { id, incarnation };
    activation.status = "down";
    this.#residents.request(activation);
  }

  /** A child of the tree stops; `mustDie` once its time is over. */
  stopChild(address: string, incarnation: number, mustDie: boolean): void {
    const activation = this.#all.get(address);
    const child = activation?.child;
    if (activation === undefined || child?.incarnation !== incarnation) return;
    if (activation.status === "running" && !mustDie) return this.passivate(activation, "shutdown");
    if (activation.status === "stopping" && !mustDie) return;
    this.#dropNow(activation);
    this.#parts.tree.exited(child, { type: "shutdown" });
  }

  /** Its supervisor has given it up, or may start it again. */
  markEnded(address: string, isEnded: boolean): void {
    const activation = this.#all.get(address);
    if (activation === undefined || activation.isResident) return;
    activation.status = isEnded ? "ended" : "down";
    if (isEnded) this.#parts.courier.refuseAll(activation, endedError(address));
  }

  // --- coming up ---

  onPlaced(activation: Activation): void {
    if (activation.type.isAgent) return this.#run(activation);
    if (activation.type.info?.isPersistent !== true) return this.#sendStart(activation, null);
    activation.status = "loading";
    if (activation.unsettled === 0) return this.#states.load(activation);
    // A child that broke comes back at once: what it left is still being written.
    const { seat } = activation;
    this.#parts.mail.after(activation, () => {
      if (activation.status === "loading" && activation.seat === seat) {
        this.#states.load(activation);
      }
    });
  }

  #sendStart(activation: Activation, stored: StoredState | null): void {
    const { cell, seat, key, address } = activation;
    activation.status = "starting";
    activation.version = stored?.version ?? 0;
    const work = this.#newWork("start", activation);
    const state: [Json] | null = stored === null ? null : [JSON.parse(stored.text)];
    const seq = this.#begin(cell!, work);
    const row: SeatRow = [seq, seat, address, key!, state, activation.version];
    this.#parts.outgoing.activate(cell!, row, stored?.text.length ?? 0);
    this.#parts.courier.wake();
  }

  #newWork(kind: "start" | "stop", activation: Activation): ActorWork {
    const { handleMs, heartbeatMs } = activation.type.spec.timeout;
    return {
      kind,
      activation,
      letter: null,
      flight: null,
      sends: 0,
      timeoutMs: handleMs,
      heartbeatMs,
    };
  }

  #begin(cell: Cell, work: ActorWork): number {
    const flight = cell.begin(work, performance.now());
    // Its time begins when its turn comes.
    if (work.activation.inFlight.size > 0) flight.deadlineAt = Infinity;
    work.flight = flight;
    work.activation.begin(flight, work);
    return flight.seq;
  }

  #run(activation: Activation): void {
    activation.status = "running";
    activation.startedAt = this.#parts.now();
    const { child, cell, isSuspect } = activation;
    // The cell came to rest when it had started, and takes part again unless it is told otherwise.
    if (isSuspect && cell !== null) cell.isExclusive = true;
    if (child !== null) this.#parts.tree.started(child);
    this.#parts.courier.note(activation);
  }

  /** `onStart` or `onStop` is over. */
  onHook({ kind, activation }: ActorWork, outcome: AttemptOutcome): void {
    if (outcome.status === "failed") return this.crash(activation, outcome.error, null);
    if (kind === "start") return this.#run(activation);
    const { child, stopReason } = activation;
    // Nothing, unless the worker forges frames.
    if (activation.inFlight.size > 0) this.#takeBack(activation);
    this.#leave(activation);
    if (child !== null) {
      const type = stopReason === "normal" ? "normal" : "shutdown";
      this.#parts.tree.exited(child, { type });
    }
    this.settle(activation);
  }

  // --- going down ---

  /** Asks it to end in order, once what was sent to it is handled. */
  passivate(activation: Activation, reason: "idle" | "shutdown" | "normal"): void {
    if (activation.status !== "running") return;
    activation.stopReason = reason;
    if (activation.type.isAgent) {
      this.#leave(activation);
      if (activation.child !== null) {
        this.#parts.tree.exited(activation.child, {
          type: reason === "normal" ? "normal" : "shutdown",
        });
      }
      return;
    }
    activation.status = "stopping";
    this.#residents.noteLeaving(activation);
    const cell = activation.cell!;
    const work = this.#newWork("stop", activation);
    // How long a child may take, its supervisor says.
    if (activation.child !== null) work.timeoutMs = Infinity;
    const seq = this.#begin(cell, work);
    this.#parts.outgoing.flush();
    cell.send(["passivate", seq, activation.seat, reason]);
  }

  #passivateIdle(): void {
    const now = this.#parts.now();
    this.#rates.sweep(now);
    for (const activation of this.#residents.idle()) {
      if (now - activation.idleSince > activation.type.spec.idleMs) {
        this.passivate(activation, "idle");
      }
    }
    this.#residents.evict();
  }

  /** Its cell is short of memory: those without work go. */
  relieve(seats: Iterable<Activation>): void {
    for (const activation of [...seats]) {
      if (activation.child === null && activation.inFlight.size === 0) {
        this.passivate(activation, "idle");
      }
    }
  }

  noteIdle(activation: Activation, isIdle: boolean): void {
    if (isIdle) activation.idleSince = this.#parts.now();
    this.#residents.note(activation, isIdle);
    if (isIdle) this.#makeRoom(activation.type);
  }

  /** Cells of their own are few: those without work give theirs to those that wait for one. */
  #makeRoom(type: ActorType): void {
    if (type.crowd === 0) return;
    for (const one of this.#residents.idleOf(type)) {
      if (type.crowd === 0) return;
      this.passivate(one, "idle");
    }
  }

  /** It broke. `culprit` is what it was doing; the rest of what it had is delivered again. */
  crash(activation: Activation, error: ErrorData, culprit: ActorWork | null): void {
    if (!activation.isResident) return;
    const { child, address, startedAt } = activation;
    const wasStarting = startedAt === null;
    this.#takeFromCell(activation);
    this.#parts.courier.recover(activation, culprit, error);
    this.#leave(activation);
    this.#parts.tell({ type: "crashed", address, error });
    if (child === null) this.#recordCrash(activation, startedAt, error);
    else if (wasStarting) this.#parts.tree.startFailed(child, error);
    else this.#parts.tree.exited(child, { type: "crash", error });
    if (child === null && wasStarting) this.#parts.courier.failToStart(activation, error);
    this.settle(activation);
  }

  #recordCrash(activation: Activation, startedAt: number | null, error: ErrorData): void {
    const { type: { spec: { name } }, key } = activation;
    this.#restarts.record({ name, key, startedAt, error });
    this.#parts.tree.noteChange();
  }

  /** The cell forgets it: what its worker still says of it is not heard. */
  #takeFromCell(activation: Activation): void {
    const { cell, seat } = activation;
    if (cell === null) return;
    for (const { seq } of activation.inFlight.keys()) cell.forget(seq);
    if (seat === 0 || cell.state !== "ready") return;
    // What was sent to it must not come after that.
    this.#parts.outgoing.flush();
    cell.send(["drop", seat]);
  }

  #dropNow(activation: Activation): void {
    // What an agent works on is independent of it.
    if (!activation.type.isAgent) this.#takeBack(activation);
    this.#leave(activation);
  }

  #takeBack(activation: Activation): void {
    this.#takeFromCell(activation);
    this.#parts.courier.recoverStopped(activation, {
      code: "ACTOR_STOPPED",
      message: `Actor "${activation.address}" was stopped`,
    });
  }

  #leave(activation: Activation): void {
    if (activation.isSuspect) this.#parts.courier.acquit(activation);
    if (!activation.type.isAgent) this.#parts.askDesk.forget(activation);
    activation.type.leave(activation);
    activation.status = "down";
    activation.startedAt = null;
    activation.stopReason = null;
    activation.endAll();
    this.#residents.release(activation);
    if (this.#empty !== null) this.#checkEmpty();
  }

  /** Nothing concerns it any more, or it comes up again. */
  settle(activation: Activation): void {
    if (activation.status !== "down" || activation.child !== null) return;
    if (activation.unsettled > 0) return;
    if (this.#hasMail(activation)) this.wake(activation);
    else this.#retire(activation);
  }

  #hasMail({ mailbox, address }: Activation): boolean {
    return !mailbox.isEmpty || this.#parts.mail.hasWork(address);
  }

  #retire(activation: Activation): void {
    if (activation.status !== "down" || activation.child !== null) return;
    if (activation.unsettled > 0) return;
    this.#parts.courier.releaseAcks(activation);
    clearTimeout(this.#delays.get(activation));
    this.#delays.delete(activation);
    activation.status = "retired";
    const { address, bucket } = activation;
    if (bucket !== null) this.#rates.keep(address, bucket, this.#parts.now());
    this.#all.delete(address);
  }

  // --- what happens to cells ---

  /**
   * The cell of several activations is gone. What was at work may be to blame: exactly one, and it
   * is; of several nobody knows. Those without work go on elsewhere.
   */
  onCellGone(seats: Activation[], error: ErrorData): void {
    const busy = seats.filter(({ inFlight }) => inFlight.size > 0);
    const guilty = busy.length === 1 && isGuilty(busy[0]!) ? busy[0]! : null;
    for (const activation of seats) {
      if (activation === guilty) this.crash(activation, error, activation.head);
      else this.#relocate(activation, error);
    }
    if (guilty === null) this.#tellCellGone(seats, error);
    this.#parts.courier.wake();
  }

  /** Nobody is blamed, but that the cell had to be ended is told. */
  #tellCellGone([first, ...others]: Activation[], error: ErrorData): void {
    if (first === undefined || error === RECYCLED) return;
    const address = others.length === 0 ? first.address : `actor://${first.type.spec.name}/*`;
    this.#parts.tell({ type: "crashed", address, error });
  }

  /** A cell of an agent broke. As a child of the tree it is started again by its supervisor. */
  onAgentCellGone(activation: Activation, error: ErrorData): void {
    this.#parts.tell({ type: "crashed", address: activation.address, error });
    const { child } = activation;
    if (child === null || activation.status !== "running") return;
    activation.status = "down";
    activation.startedAt = null;
    this.#parts.tree.exited(child, { type: "crash", error });
  }

  #relocate(activation: Activation, error: ErrorData): void {
    const { head, child } = activation;
    const isSuspect = this.#parts.courier.recoverSuspect(activation, head, error);
    if (activation.status === "stopping" && child !== null) {
      this.#leave(activation);
      return this.#parts.tree.exited(child, { type: "shutdown" });
    }
    this.#leave(activation);
    activation.isSuspect = isSuspect;
    if (child === null) this.settle(activation);
    else this.#residents.request(activation);
  }

  onUnavailable(waiting: Activation[], error: ErrorData, denials: Denial[]): void {
    for (const activation of waiting) {
      for (const denial of denials) {
        this.#parts.tell({ type: "denied", address: activation.address, ...denial });
      }
      this.crash(activation, error, null);
    }
  }

  // --- the end ---

  /** Ends all virtual actors in order. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#idleTimer);
    for (const timer of this.#delays.values()) clearTimeout(timer);
    this.#delays.clear();
    this.#empty = Promise.withResolvers<void>();
    // Or each that goes would make room for another one.
    for (const activation of this.#all.values()) {
      if (activation.status === "queued") this.#leave(activation);
    }
    for (const activation of [...this.#all.values()]) {
      if (activation.status === "running") this.passivate(activation, "shutdown");
      else if (activation.isResident && activation.status !== "stopping") {
        this.#dropNow(activation);
      }
    }
    this.#checkEmpty();
    await this.#empty.promise;
  }

  /** The cells are about to be killed. */
  abandon(): void {
    this.#isStopping = true;
    clearInterval(this.#idleTimer);
    for (const timer of this.#delays.values()) clearTimeout(timer);
    this.#empty?.resolve();
  }

  #checkEmpty(): void {
    for (const activation of this.#all.values()) if (activation.isResident) return;
    this.#empty?.resolve();
  }
}

/**
 * Whether an activation ended its cell by what stands first with it. Of several durable messages the
 * first may have been done, and its answer lost with the cell: then they are tried one by one.
 */
function isGuilty({ head, inFlight }: Activation): boolean {
  return inFlight.size === 1 || head?.letter?.delivery == null;
}
