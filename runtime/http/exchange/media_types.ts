import { parseAccept } from "hono/utils/accept";
import { HttpError } from "./http_error.ts";

/** Whether a client that sent this `Accept` takes one of the types (RFC 9110 §12.5.1). */
export function isAccepted(accept: string | null, types: readonly string[]): boolean {
  if (accept === null || accept.trim() === "" || accept === "*/*") return true;
  const ranges = parseAccept(accept);
  return types.some((type) => qualityOf(type, ranges) > 0);
}

/** The most specific range decides. */
function qualityOf(type: string, ranges: readonly { type: string; q: number }[]): number {
  const family = `${type.split("/")[0]}/*`;
  for (const wanted of [type, family, "*/*"]) {
    const found = ranges.find((range) => range.type.trim().toLowerCase() === wanted);
    if (found !== undefined) return found.q;
  }
  return 0;
}

/** @throws {HttpError} 406 `NOT_ACCEPTABLE` */
export function refuseUnacceptable(accept: string | null, types: readonly string[]): void {
  if (isAccepted(accept, types)) return;
  throw new HttpError(406, "NOT_ACCEPTABLE", {
    message: `Cannot answer with what "accept: ${accept!.slice(0, 100)}" asks for`,
    hint: `Accept one of: ${types.join(", ")}`,
  });
}

/** Whether whoever sent this `Accept` would rather have a stream of events than JSON. */
export function prefersEvents(accept: string | null): boolean {
  if (accept === null) return true;
  const ranges = parseAccept(accept);
  return qualityOf("text/event-stream", ranges) >= qualityOf("application/json", ranges);
}
