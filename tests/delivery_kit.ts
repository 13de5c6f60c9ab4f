/**
 * Given, when, then for durable delivery: messages in short form, and a system that is driven by
 * commands and keeps the log that a store would have.
 *
 * @module
 */
import {
  createDeliveryState,
  decide,
  type Decision,
  DEFAULT_DELIVERY,
  deliverable,
  type Delivery,
  type DeliveryCommand,
  type DeliveryEvent,
  type DeliveryLimits,
  type DeliveryPolicy,
  type DeliveryState,
  type DurableMessage,
  fold,
  lowWater,
  noteDurable,
  noteSegment,
} from "../actors/delivery/mod.ts";

/** One group commit. */
export interface LogSegment {
  segment: number;
  events: DeliveryEvent[];
}

/** A policy whose delays a test can count on: 100 ms, 200 ms, 400 ms … */
export const STEADY: DeliveryPolicy = {
  ...DEFAULT_DELIVERY,
  backoff: { initialMs: 100, factor: 2, maxMs: 10_000, jitter: "none" },
};

/** A message from `a` to `b` of 10 characters, unless it says otherwise. */
export function messageOf(id: string, rest: Partial<DurableMessage> = {}): DurableMessage {
  return {
    id,
    from: "actor://a/main",
    to: "actor://b/main",
    type: "work",
    payload: { id },
    chars: 10,
    lane: "normal",
    sentAt: 0,
    expiresAt: null,
    ...rest,
  };
}

/** A system under test: each command is a commit of its own. */
export class TestDelivery {
  readonly limits: Partial<DeliveryLimits>;
  state: DeliveryState;
  log: LogSegment[] = [];
  at = 1_000;
  #segment = 0;

  constructor(limits: Partial<DeliveryLimits> = {}) {
    this.limits = limits;
    this.state = createDeliveryState(limits);
  }

  /** Decides, and makes durable. */
  when(command: DeliveryCommand): Decision {
    noteSegment(this.state, this.#segment + 1);
    const decision = decide(command, this.state);
    if (decision.events.length > 0) {
      const events: DeliveryEvent[] = JSON.parse(JSON.stringify(decision.events));
      this.log.push({ segment: ++this.#segment, events });
    }
    noteDurable(this.state, this.state.nextSeq);
    return decision;
  }

  accept(...messages: DurableMessage[]): Decision {
    return this.when({ type: "AcceptMessages", at: this.at, messages });
  }

  /** Hands out to `b`, unless told otherwise. */
  deliver(limit = 100, to = "actor://b/main"): Delivery[] {
    return deliverable(this.state, to, this.at, limit);
  }

  finish(...deliveries: Delivery[]): Decision {
    return this.when({ type: "FinishMessages", at: this.at, deliveries });
  }

  fail(
    delivery: Delivery,
    rest: { isKill?: boolean; policy?: DeliveryPolicy; random?: number; retryable?: boolean } = {},
  ): Decision {
    const { isKill = false, policy = STEADY, random = 0.5, retryable } = rest;
    const error = {
      code: isKill ? "CRASHED" : "FAILED",
      message: "Cannot do it",
      ...(retryable === undefined ? {} : { retryable }),
    };
    return this.when({ type: "FailMessage", at: this.at, delivery, error, isKill, policy, random });
  }

  /** Deletes the segments that nobody needs any more. */
  trim(): number {
    const water = lowWater(this.state, this.at);
    this.log = this.log.filter(({ segment }) => segment >= water);
    return water;
  }

  /** The state that the log leaves. */
  refold(): DeliveryState {
    return fold(this.log, this.limits);
  }

  /** The node dies and starts again. */
  restart(): void {
    this.state = this.refold();
  }
}

/** The ids of what was handed out, in order. */
export function idsOf(deliveries: readonly { message: DurableMessage }[]): string[] {
  return deliveries.map(({ message }) => message.id);
}
