/**
 * What may be asked of the durable messages of an actor system. Time and randomness come in with
 * the command.
 *
 * Handing messages out and taking them back is no command: that a message is in flight is not
 * durable (see `order.ts`).
 *
 * @module
 */
import type { ErrorData } from "../../core/errors.ts";
import type { DeadLetter, DeliveryRef, DurableMessage } from "./message.ts";
import type { DeliveryPolicy } from "./policy.ts";

/** Take these on. Each becomes pending, or is a duplicate, or finds no room: see the answers. */
export interface AcceptMessages {
  type: "AcceptMessages";
  at: number;
  messages: readonly DurableMessage[];
}

/** These were handled. */
export interface FinishMessages {
  type: "FinishMessages";
  at: number;
  /** Those of one stream in their order. */
  deliveries: readonly DeliveryRef[];
}

/** An attempt failed and counts. One that ended by no fault of its own is released instead. */
export interface FailMessage {
  type: "FailMessage";
  at: number;
  delivery: DeliveryRef;
  error: ErrorData;
  /** The actor died of it. */
  isKill: boolean;
  /** Of the receiver. */
  policy: DeliveryPolicy;
  /** Uniform in `[0, 1)`, for the retry delay. */
  random: number;
}

/** These can never be delivered. */
export interface RefuseMessages {
  type: "RefuseMessages";
  at: number;
  deliveries: readonly DeliveryRef[];
  reason: "NO_ACTOR" | "REFUSED";
  error: ErrorData;
}

/** Give up what has expired, the earliest first. */
export interface ExpireMessages {
  type: "ExpireMessages";
  at: number;
  /** At most so many; `nextWakeAt` stays due while there are more. */
  limit: number;
}

/** Deliver a dead letter anew: as a new message at the end of its stream, with no attempts made. */
export interface ReplayDeadLetter {
  type: "ReplayDeadLetter";
  at: number;
  letter: DeadLetter;
}

/** Forget a dead letter. */
export interface DropDeadLetter {
  type: "DropDeadLetter";
  at: number;
  seq: number;
}

/**
 * Write pending messages anew so that the segments that hold them can go. Decide it when the commit
 * that it goes into is complete, and write it last: what is handled in this commit comes before it.
 */
export interface CarryMessages {
  type: "CarryMessages";
  at: number;
  /** Only those that were last written before this segment. */
  before: number;
  /** At most so many, oldest first. */
  limit: number;
}

export type DeliveryCommand =
  | AcceptMessages
  | FinishMessages
  | FailMessage
  | RefuseMessages
  | ExpireMessages
  | ReplayDeadLetter
  | DropDeadLetter
  | CarryMessages;
