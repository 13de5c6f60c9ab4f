import { Buffer } from "node:buffer";
import { inflateRawSync } from "node:zlib";
import { retryWhileLocked } from "./locked_retry.ts";
import { corrupt } from "./packed_text.ts";

/**
 * Wishes become events, and events move into histories: whatever moves while all of it is read is
 * met before or after its move.
 */
const FIRST = ["inbox", "journal"];
/** Kinds of keys under which a long value stands in pieces; the last part of the key numbers them. */
const PIECES = new Set(["part", "snapshot-part", "node-letter-part"]);
const BLOBS = new Set(["blob", "blob-part", "blob-rest", "blob-epoch"]);

const PAGE = 100;
/** Behind every key that begins with a text. */
const END = [Infinity];

/** Everything that stands in a KV file but blobs, as text or bytes of text. */
export async function* textsOfKv(kv: Deno.Kv): AsyncIterable<string | Uint8Array> {
  for (const kind of FIRST) yield* textsOfKind(kv, kind);
  for await (const kind of kindsOf(kv)) {
    if (!FIRST.includes(kind) && !BLOBS.has(kind)) yield* textsOfKind(kv, kind);
  }
}

async function* kindsOf(kv: Deno.Kv): AsyncIterable<string> {
  for (let start: Deno.KvKey = [];;) {
    const [entry] = await page(kv, { start, end: END }, 1);
    if (entry === undefined) return;
    const kind = String(entry.key[0]);
    yield kind;
    start = [`${kind}\0`];
  }
}

async function* textsOfKind(kv: Deno.Kv, kind: string): AsyncIterable<string | Uint8Array> {
  const prefix = [kind];
  let selector: Deno.KvListSelector = { prefix };
  let pieces: { name: string; bytes: Uint8Array[] } = { name: "", bytes: [] };
  for (;;) {
    const entries = await page(kv, selector, PAGE);
    for (const { key, value } of entries) {
      if (!PIECES.has(kind)) {
        yield* textsIn(value, key);
        continue;
      }
      const name = JSON.stringify(key.slice(0, -1));
      if (name !== pieces.name) {
        yield* joined(pieces.bytes);
        pieces = { name, bytes: [] };
      }
      pieces.bytes.push(value as Uint8Array);
    }
    const last = entries.at(-1);
    if (last === undefined) break;
    // The very next key: of the parts that stores use, none sorts before an empty text.
    selector = { prefix, start: [...last.key, ""] };
  }
  yield* joined(pieces.bytes);
}

/** Packed values say whether they are compressed; pieces do not. */
function* textsIn(value: unknown, key: Deno.KvKey): Iterable<string | Uint8Array> {
  if (typeof value === "string" || value instanceof Uint8Array) yield value;
  else if (typeof value === "object" && value !== null) {
    const { isDeflated, bytes, ...others } = value as Record<string, unknown>;
    if (isDeflated === true && bytes instanceof Uint8Array) yield inflate(bytes, key);
    else yield* textsIn(bytes, key);
    for (const other of Object.values(others)) yield* textsIn(other, key);
  }
}

function inflate(bytes: Uint8Array, key: Deno.KvKey): Uint8Array {
  try {
    return inflateRawSync(bytes);
  } catch {
    throw corrupt(key.join(" "), "it cannot be decompressed");
  }
}

function* joined(pieces: readonly Uint8Array[]): Iterable<Uint8Array> {
  if (pieces.length === 0) return;
  const whole = Buffer.concat(pieces);
  yield whole;
  try {
    yield inflateRawSync(whole);
  } catch {
    // Then it was not compressed.
  }
}

function page(
  kv: Deno.Kv,
  selector: Deno.KvListSelector,
  limit: number,
): Promise<Deno.KvEntry<unknown>[]> {
  return retryWhileLocked(() => Array.fromAsync(kv.list(selector, { limit })));
}
