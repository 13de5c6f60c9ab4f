/**
 * The door to an actor system of a cluster, wherever that is led now.
 *
 * An ask goes again to a new leader only where it is certain that the old one did not begin it; else
 * it fails with `UNAVAILABLE`. A durable message goes until it is taken: its id makes repeats
 * harmless. Messages stay in order, and an ask comes behind the messages before it; asks that are
 * open at the same time have no order.
 *
 * @module
 */
import type { MessageItem } from "../../../actors/frames.ts";
import { DenizenError } from "../../../core/errors.ts";
import type { Json } from "../../../core/json.ts";
import type { ActorSystem, AskOptions, SystemDoor, TellOptions } from "../../actors/mod.ts";
import type { Cell, Flight, Seals } from "../../cells/mod.ts";
import type { NodeLink } from "../link/mod.ts";
import { AttemptMessages } from "./attempt_messages.ts";
import { isMoving, isUndone, moving } from "./moving.ts";
import { type SealedPayload, sealPayload } from "./outside_seals.ts";
import { SYSTEM_METHODS, tellAll, type TellRow } from "./system_service.ts";
import { TellQueue, withId } from "./tell_queue.ts";

/** Who leads the system: this node, or the one at that URL. */
export type Leader = ActorSystem | string;

export interface SystemRouteOptions {
  name: string;
  link: () => NodeLink;
  /** The system, while this node leads it. */
  local: () => ActorSystem | null;
  /**
   * Looks who leads the system; where nobody does, sees to it that somebody does.
   *
   * @throws {UnavailableError} `UNAVAILABLE` when nobody can be found now
   */
  locate: () => Promise<Leader>;
}

const ASK_MS = 5_000;
/** How long the leader's own word on a time limit is waited for. */
const GRACE_MS = 500;
const TELL_MS = 10_000;
/** Between two looks for a leader. */
const PAUSE_MS = 50;
/** Platform timers take 31 bits. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class SystemRoute implements SystemDoor {
  readonly #options: SystemRouteOptions;
  readonly #tells: TellQueue;
  readonly #messages = new AttemptMessages(this);
  /** Calls that wait for another node, by its URL. */
  readonly #calling = new Map<string, AbortController>();
  /** The other node that led it when last looked. */
  #url: string | null = null;
  #isClosed = false;
  /** For messages to actors that encrypt; without, the leader seals them. */
  seals: Seals | null = null;

  constructor(options: SystemRouteOptions) {
    this.#options = options;
    this.#tells = new TellQueue({
      system: options.name,
      send: (rows) => this.#sendRows(rows),
      pause,
    });
  }

  /** Other nodes that are waited for. */
  get urls(): string[] {
    return [...this.#calling.keys()];
  }

  async ask(to: string, type: string, payload: Json = null, options: AskOptions = {}) {
    const { timeoutMs = ASK_MS, lane, signal } = options;
    const ending = new AbortController();
    const late = Promise.withResolvers<never>();
    const giveUp = (error: DenizenError) => {
      late.reject(error);
      ending.abort();
    };
    const onAbort = () => giveUp(cancelled());
    const timer = setTimeout(
      () => giveUp(timedOut(to)),
      Math.min(timeoutMs + GRACE_MS, TIMER_MS_MAX),
    );
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    try {
      const endsAt = performance.now() + timeoutMs;
      const sealed = sealPayload(this.seals, payload, { to, type });
      const request = { to, type, sealed, ...(lane && { lane }) };
      const answering = this.#ask(request, endsAt, ending.signal);
      return sealed.open(await Promise.race([late.promise, answering]));
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async tell(to: string, type: string, payload: Json = null, options: TellOptions = {}) {
    const known = withId(options);
    const message = { to, type, ...(known.id === undefined ? {} : { id: known.id }) };
    const sealed = sealPayload(this.seals, payload, message);
    const { sealedId } = sealed;
    const row = { to, type, payload: sealed.payload, options: known };
    await this.#tells.put(
      sealedId === undefined ? row : { ...row, options: { ...known, sealedId } },
    );
  }

  publish(topic: string, payload: Json = null, options: TellOptions = {}): Promise<void> {
    return this.tell(`topic:${topic}`, "event", payload, options);
  }

  onAttemptMessage(cell: Cell, _flight: Flight, item: MessageItem): void {
    this.#messages.take(cell, item);
  }

  forgetCell(cell: Cell): void {
    this.#messages.forgetCell(cell);
  }

  /** That node leads no longer, or does not live: nobody waits for what it may still answer. */
  leave(url: string): void {
    if (this.#url === url) this.#url = null;
    this.#calling.get(url)?.abort();
    this.#calling.delete(url);
  }

  close(): void {
    this.#isClosed = true;
    this.#tells.stop();
    for (const url of [...this.#calling.keys()]) this.leave(url);
  }

  async #ask(request: AskRequest, endsAt: number, signal: AbortSignal): Promise<Json> {
    await this.#tells.passed();
    for (;;) {
      const leftMs = endsAt - performance.now();
      try {
        return await this.#askLeader(request, Math.max(1, leftMs), signal);
      } catch (error) {
        if (!isMoving(error)) throw error;
        this.#url = null;
        const isOver = leftMs <= PAUSE_MS || this.#isClosed || signal.aborted;
        if (isOver || !isUndone(error)) throw moving(this.#options.name, error);
      }
      await pause();
    }
  }

  async #askLeader(
    { to, type, sealed: { payload, sealedId }, lane }: AskRequest,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Json> {
    const leader = await this.#find();
    const options = { timeoutMs, ...(lane && { lane }), ...(sealedId && { sealedId }) };
    if (typeof leader !== "string") {
      return await leader.ask(to, type, payload, { ...options, signal });
    }
    const body = { system: this.#options.name, to, type, payload, options };
    return await this.#call(leader, SYSTEM_METHODS.ask, body, timeoutMs + GRACE_MS, signal);
  }

  async #sendRows(rows: TellRow[]): Promise<Json[]> {
    try {
      const leader = await this.#find();
      if (typeof leader !== "string") return await this.#noteStops(tellAll(leader, rows));
      const body = { system: this.#options.name, rows } as unknown as Json;
      const results = await this.#call(leader, SYSTEM_METHODS.tell, body, TELL_MS);
      return await this.#noteStops(Promise.resolve(results as Json[]));
    } catch (error) {
      this.#url = null;
      throw error;
    }
  }

  /** Whoever has stopped is not asked again. */
  async #noteStops(telling: Promise<Json[]>): Promise<Json[]> {
    const results = await telling;
    if (results.some((result) => result !== null)) this.#url = null;
    return results;
  }

  async #call(url: string, method: string, body: Json, timeoutMs: number, signal?: AbortSignal) {
    const calling = this.#calling.get(url) ?? new AbortController();
    this.#calling.set(url, calling);
    const signals = signal === undefined ? [calling.signal] : [calling.signal, signal];
    return await this.#options.link().call(url, method, body, {
      timeoutMs,
      signal: AbortSignal.any(signals),
    });
  }

  async #find(): Promise<Leader> {
    const { local, locate } = this.#options;
    const here = local();
    if (here !== null) return here;
    const leader = this.#url ?? await locate();
    this.#url = typeof leader === "string" ? leader : null;
    return leader;
  }
}

interface AskRequest {
  to: string;
  type: string;
  sealed: SealedPayload;
  lane?: AskOptions["lane"];
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

function cancelled(): DenizenError {
  return new DenizenError("CANCELLED", { message: "The asker gave up" });
}

function timedOut(to: string): DenizenError {
  return new DenizenError("TIMEOUT", { message: `No answer from "${to}" in time` });
}
