import type { DocumentQuery, DocumentStore, StoredDocument } from "../../core/document_ports.ts";
import type { Json } from "../../core/json.ts";
import { compareBytes, encodeDocument, encodeDocuments } from "./document_text.ts";

interface Kept {
  version: string;
  text: string;
}

/** Opens an empty store of documents in memory. */
export function openMemoryDocumentStore(): DocumentStore {
  return new MemoryDocumentStore();
}

class MemoryDocumentStore implements DocumentStore {
  readonly #collections = new Map<string, Map<string, Kept>>();
  #writes = 0;

  get(collection: string, key: string): Promise<StoredDocument | null> {
    const found = this.#of(collection).get(key);
    return Promise.resolve(found === undefined ? null : toDocument(key, found));
  }

  put(
    collection: string,
    key: string,
    value: Json,
    { ifVersion }: { ifVersion?: string | null } = {},
  ): Promise<string | null> {
    return Promise.try(() => {
      const { text } = encodeDocument(collection, key, value);
      const stands = this.#of(collection).get(key)?.version ?? null;
      if (ifVersion !== undefined && ifVersion !== stands) return null;
      return this.#set(collection, key, text);
    });
  }

  putAll(
    collection: string,
    documents: readonly { key: string; value: Json }[],
  ): Promise<void> {
    return Promise.try(() => {
      for (const { key, text } of encodeDocuments(collection, documents)) {
        this.#set(collection, key, text);
      }
    });
  }

  delete(
    collection: string,
    key: string,
    { ifVersion }: { ifVersion?: string } = {},
  ): Promise<boolean> {
    const documents = this.#of(collection);
    const found = documents.get(key);
    if (ifVersion !== undefined && found?.version !== ifVersion) return Promise.resolve(false);
    return Promise.resolve(documents.delete(key));
  }

  deleteAll(collection: string, prefix: string): Promise<void> {
    const documents = this.#of(collection);
    for (const key of [...documents.keys()]) if (key.startsWith(prefix)) documents.delete(key);
    return Promise.resolve();
  }

  list(collection: string, query: DocumentQuery): Promise<StoredDocument[]> {
    const { prefix = "", after, limit, isReversed = false } = query;
    const sign = isReversed ? -1 : 1;
    const found = [...this.#of(collection)]
      .filter(([key]) => key.startsWith(prefix))
      .filter(([key]) => after === undefined || sign * compareBytes(key, after) > 0)
      .sort(([a], [b]) => sign * compareBytes(a, b));
    return Promise.resolve(found.slice(0, limit).map(([key, kept]) => toDocument(key, kept)));
  }

  #set(collection: string, key: string, text: string): string {
    const version = String(++this.#writes);
    this.#of(collection).set(key, { version, text });
    return version;
  }

  #of(collection: string): Map<string, Kept> {
    return this.#collections.getOrInsertComputed(collection, () => new Map());
  }
}

function toDocument(key: string, { version, text }: Kept): StoredDocument {
  return { key, value: JSON.parse(text), version };
}
