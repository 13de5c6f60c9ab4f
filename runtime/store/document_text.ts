import { Buffer } from "node:buffer";
import { InvalidInputError } from "../../core/errors.ts";
import { isJsonObject, type Json } from "../../core/json.ts";
import { measure } from "./unit_limits.ts";

/** What a document may take: an entry of Deno KV takes 64 KiB. */
export const DOCUMENT_LIMITS = { valueBytesMax: 60 * 1024, keyBytesMax: 512 } as const;

/** A document on its way into a store. */
export interface DocumentText {
  key: string;
  /** JSON text of its value. */
  text: string;
  /** Names of blobs that it keeps alive, as JSON text; `null` without any. */
  blobs: string | null;
}

/**
 * A document as text.
 *
 * @throws {InvalidInputError} `STORED_VALUE_TOO_LARGE`, `DOCUMENT_KEY_WRONG`
 */
export function encodeDocument(collection: string, key: string, value: Json): DocumentText {
  checkKey(collection, key);
  const text = JSON.stringify(value);
  measure(text, `document "${collection}/${key}"`, DOCUMENT_LIMITS.valueBytesMax);
  const blobs = isJsonObject(value) && Array.isArray(value.blobs) && value.blobs.length > 0
    ? JSON.stringify(value.blobs)
    : null;
  return { key, text, blobs };
}

/** The last of several documents of one key stands for all; throws as {@linkcode encodeDocument}. */
export function encodeDocuments(
  collection: string,
  documents: readonly { key: string; value: Json }[],
): DocumentText[] {
  const byKey = new Map<string, DocumentText>();
  for (const { key, value } of documents) byKey.set(key, encodeDocument(collection, key, value));
  return [...byKey.values()];
}

/** PostgreSQL takes no character of code 0, and half a surrogate pair is no UTF-8. */
function checkKey(collection: string, key: string): void {
  measure(key, `the name of a document of "${collection}"`, DOCUMENT_LIMITS.keyBytesMax);
  if (key !== "" && key.isWellFormed() && !key.includes("\0")) return;
  throw new InvalidInputError("DOCUMENT_KEY_WRONG", {
    message: `Cannot name a document of "${collection}" ${JSON.stringify(key)}`,
    hint: "Use at least one character, no character of code 0 and whole surrogate pairs",
  });
}

/**
 * The first text behind all that begin with `prefix`, in the order of UTF-8 bytes; `null` when there
 * is none.
 */
export function behindPrefix(prefix: string): string | null {
  const points = Array.from(prefix, (char) => char.codePointAt(0)!);
  for (let last; (last = points.pop()) !== undefined;) {
    // Surrogates are no characters.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    if (next <= 0x10ffff) return String.fromCodePoint(...points, next);
  }
  return null;
}

/** In the order of their UTF-8 bytes, which is that of code points, not of UTF-16 units. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
