import { Buffer } from "node:buffer";

/** SHA-256 in hex as it stands in texts: longer runs of digits are no names. */
const NAME = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;

/** Everything in a text that may be the name of a blob. */
export function blobNames(text: string | Uint8Array): Set<string> {
  return new Set(asText(text).match(NAME));
}

/** Whether the name of a blob may stand in it. */
export function mayNameBlobs(bytes: Uint8Array): boolean {
  return asText(bytes).search(NAME) >= 0;
}

/** Names are ASCII: one character a byte will do. */
function asText(text: string | Uint8Array): string {
  if (typeof text === "string") return text;
  return Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString("latin1");
}
