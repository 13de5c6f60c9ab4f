/**
 * Documents in a KV file, or behind a KV Connect server.
 *
 * | key | value |
 * | --- | --- |
 * | `document, collection, key` | JSON text as UTF-8 bytes |
 *
 * The versionstamp of an entry is the version of the document.
 *
 * @module
 */
import type { DocumentQuery, DocumentStore, StoredDocument } from "../../core/document_ports.ts";
import type { Json } from "../../core/json.ts";
import type { BlobKeeper } from "./blob_keeper.ts";
import {
  behindPrefix,
  compareBytes,
  DOCUMENT_LIMITS,
  type DocumentText,
  encodeDocument,
  encodeDocuments,
} from "./document_text.ts";
import type { KvEpoch } from "./kv_blobs.ts";
import { retryWhileLocked } from "./locked_retry.ts";

/** An atomic takes 819,200 bytes of values and 81,920 of keys; both with room to spare. */
const WRITE_BYTES_MAX = 700 * 1024;
const WRITE_COUNT_MAX = 120;
/** Most keys that one atomic may delete, and that are listed at once for it. */
const DELETE_PAGE = 100;
/** Entries of a page of a list; a page of the largest ones takes 6 MB. */
const LIST_PAGE = 100;

const VERSIONSTAMP = /^[0-9a-f]{20}$/;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bounds of a range: `end` is not part of it; `null`: the collection ends it. */
interface Range {
  start: string;
  end: string | null;
}

/** Documents in an open KV file, which others may use too; closing it is left to its owner. */
export class KvDocumentStore implements DocumentStore {
  readonly #kv: Deno.Kv;
  readonly #blobs: BlobKeeper<KvEpoch>;
  readonly #patienceMs: number | undefined;

  /**
   * @param blobs through which blobs are put that documents are to name
   * @param options `patienceMs`: how long a file that another process has locked is waited for
   */
  constructor(
    kv: Deno.Kv,
    blobs: BlobKeeper<KvEpoch>,
    { patienceMs }: { patienceMs?: number } = {},
  ) {
    this.#kv = kv;
    this.#blobs = blobs;
    this.#patienceMs = patienceMs;
  }

  async get(collection: string, key: string): Promise<StoredDocument | null> {
    const entry = await this.#retry(() => this.#kv.get<Uint8Array>(keyOf(collection, key)));
    return entry.value === null ? null : toDocument(entry);
  }

  async put(
    collection: string,
    key: string,
    value: Json,
    { ifVersion }: { ifVersion?: string | null } = {},
  ): Promise<string | null> {
    const document = encodeDocument(collection, key, value);
    // The engine would take anything else for a mistake of ours.
    if (typeof ifVersion === "string" && !VERSIONSTAMP.test(ifVersion)) return null;
    const checks = ifVersion === undefined
      ? []
      : [{ key: keyOf(collection, key), versionstamp: ifVersion }];
    return await this.#write(collection, [document], checks);
  }

  async putAll(
    collection: string,
    documents: readonly { key: string; value: Json }[],
  ): Promise<void> {
    const texts = encodeDocuments(collection, documents);
    for (const group of groupsOf(texts)) await this.#write(collection, group, []);
  }

  /** What names blobs is written while their epoch is on; all else is not held up by epochs. */
  async #write(
    collection: string,
    documents: readonly DocumentText[],
    checks: readonly Deno.AtomicCheck[],
  ): Promise<string | null> {
    const commit = async (...more: Deno.AtomicCheck[]) => {
      const atomic = this.#kv.atomic().check(...checks, ...more);
      for (const { key, text } of documents) {
        atomic.set(keyOf(collection, key), encoder.encode(text));
      }
      const result = await this.#retry(() => atomic.commit());
      return result.ok ? result.versionstamp : null;
    };
    const names = documents.flatMap(({ blobs }) => blobs ?? []);
    if (names.length === 0) return await commit();
    let version: string | null = null;
    await this.#blobs.write(names, async ({ check }) => (version = await commit(check)) !== null);
    return version;
  }

  async delete(
    collection: string,
    key: string,
    { ifVersion }: { ifVersion?: string } = {},
  ): Promise<boolean> {
    const name = keyOf(collection, key);
    for (;;) {
      const { versionstamp } = await this.#retry(() => this.#kv.get(name));
      if (versionstamp === null || versionstamp !== (ifVersion ?? versionstamp)) return false;
      const atomic = this.#kv.atomic().check({ key: name, versionstamp }).delete(name);
      if ((await this.#retry(() => atomic.commit())).ok) return true;
    }
  }

  async deleteAll(collection: string, prefix: string): Promise<void> {
    const range = { start: prefix, end: behindPrefix(prefix) };
    for (;;) {
      const page = await this.#page(collection, range, { limit: DELETE_PAGE });
      if (page.length === 0) return;
      const atomic = this.#kv.atomic();
      for (const { key } of page) atomic.delete(key);
      await this.#retry(() => atomic.commit());
    }
  }

  async list(collection: string, query: DocumentQuery): Promise<StoredDocument[]> {
    const { limit, isReversed: reverse = false } = query;
    const range = rangeOf(query);
    if (range === null) return [];
    const entries = await this.#page(collection, range, { limit, reverse });
    return entries.map(toDocument);
  }

  #page(
    collection: string,
    { start, end }: Range,
    options: { limit: number; reverse?: boolean },
  ): Promise<Deno.KvEntry<Uint8Array>[]> {
    const selector = {
      start: ["document", collection, start],
      // Numbers sort behind texts.
      end: ["document", collection, end ?? -Infinity],
    };
    const batchSize = Math.min(options.limit, LIST_PAGE);
    return this.#retry(() =>
      Array.fromAsync(this.#kv.list<Uint8Array>(selector, { ...options, batchSize }))
    );
  }

  #retry<T>(action: () => Promise<T>): Promise<T> {
    return retryWhileLocked(action, this.#patienceMs);
  }
}

/** `null` when no key can be in it. */
function rangeOf({ prefix = "", after, isReversed = false }: DocumentQuery): Range | null {
  let start = prefix;
  let end = prefix === "" ? null : behindPrefix(prefix);
  if (after !== undefined && isReversed) {
    if (end === null || compareBytes(after, end) < 0) end = after;
  } else if (after !== undefined && compareBytes(after, start) >= 0) {
    // The very next text.
    start = `${after}\0`;
  }
  return end !== null && compareBytes(start, end) >= 0 ? null : { start, end };
}

function* groupsOf(documents: readonly DocumentText[]): Iterable<DocumentText[]> {
  let group: DocumentText[] = [];
  let bytes = 0;
  for (const document of documents) {
    // UTF-8 has no more than three bytes for a UTF-16 unit.
    const weight = Math.min(3 * document.text.length, DOCUMENT_LIMITS.valueBytesMax);
    if (group.length === WRITE_COUNT_MAX || (bytes + weight > WRITE_BYTES_MAX && bytes > 0)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(document);
    bytes += weight;
  }
  if (group.length > 0) yield group;
}

function keyOf(collection: string, key: string): Deno.KvKey {
  return ["document", collection, key];
}

function toDocument({ key, value, versionstamp }: Deno.KvEntry<Uint8Array>): StoredDocument {
  return {
    key: key[2] as string,
    value: JSON.parse(decoder.decode(value)),
    version: versionstamp,
  };
}
