import type { SendOptions } from "../../actors/frames.ts";
import { isLane, isMessageId, isTagList } from "../../actors/messages/mod.ts";
import { InvalidInputError } from "../../core/errors.ts";

/**
 * Why a program cannot send this, or `null`.
 *
 * @param chars of its payload, as {@linkcode charsOf} counts them
 */
export function findFault(chars: number, options: SendOptions): InvalidInputError | null {
  const option = findWrongOption(options);
  const what = option !== null
    ? `option "${option}" is malformed`
    : chars === 0
    ? "the payload is no JSON"
    : null;
  return what === null ? null : new InvalidInputError("INVALID_MESSAGE", {
    message: `Cannot send: ${what}`,
    hint: "See the options of messages in docs/actors.md",
  });
}

/** Characters of JSON text; 0 where there is none. */
export function charsOf(payload: unknown): number {
  try {
    return JSON.stringify(payload)?.length ?? 0;
  } catch {
    return 0;
  }
}

function findWrongOption(
  { lane, id, tags, ttlMs, delayMs, partitionBy }: SendOptions,
): string | null {
  return lane !== undefined && !isLane(lane)
    ? "lane"
    : id !== undefined && !isMessageId(id)
    ? "id"
    : tags !== undefined && !isTagList(tags)
    ? "tags"
    : ttlMs !== undefined && !(ttlMs >= 0)
    ? "ttlMs"
    : delayMs !== undefined && !(delayMs >= 0)
    ? "delayMs"
    : partitionBy !== undefined && !isMessageId(partitionBy)
    ? "partitionBy"
    : null;
}
