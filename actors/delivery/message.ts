/**
 * Durable messages, their deliveries, and what becomes of those that cannot be delivered.
 *
 * @module
 */
import type { Message } from "../messages/mod.ts";

/** Which handling a message was sent from: the `ordinal`-th send of handling message `seq`. */
export interface Cause {
  seq: number;
  /** From 0, in the order of the sends. */
  ordinal: number;
}

/** A message that survives the node. The objects are kept as they are: do not change them. */
export interface DurableMessage extends Message {
  /** The sender chose the id and may send again: a second one is answered as a duplicate. */
  deduplicate?: true;
  /** The durable message whose handler sent this one. */
  cause?: Cause;
  /** Not delivered before this instant; later ones of its stream wait behind it. */
  notBefore?: number;
}

/** One failed attempt, cut to a bounded size. */
export interface FailedAttempt {
  at: number;
  code: string;
  /** At most 500 characters. */
  message: string;
  /** The actor died of it. */
  isKill: boolean;
}

/** Names one hand-over of a message. What comes back later than its time names an older one. */
export interface DeliveryRef {
  seq: number;
  /** Grows with each hand-over of the system, from 1; not durable. */
  delivery: number;
}

/** A message on its way to its receiver. */
export interface Delivery extends DeliveryRef {
  /** From 1; attempts that did not count are not counted. */
  attempt: number;
  message: DurableMessage;
}

/**
 * Why a message was given up. `REFUSED`: its receiver, or a rule, said no for good; `NO_ACTOR`: no
 * actor has its address.
 */
export type DeadReason = "MAX_ATTEMPTS" | "POISON" | "EXPIRED" | "NO_ACTOR" | "REFUSED";

/** A message that was given up, with all that a replay needs. */
export interface DeadLetter {
  /** The message's place in the system; no other dead letter has it. */
  seq: number;
  message: DurableMessage;
  reason: DeadReason;
  /** Failed attempts that counted. */
  attempts: number;
  /** How many of them the actor died of. */
  kills: number;
  /** The last ten failed attempts, oldest first. */
  history: FailedAttempt[];
  /** What its handlers sent: ordinal and seq. A replay does not send these again. */
  sends: [ordinal: number, seq: number][];
  /** When it was given up. */
  at: number;
}
