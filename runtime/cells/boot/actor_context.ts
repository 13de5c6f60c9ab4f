/**
 * What the handlers of an actor get as `ctx`. Runs inside the worker.
 *
 * @module
 */
import type { DeliveryMeta } from "../../../actors/frames.ts";
import type { UserSendOptions } from "./messenger.ts";
import type { SealBinding } from "./sealing.ts";
import { type Outlet, WorkContext } from "./work_context.ts";

/** What a context needs of the activation. */
export interface SeatView {
  readonly address: string;
  readonly key: string;
  state: unknown;
}

/** The message that is handled. */
export interface Delivery {
  seq: number;
  type: string;
  from: string;
  id: string;
  meta: DeliveryMeta | null;
}

export class ActorContext extends WorkContext {
  readonly #seat: SeatView;
  readonly #delivery: Delivery;
  readonly options: Record<string, unknown>;

  constructor(
    seat: SeatView,
    delivery: Delivery,
    options: Record<string, unknown>,
    outlet: Outlet,
  ) {
    super(delivery.seq, outlet);
    this.#seat = seat;
    this.#delivery = delivery;
    this.options = options;
  }

  /** For the boot code. */
  get $stream(): string | undefined {
    return this.#delivery.meta?.stream;
  }

  /** For the boot code: what the payload was sealed for, and the answer is to be. */
  get $binding(): SealBinding {
    const { from, type, id } = this.#delivery;
    return { from, to: this.#seat.address, type, id };
  }

  override get $address(): string {
    return this.#seat.address;
  }

  get self(): string {
    return this.#seat.address;
  }

  get key(): string {
    return this.#seat.key;
  }

  get state(): unknown {
    return this.#seat.state;
  }

  set state(value: unknown) {
    this.#seat.state = value;
  }

  get sender(): string {
    return this.#delivery.from;
  }

  /** The message without its payload. */
  get message() {
    const { id, type, meta } = this.#delivery;
    return {
      id,
      type,
      attempt: meta?.attempt ?? 1,
      topic: meta?.topic ?? null,
      tags: meta?.tags ?? [],
    };
  }

  get subscribe() {
    return (topic: string, options: { message?: string; group?: string; last?: number } = {}) =>
      this.#control("subscribe", { topic, ...options });
  }

  get unsubscribe() {
    return (topic: string) => this.#control("unsubscribe", { topic });
  }

  get after() {
    return (ms: number, type: string, payload?: unknown, options: UserSendOptions = {}) =>
      this.tell(this.self, type, payload, { ...options, delayMs: ms });
  }

  /** Ends this activation in order once the message is handled. */
  get stop() {
    return () => this.#control("stop", null);
  }

  /** Ends the whole system in order once the message is handled. */
  get stopSystem() {
    return () => this.#control("stop-system", null);
  }

  #control(type: string, payload: unknown): Promise<unknown> {
    return this.outlet.messenger.ask(this.$requireSeq(), "system:", type, payload);
  }
}
