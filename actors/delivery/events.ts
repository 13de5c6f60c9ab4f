/**
 * What happened to durable messages: plain data for the log. An event that names a message which the
 * fold does not know is about one whose beginning was trimmed, and changes nothing.
 *
 * @module
 */
import type { DeadReason, DurableMessage, FailedAttempt } from "./message.ts";

export interface MessagesAccepted {
  type: "MessagesAccepted";
  at: number;
  /** Of the first message; the others follow without gaps. */
  firstSeq: number;
  messages: DurableMessage[];
}

export interface MessagesHandled {
  type: "MessagesHandled";
  at: number;
  seqs: number[];
}

export interface MessageRetried {
  type: "MessageRetried";
  at: number;
  seq: number;
  /** Failed attempts that counted, this one included. */
  attempts: number;
  /** How many of them the actor died of. */
  kills: number;
  /** When it is delivered again. */
  notBefore: number;
  failure: FailedAttempt;
}

/** The message was given up. The letter itself is stored outside the log, in the same commit. */
export interface MessageDeadLettered {
  type: "MessageDeadLettered";
  at: number;
  seq: number;
  reason: DeadReason;
}

export interface DeadLetterReplayed {
  type: "DeadLetterReplayed";
  at: number;
  /** Of the dead letter. */
  deadSeq: number;
  /** Of the new message. */
  seq: number;
  message: DurableMessage;
  /** What was sent before: ordinal and seq. */
  sends: [ordinal: number, seq: number][];
}

export interface DeadLetterDropped {
  type: "DeadLetterDropped";
  at: number;
  deadSeq: number;
}

/** A pending message as the log keeps it when its first segment goes. */
export interface CarriedMessage {
  seq: number;
  message: DurableMessage;
  attempts: number;
  kills: number;
  /** 0: at once. */
  notBefore: number;
  history: FailedAttempt[];
  sends: [ordinal: number, seq: number][];
}

/** Pending messages were written anew, unchanged. */
export interface MessagesCarried {
  type: "MessagesCarried";
  at: number;
  /** Of the next message to be accepted. */
  nextSeq: number;
  messages: CarriedMessage[];
}

export type DeliveryEvent =
  | MessagesAccepted
  | MessagesHandled
  | MessageRetried
  | MessageDeadLettered
  | DeadLetterReplayed
  | DeadLetterDropped
  | MessagesCarried;
