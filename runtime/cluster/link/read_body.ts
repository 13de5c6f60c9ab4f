/**
 * Reads bodies of requests and answers that others send: no longer than they may be.
 *
 * @module
 */
import { joinBytes } from "../../../core/join_bytes.ts";

/** Bytes of a body, or `null` when there are more than `bytesMax`. */
export async function readBody(
  { body, headers }: Request | Response,
  bytesMax: number,
  onBytes: (bytes: number) => void = () => {},
): Promise<Uint8Array | null> {
  if (body === null) return new Uint8Array();
  if (Number(headers.get("content-length") ?? 0) > bytesMax) {
    await body.cancel();
    return null;
  }
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.byteLength;
    onBytes(part.byteLength);
    // Leaving the loop cancels the rest.
    if (bytes > bytesMax) return null;
    parts.push(part);
  }
  return parts.length === 1 ? parts[0]! : joinBytes(parts);
}
