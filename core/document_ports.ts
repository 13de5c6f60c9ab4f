/**
 * Small documents that the control plane keeps: registered workflows, keys, sessions, saved filters,
 * lines of logs. Named by collection and key, changed by compare-and-set.
 *
 * @module
 */
import type { Json } from "./json.ts";

/** A document as it is stored. */
export interface StoredDocument {
  key: string;
  value: Json;
  /** Another one after each change; opaque. */
  version: string;
}

/** What a list of documents is narrowed to. */
export interface DocumentQuery {
  /** Only keys that begin with it. */
  prefix?: string;
  /** Only keys behind it, in the direction of the list. */
  after?: string;
  /** Documents at most, 1 to 1,000. */
  limit: number;
  /** From the last key to the first. */
  isReversed?: boolean;
}

/**
 * Where documents are kept: one place for all nodes of a store. Collections are lower-case names;
 * keys are texts of 1 to 512 UTF-8 bytes, ordered by their bytes; values take 60 KiB of JSON text at
 * most. A member `blobs` of a value that is an object lists hashes of blobs that the document keeps
 * alive (see `Store.putBlob`).
 *
 * Every method may throw `UnavailableError` `STORE_UNAVAILABLE`.
 */
export interface DocumentStore {
  get(collection: string, key: string): Promise<StoredDocument | null>;
  /**
   * Writes one document.
   *
   * @param options `ifVersion`: only where that version stands; `null`: only where there is none;
   *   left out: whatever stands there
   * @returns its new version, or `null` when the condition did not hold; then nothing was written
   * @throws {InvalidInputError} `STORED_VALUE_TOO_LARGE`
   */
  put(
    collection: string,
    key: string,
    value: Json,
    options?: { ifVersion?: string | null },
  ): Promise<string | null>;
  /**
   * Writes many documents, whatever stands there; not all at once where they are many.
   *
   * @throws {InvalidInputError} `STORED_VALUE_TOO_LARGE`; nothing was written
   */
  putAll(collection: string, documents: readonly { key: string; value: Json }[]): Promise<void>;
  /**
   * Deletes one document.
   *
   * @returns whether it was there, and had that version
   */
  delete(collection: string, key: string, options?: { ifVersion?: string }): Promise<boolean>;
  /** Deletes every document whose key begins with `prefix`, at least one character. */
  deleteAll(collection: string, prefix: string): Promise<void>;
  /** Documents in the order of their keys. */
  list(collection: string, query: DocumentQuery): Promise<StoredDocument[]>;
}
