/**
 * Who may send what to an actor, decided as data.
 *
 * @module
 */
import type { ErrorData } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { matchesAddress } from "./address.ts";

/** `accept:` of an actor. A key that is left out allows all; an empty list nobody or nothing. */
export interface AccessRule {
  /** Patterns of addresses; see {@linkcode matchesAddress}. */
  from?: string[];
  /** Types of messages. */
  messages?: string[];
}

/** What is asked: who sends, and what. */
export interface AccessRequest {
  /** The sender's address as the node knows it, never as the message claims it. */
  from: string;
  /** The message's type. */
  type: string;
}

/** `null` when the rule lets the message pass, else `ACCESS_DENIED`. No rule lets all pass. */
export function decideAccess(
  rule: AccessRule | undefined,
  { from, type }: AccessRequest,
): ErrorData | null {
  if (rule?.from?.some((pattern) => matchesAddress(pattern, from)) === false) {
    return deny({ from, type }, "senders", rule.from);
  }
  if (rule?.messages?.includes(type) === false) {
    return deny({ from, type }, "messages", rule.messages);
  }
  return null;
}

function deny(
  { from, type }: AccessRequest,
  what: "senders" | "messages",
  accepted: readonly string[],
): ErrorData {
  const rule = accepted.length === 0 ? "none" : accepted.map((one) => `"${one}"`).join(", ");
  const details: JsonObject = { from, type, accepted: { [what]: [...accepted] } };
  return {
    code: "ACCESS_DENIED",
    message: `Cannot deliver message "${type}" from "${from}": accepted ${what} are ${rule}`,
    hint:
      "Add it to `accept:` of the receiver in the actor system file, if it is meant to come through",
    details,
    retryable: false,
  };
}
