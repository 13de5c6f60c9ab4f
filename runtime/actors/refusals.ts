/**
 * What senders are told when a message is not taken.
 *
 * @module
 */
import { UNIT_LIMITS } from "../../core/actor_ports.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Activation } from "./activation.ts";

/** What a sender of a full mailbox should wait. */
const RETRY_AFTER_MS = 100;
/** What of a payload the store takes in any case: a character takes at most three bytes there. */
export const STORED_CHARS_MAX = Math.floor(UNIT_LIMITS.valueBytesMax / 4);

export const SYSTEM_STOPPED: ErrorData = {
  code: "SYSTEM_STOPPED",
  message: "The actor system has stopped",
};

export function overloaded({ address, type }: Activation): ErrorData {
  const { messagesMax, charsMax } = type.spec.mailbox;
  return {
    code: "OVERLOADED",
    message: `The mailbox of "${address}" is full: ${messagesMax} messages, ${charsMax} characters`,
    hint: "Send again after `retryAfterMs`, or send less",
    details: { retryAfterMs: RETRY_AFTER_MS },
  };
}

export function invalid(message: string): ErrorData {
  return { code: "INVALID_MESSAGE", message, retryable: false };
}

export function tooLarge(what: string): ErrorData {
  return {
    code: "STORED_VALUE_TOO_LARGE",
    message: `Cannot keep ${what}: its payload has more than ${STORED_CHARS_MAX} characters`,
    hint: "Split it, or keep large data in files and send their names",
    retryable: false,
  };
}

/** What the boot code says, without its stack. */
export function toSealFault(error: unknown): ErrorData {
  const { code = "SEAL_BROKEN", message } = error as Error & { code?: string };
  return { code, message, retryable: false };
}

export function noActor(message: string): ErrorData {
  return { code: "NO_ACTOR", message, retryable: false };
}

export function endedError(address: string): ErrorData {
  return noActor(`Actor "${address}" has ended, and its supervisor does not start it again`);
}
