/**
 * Seals what goes to an actor that encrypts, before it leaves the node: between nodes nobody can
 * read it.
 *
 * @module
 */
import { DenizenError } from "../../../core/errors.ts";
import type { Json } from "../../../core/json.ts";
import { toSealFault } from "../../actors/mod.ts";
import type { SealedMessage, Seals } from "../../cells/mod.ts";

/** A message as it may leave the node. */
export interface SealedPayload {
  payload: Json;
  /** What the receiver needs to open it, where the message has no id of its own. */
  sealedId?: string;
  /** Opens the answer. */
  open(answer: Json): Json;
}

/** @throws {DenizenError} `SEALING_KEY_MISSING`, `INVALID_OUTPUT` when it is too long then */
export function sealPayload(
  seals: Seals | null,
  payload: Json,
  message: { to: string; type: string; id?: string },
): SealedPayload {
  const sealed = guard(() => seals?.seal(JSON.stringify(payload), message) ?? null);
  if (sealed === null) return { payload, open: (answer) => answer };
  return {
    payload: JSON.parse(sealed.text),
    ...(message.id === undefined ? { sealedId: sealed.binding.id } : {}),
    open: (answer) => guard(() => openAnswer(seals!, sealed, answer)),
  };
}

function openAnswer(seals: Seals, sealed: SealedMessage, answer: Json): Json {
  return seals.openAnswer(sealed, answer) as Json;
}

function guard<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code, message } = toSealFault(error);
    throw new DenizenError(code, { message, cause: error });
  }
}
