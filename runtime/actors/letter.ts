/**
 * A message on its way through the node, and the work that it becomes in a cell.
 *
 * @module
 */
import type { Delivery } from "../../actors/delivery/mod.ts";
import type { Message } from "../../actors/messages/mod.ts";
import type { AttemptOutcome } from "../../actors/attempt.ts";
import type { Flight, Work } from "../cells/mod.ts";
import type { Activation } from "./activation.ts";

/** A message with what the node must not forget of it. */
export interface Letter extends Message {
  /** Definition of the sender, or `external`: whom it counts to in mailboxes. */
  share?: string;
  /** Who waits for the answer; `null` for a tell. */
  ask: Ask | null;
  /** Set when the message is durable. */
  delivery: Delivery | null;
}

/** Somebody who waits for an answer. */
export interface Ask {
  /** The actor that asks; `null` for everybody else. */
  from: Activation | null;
  to: string;
  /** Epoch milliseconds. */
  deadlineAt: number;
  /** Where the message is, once it is in a cell. */
  flight: Flight | null;
  /** Characters of the answer, about. */
  answerChars: number;
  /** The asker no longer waits. */
  isOver: boolean;
  answer(outcome: AttemptOutcome): void;
}

/** What an activation does in its cell. */
export interface ActorWork extends Work {
  kind: "start" | "message" | "stop";
  activation: Activation;
  /** Of a message. */
  letter: Letter | null;
  flight: Flight | null;
  /** Durable messages that its handler has sent. */
  sends: number;
}

/** Whether work of a cell belongs to an actor, and not to a task. */
export function isActorWork(work: object): work is ActorWork {
  return "activation" in work;
}
