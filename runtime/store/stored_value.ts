/**
 * Texts of any length in a KV file. A short one stands in the value of its key. A long one is cut
 * into parts under a name of their own; the key holds that name.
 *
 * @module
 */
import { joinBytes } from "../../core/join_bytes.ts";
import { INLINE_BYTES_MAX } from "./actor_batch.ts";
import { retryWhileLocked } from "./locked_retry.ts";
import { corrupt, type PackedText, unpackText } from "./packed_text.ts";

/** Where the bytes of a long value are. */
export interface Parts {
  /** Unique within the system. */
  id: string;
  count: number;
}

/** What a key holds. */
export interface StoredValue extends Omit<PackedText, "bytes"> {
  /** `null`: in parts. */
  bytes: Uint8Array | null;
  parts?: Parts;
}

/** Cuts bytes into pieces that a KV value takes. */
export function cut(bytes: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += INLINE_BYTES_MAX) {
    pieces.push(bytes.slice(at, at + INLINE_BYTES_MAX));
  }
  return pieces;
}

/**
 * The text of an entry that was just read. `null` when the key was deleted meanwhile.
 *
 * @param label what the value was packed under; it may depend on the value
 * @throws {InvariantError} `VALUE_CORRUPT`
 */
export async function readText<T extends StoredValue>(
  kv: Deno.Kv,
  system: string,
  entry: Deno.KvEntryMaybe<T>,
  label: (value: T) => string,
): Promise<{ value: T; text: string } | null> {
  for (let found = entry; found.value !== null;) {
    const { value } = found;
    const bytes = value.bytes ?? await readParts(kv, system, value.parts!);
    if (bytes !== null) {
      return { value, text: await unpackText({ ...value, bytes }, label(value)) };
    }
    // Replaced or dropped between the two reads? Then look again.
    const again = await retryWhileLocked(() => kv.get<T>(found.key));
    if (again.versionstamp === found.versionstamp) {
      throw corrupt(label(value), "a part of it is missing");
    }
    found = again;
  }
  return null;
}

/** `null` when there are not as many parts as there were. */
async function readParts(
  kv: Deno.Kv,
  system: string,
  { id, count }: Parts,
): Promise<Uint8Array | null> {
  const parts = await retryWhileLocked(() =>
    Array.fromAsync(kv.list<Uint8Array>({ prefix: ["part", system, id] }))
  );
  return parts.length === count ? joinBytes(parts.map(({ value }) => value)) : null;
}
