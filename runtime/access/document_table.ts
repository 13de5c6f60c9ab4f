/**
 * Documents of one collection, checked when they are read and changed by compare-and-set.
 *
 * @module
 */
import type { z } from "zod";
import type { DocumentStore, StoredDocument } from "../../core/document_ports.ts";
import { InvariantError, UnavailableError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";

const PAGE = 500;
/** Whoever loses so often to others asks too late. */
const TRIES_MAX = 20;

export class DocumentTable<T extends JsonObject> {
  readonly #store: DocumentStore;
  readonly #collection: string;
  readonly #schema: z.ZodType<T>;

  constructor(store: DocumentStore, collection: string, schema: z.ZodType<T>) {
    this.#store = store;
    this.#collection = collection;
    this.#schema = schema;
  }

  async get(key: string): Promise<T | null> {
    const found = await this.#store.get(this.#collection, key);
    return found === null ? null : this.#read(found);
  }

  /** Writes it where there is none. @returns whether it did */
  async insert(key: string, value: T): Promise<boolean> {
    return await this.#store.put(this.#collection, key, value, { ifVersion: null }) !== null;
  }

  /**
   * Changes a document, once, whoever else does so at the same time.
   *
   * @param change gives back what it is to be, or `null` to leave it; called again when another
   *   one was first
   * @returns what was written; `null` when there is none, or it was left
   */
  async update(key: string, change: (value: T) => T | null): Promise<T | null> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const found = await this.#store.get(this.#collection, key);
      const value = found === null ? null : change(this.#read(found));
      if (found === null || value === null) return null;
      const options = { ifVersion: found.version };
      if (await this.#store.put(this.#collection, key, value, options) !== null) return value;
    }
    throw new UnavailableError("STORE_UNAVAILABLE", {
      message: `Cannot change document "${key}": others go on changing it`,
    });
  }

  async delete(key: string): Promise<void> {
    await this.#store.delete(this.#collection, key);
  }

  /** Documents in the order of their keys. */
  async list(options: { after?: string; limit: number; isReversed?: boolean }): Promise<T[]> {
    const found = await this.#store.list(this.#collection, options);
    return found.map((document) => this.#read(document));
  }

  /**
   * Deletes documents that are of no use any more.
   *
   * @param countMax how many are looked at, from the first key on, rounded up to a page: somebody
   *   waits for it. Keys begin with the time, so those that are over stand in front
   */
  async sweep(isOver: (value: T) => boolean, countMax: number = PAGE): Promise<void> {
    let after: string | undefined;
    for (let looked = 0; looked < countMax; looked += PAGE) {
      const page = await this.#store.list(this.#collection, { after, limit: PAGE });
      for (const document of page) {
        if (!isOver(this.#read(document))) continue;
        await this.#store.delete(this.#collection, document.key, { ifVersion: document.version });
      }
      if (page.length < PAGE) return;
      after = page.at(-1)!.key;
    }
  }

  #read({ key, value }: StoredDocument): T {
    const read = this.#schema.safeParse(value);
    if (read.success) return read.data;
    throw new InvariantError("VALUE_CORRUPT", {
      message: `Cannot read document "${key}" of "${this.#collection}": it is malformed`,
    });
  }
}
