/**
 * Reads bodies of requests and answers that others send: no longer than they may be.
 *
 * @module
 */

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
  return parts.length === 1 ? parts[0]! : join(parts, bytes);
}

function join(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
