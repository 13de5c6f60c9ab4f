/**
 * The activations of an actor in this worker. Each handles its messages one after the other, to the
 * end of each, whatever it awaits meanwhile. Runs inside the worker.
 *
 * @module
 */
import { type DeliveryRow, ITEM, type SeatRow } from "../../../actors/frames.ts";
import { ActorContext, type Delivery, type SeatView } from "./actor_context.ts";
import { codedError, type Failure, toFailure } from "./failure.ts";
import { check, type Contract, type Schema } from "./schema_check.ts";
import type { Seals } from "./seals.ts";
import type { Outlet, WorkContext } from "./work_context.ts";

/** The default export of an actor's module, as far as the boot code uses it. */
export interface Actor {
  name: string;
  state?: Schema;
  initial?(key: string, options: Record<string, unknown>): unknown;
  isPersistent: boolean;
  messages: Record<string, Contract>;
  on: Record<string, Handler>;
  onStart?(context: ActorContext): unknown;
  onStop?(context: ActorContext, reason: string): unknown;
}

type Handler = (payload: unknown, context: ActorContext) => unknown;

export interface SeatsOptions {
  actor: Actor;
  /** `with` of the system file. */
  options: Record<string, unknown>;
  outlet: Outlet;
  /** Work that the node may abort, by its `seq`. */
  running: Map<number, WorkContext>;
  /** Queues JSON text of an item; it leaves with the others of this turn. */
  send(item: string): void;
  /** `null` where no message is sealed. */
  seals: Seals | null;
}

/** Messages whose answers wait for those behind them, so that the state travels once for all. */
const BATCH_MAX = 64;
const UNTYPED: Contract = {};
/** Stands in a queue for the end of a block instead of a message. */
const UNBLOCK = -1;

const RECALLED: Failure = {
  code: "RECALLED",
  message: "An earlier message of the same sender is to be handled first",
  retryable: null,
  details: null,
};

const { parse, stringify } = JSON;

/** One activation. */
interface Seat extends SeatView {
  id: number;
  version: number;
  /** State after the last message that was handled, as JSON text. */
  text: string;
  /** State as the node has it, as JSON text. */
  sentText: string;
  queue: DeliveryRow[];
  /** Of {@linkcode queue}: what lies before was taken. */
  head: number;
  isBusy: boolean;
  isGone: boolean;
  /** Answers that must not leave before the state that belongs to them. */
  held: string[];
  /** Of the message that is handled now. */
  current: ActorContext | null;
  /** Streams of durable messages of which one failed: order wants that the rest goes back. */
  blocked: Set<string>;
}

export class Seats {
  readonly #options: SeatsOptions;
  readonly #seats = new Map<number, Seat>();

  constructor(options: SeatsOptions) {
    this.#options = options;
  }

  activate(rows: readonly SeatRow[]): void {
    for (const row of rows) void this.#activate(row);
  }

  deliver(rows: readonly DeliveryRow[]): void {
    const idle = new Set<Seat>();
    for (const row of rows) {
      const seat = this.#seats.get(row[1]);
      // Dropped a moment ago: the node knows, and delivers elsewhere.
      if (seat === undefined) continue;
      seat.queue.push(row);
      if (!seat.isBusy) idle.add(seat);
    }
    // All are queued first, so that what one seat answers leaves together.
    for (const seat of idle) void this.#work(seat);
  }

  passivate(seq: number, id: number, reason: string): void {
    const seat = this.#seats.get(id);
    if (seat === undefined) return;
    seat.queue.push([seq, id, "", reason, "", "", null]);
    if (!seat.isBusy) void this.#work(seat);
  }

  /** In line: what the node sent before it took the stream back is not to be handled. */
  unblock(id: number, stream: string): void {
    const seat = this.#seats.get(id);
    if (seat === undefined || !seat.blocked.has(stream)) return;
    if (!seat.isBusy) return void seat.blocked.delete(stream);
    seat.queue.push([UNBLOCK, id, "", stream, "", "", null]);
  }

  /** What it still does is not heard: its `ctx` is over, its answers name work that is forgotten. */
  drop(id: number): void {
    const seat = this.#seats.get(id);
    if (seat !== undefined) this.#forget(seat);
  }

  #forget(seat: Seat): void {
    seat.isGone = true;
    if (seat.current !== null) {
      seat.current.$abort(codedError("ACTOR_STOPPED", "The actor was stopped"));
      this.#end(seat, seat.current);
    }
    seat.queue = [];
    seat.head = 0;
    this.#seats.delete(seat.id);
  }

  // --- beginning and end ---

  async #activate([seq, id, address, key, state, version]: SeatRow): Promise<void> {
    const { actor } = this.#options;
    const seat: Seat = {
      id,
      address,
      key,
      state: undefined,
      version,
      text: state === null ? "" : stringify(state[0]),
      sentText: state === null ? "" : stringify(state[0]),
      queue: [],
      head: 0,
      isBusy: true,
      isGone: false,
      held: [],
      current: null,
      blocked: new Set(),
    };
    this.#seats.set(id, seat);
    const context = this.#contextOf(seat, { seq, type: "", from: "", id: "", meta: null });
    try {
      seat.state = await this.#firstState(seat, state);
      if (seat.isGone) return;
      await actor.onStart?.(context);
      if (seat.isGone) return;
      this.#noteState(seat);
      this.#end(seat, context);
      seat.held.push(`[${ITEM.COMPLETED},${seq},null]`);
      this.#settle(seat);
      void this.#work(seat);
    } catch (error) {
      this.#crash(seat, context, error);
    }
  }

  async #firstState(seat: Seat, stored: SeatRow[4]): Promise<unknown> {
    const { actor, options } = this.#options;
    const value = stored !== null
      ? stored[0]
      : actor.initial !== undefined
      ? await actor.initial(seat.key, options)
      : actor.state === undefined
      ? null
      : {};
    return actor.state === undefined
      ? value
      : await check(actor.state, value, "INVALID_STATE", `State of "${seat.address}"`);
  }

  async #stop(seat: Seat, [seq, , , reason]: DeliveryRow): Promise<void> {
    const context = this.#contextOf(seat, { seq, type: "", from: "", id: "", meta: null });
    try {
      await this.#options.actor.onStop?.(context, reason as string);
      if (seat.isGone) return;
      this.#noteState(seat);
      this.#end(seat, context);
      seat.held.push(`[${ITEM.COMPLETED},${seq},null]`);
      this.#settle(seat);
      this.#forget(seat);
    } catch (error) {
      this.#crash(seat, context, error);
    }
  }

  // --- messages ---

  /** Handles what is queued, until nothing is. */
  async #work(seat: Seat): Promise<void> {
    seat.isBusy = true;
    while (seat.head < seat.queue.length) {
      const row = this.#take(seat);
      if (row[0] === UNBLOCK) seat.blocked.delete(row[3] as string);
      else if (row[2] === "") {
        // Answers of messages before the end must not wait for it.
        this.#settle(seat);
        await this.#stop(seat, row);
      } else {
        const going = this.#handle(seat, row);
        if (going !== null) {
          // Answers of messages before this one must not wait for it.
          this.#settle(seat);
          await going;
        }
      }
      if (seat.isGone) return;
      if (seat.held.length >= BATCH_MAX) this.#settle(seat);
    }
    this.#settle(seat);
    seat.isBusy = false;
  }

  #take(seat: Seat): DeliveryRow {
    const row = seat.queue[seat.head++]!;
    if (seat.head === seat.queue.length) {
      seat.queue = [];
      seat.head = 0;
    }
    return row;
  }

  /** A promise where the handler gave one. */
  #handle(seat: Seat, [seq, , type, payload, from, id, meta]: DeliveryRow): Promise<void> | null {
    if (meta?.stream !== undefined && seat.blocked.has(meta.stream)) {
      seat.held.push(failedItem(seq, RECALLED));
      return null;
    }
    const context = this.#contextOf(seat, { seq, type, from, id, meta });
    try {
      const output = this.#perform(type, payload, context);
      if (isThenable(output)) {
        return Promise.resolve(output).then(
          (value) => this.#finish(seat, context, value),
          (error) => this.#fail(seat, context, error),
        );
      }
      this.#finish(seat, context, output);
    } catch (error) {
      this.#fail(seat, context, error);
    }
    return null;
  }

  #perform(type: string, payload: unknown, context: ActorContext): unknown {
    const { actor, seals } = this.#options;
    if (seals?.isReceiver) payload = seals.open(payload, context.$binding);
    const handler = Object.hasOwn(actor.on, type) ? actor.on[type] : undefined;
    if (typeof handler !== "function") throw unknownMessage(actor, type);
    const { input, output } = Object.hasOwn(actor.messages, type) ? actor.messages[type]! : UNTYPED;
    const checked = input === undefined
      ? payload
      : check(input, payload, "INVALID_INPUT", `Payload of "${type}"`);
    const result = isThenable(checked)
      ? Promise.resolve(checked).then((value) => handler.call(actor.on, value, context))
      : handler.call(actor.on, checked, context);
    if (output === undefined) return result;
    const toOutput = (value: unknown) =>
      check(output, value, "INVALID_OUTPUT", `Answer to "${type}"`);
    return isThenable(result) ? Promise.resolve(result).then(toOutput) : toOutput(result);
  }

  #finish(seat: Seat, context: ActorContext, value: unknown): void {
    if (seat.isGone) return;
    try {
      const text = this.#toAnswer(seat, context, value);
      this.#noteState(seat);
      this.#end(seat, context);
      seat.held.push(`[${ITEM.COMPLETED},${context.$seq},${text}]`);
    } catch (error) {
      this.#fail(seat, context, error);
    }
  }

  /** JSON text; sealed as the message was, so far as anybody waits for it. */
  #toAnswer({ address }: Seat, context: ActorContext, value: unknown): string {
    const { outlet, seals } = this.#options;
    const text = value === undefined ? "null" : outlet.toJson(value, `the actor "${address}"`);
    if (!seals?.isReceiver) return text;
    return context.$stream === undefined ? seals.sealAnswer(text, context.$binding) : "null";
  }

  /** An error with a code is an answer; any other breaks the actor. */
  #fail(seat: Seat, context: ActorContext, error: unknown): void {
    if (seat.isGone) return;
    if (!isAnswer(error)) return this.#crash(seat, context, error);
    // Of a message that failed, a state that is kept shows nothing.
    if (this.#options.actor.isPersistent) seat.state = parse(seat.text);
    this.#end(seat, context);
    const stream = context.$stream;
    if (stream !== undefined) seat.blocked.add(stream);
    seat.held.push(failedItem(context.$seq, toFailure(error)));
  }

  #crash(seat: Seat, context: ActorContext, error: unknown): void {
    if (seat.isGone) return;
    this.#end(seat, context);
    const { code, message } = toFailure(error);
    this.#settle(seat);
    const known = code === "FAILED" ? "ACTOR_CRASHED" : code;
    this.#options.send(
      `[${ITEM.ACTOR_CRASHED},${seat.id},${context.$seq},${stringify(known)},${
        stringify(message)
      }]`,
    );
    this.#forget(seat);
  }

  // --- state ---

  /** Remembers the state as it is after a message, for the answers up to here. */
  #noteState(seat: Seat): void {
    if (!this.#options.actor.isPersistent) return;
    seat.text = this.#options.outlet.toJson(seat.state ?? null, `the state of "${seat.address}"`);
  }

  /** Sends the state, if it changed, and behind it the answers that belong to it. */
  #settle(seat: Seat): void {
    if (seat.held.length === 0) return;
    const items = seat.held;
    seat.held = [];
    if (seat.text !== seat.sentText) {
      seat.sentText = seat.text;
      items.unshift(`[${ITEM.STATE},${seat.id},${++seat.version},${seat.text}]`);
    }
    this.#options.send(items.join(","));
  }

  #contextOf(seat: Seat, delivery: Delivery): ActorContext {
    const { options, outlet, running } = this.#options;
    const context = new ActorContext(seat, delivery, options, outlet);
    running.set(delivery.seq, context);
    seat.current = context;
    return context;
  }

  #end(seat: Seat, context: ActorContext): void {
    context.$end();
    this.#options.running.delete(context.$seq);
    seat.current = null;
  }
}

export function failedItem(seq: number, { code, message, retryable, details }: Failure): string {
  return `[${ITEM.FAILED},${seq},${stringify(code)},${stringify(message)},${retryable},${details}]`;
}

/** `AgentError` and what the boot code itself refuses: the caller's business, not the actor's end. */
function isAnswer(error: unknown): boolean {
  try {
    const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
    return name === "AgentError" && typeof code === "string" && code !== "INVALID_STATE";
  } catch {
    return false;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}

function unknownMessage(actor: Actor, type: string): Error {
  const known = Object.keys(actor.on).join(", ") || "none";
  return codedError(
    "UNKNOWN_MESSAGE",
    `Actor "${actor.name}" takes no message "${type}", only: ${known}`,
  );
}
