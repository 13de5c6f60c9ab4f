/**
 * Which messages an actor takes, and why not the others.
 *
 * @module
 */
import { decideAccess, tryTake } from "../../actors/messages/mod.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Activation } from "./activation.ts";
import { isCycle } from "./asks.ts";
import type { Parts } from "./parts.ts";
import { endedError } from "./refusals.ts";
import type { Draft, Sender } from "./router.ts";

/** Asks of one actor that are open at once. */
const ASKS_MAX = 10_000;

/** Why a message may not pass to an actor, or `null`. */
export function findRefusal(
  parts: Parts,
  activation: Activation,
  sender: Sender,
  draft: Draft,
): ErrorData | null {
  const { spec, info } = activation.type;
  const { type, ask, payload } = draft;
  if (activation.status === "ended") return endedError(activation.address);
  // First of all: who may not send hears nothing of the receiver.
  const denial = decideAccess(spec.accept, { from: sender.from, type });
  if (denial !== null) return denial;
  if (info !== null && !knows(info.capabilities, type)) {
    return {
      code: "UNKNOWN_MESSAGE",
      message: `Actor "${spec.name}" takes no message "${type}", only: ${
        info.capabilities.join(", ") || "none"
      }`,
      retryable: false,
    };
  }
  if (spec.encrypt !== undefined && !isSealed(payload)) {
    return {
      code: "SEAL_MISSING",
      message: `Actor "${spec.name}" takes only encrypted messages`,
      retryable: false,
    };
  }
  if (ask !== null && sender.activation !== null) {
    const refusal = findAskFault(parts, sender.activation, activation);
    if (refusal !== null) return refusal;
  }
  if (activation.bucket === null) return null;
  const waitMs = tryTake(activation.bucket, parts.now());
  return waitMs === 0 ? null : {
    code: "RATE_LIMITED",
    message: `"${activation.address}" takes ${spec.rate!.messages} messages in ${
      spec.rate!.perMs
    } ms`,
    details: { retryAfterMs: waitMs },
  };
}

function findAskFault(
  parts: Parts,
  asker: Activation,
  target: Activation,
): ErrorData | null {
  if (asker.asking.size > ASKS_MAX) {
    return { code: "OVERLOADED", message: `"${asker.address}" waits for ${ASKS_MAX} answers` };
  }
  if (target.type.isAgent || asker.type.isAgent) return null;
  return isCycle(asker, target, (address) => parts.activator.find(address))
    ? {
      code: "ASK_CYCLE",
      message:
        `"${asker.address}" cannot ask "${target.address}", which waits for an answer of its`,
      hint: "Tell one of the two instead of asking, and answer with another message",
      retryable: false,
    }
    : null;
}

function knows(types: readonly string[], type: string): boolean {
  // Longer lists are cut when they are read: the worker decides.
  return types.includes(type) || types.length >= 256;
}

export function isSealed(payload: Json): boolean {
  return typeof payload === "object" && payload !== null && "$sealed" in payload;
}
