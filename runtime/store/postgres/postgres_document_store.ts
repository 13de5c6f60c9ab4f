import type { DocumentQuery, DocumentStore, StoredDocument } from "../../../core/document_ports.ts";
import type { Json } from "../../../core/json.ts";
import type { BlobKeeper, Epoch } from "../blob_keeper.ts";
import {
  behindPrefix,
  type DocumentText,
  encodeDocument,
  encodeDocuments,
} from "../document_text.ts";
import { textArray } from "./array_literal.ts";
import type { Database } from "./database.ts";
import type { Sql } from "./pool.ts";

/** Documents of up to 60 KiB that one statement writes. */
const WRITE_COUNT_MAX = 100;

const VERSION = /^[\w-]+$/;

/** What one statement writes. */
interface Write {
  collection: string;
  documents: readonly DocumentText[];
  /** New version of all of them; tells a second try of a write from the writes of others. */
  version: string;
  /** As {@linkcode DocumentStore.put} takes it. */
  ifVersion?: string | null;
}

/** Documents of a schema. */
export class PostgresDocumentStore implements DocumentStore {
  readonly #db: Database;
  readonly #blobs: BlobKeeper<Epoch>;

  /** `blobs`: through which blobs are put that documents are to name. */
  constructor(db: Database, blobs: BlobKeeper<Epoch>) {
    this.#db = db;
    this.#blobs = blobs;
  }

  async get(collection: string, key: string): Promise<StoredDocument | null> {
    // No text has such a character here, and the server would refuse the question.
    if (key.includes("\0")) return null;
    const [row] = await this.#db.repeat((sql) =>
      sql<DocumentRow[]>`select key, version, text from ${this.#db.tables.document}
        where collection = ${collection} and key = ${key}`
    );
    return row === undefined ? null : toDocument(row);
  }

  async put(
    collection: string,
    key: string,
    value: Json,
    { ifVersion }: { ifVersion?: string | null } = {},
  ): Promise<string | null> {
    const documents = [encodeDocument(collection, key, value)];
    // The server would refuse some texts.
    if (typeof ifVersion === "string" && !VERSION.test(ifVersion)) return null;
    const write = { collection, documents, version: crypto.randomUUID(), ifVersion };
    return await this.#write(write) ? write.version : null;
  }

  async putAll(
    collection: string,
    documents: readonly { key: string; value: Json }[],
  ): Promise<void> {
    const texts = encodeDocuments(collection, documents);
    for (let at = 0; at < texts.length; at += WRITE_COUNT_MAX) {
      const group = texts.slice(at, at + WRITE_COUNT_MAX);
      await this.#write({ collection, documents: group, version: crypto.randomUUID() });
    }
  }

  /** What names blobs is written while their epoch is on; all else is not held up by epochs. */
  async #write(write: Write): Promise<boolean> {
    const names = write.documents.flatMap(({ blobs }) => blobs ?? []);
    if (names.length === 0) return await this.#insert(write, null);
    return await this.#blobs.write(names, ({ number }) => this.#insert(write, number + 1));
  }

  async #insert(write: Write, lastEpoch: number | null): Promise<boolean> {
    const { collection, documents, version, ifVersion } = write;
    const { document, blob_epoch } = this.#db.tables;
    // Always in one order, so that two of them do not wait for each other.
    const sorted = documents.toSorted((a, b) => a.key < b.key ? -1 : 1);
    const rows = await this.#db.repeat((sql) =>
      sql`insert into ${document} as d (collection, key, version, text)
        select ${collection}::text, n.key, ${version}::text, n.text from unnest(
          ${textArray(sorted.map(({ key }) => key))}::text[],
          ${textArray(sorted.map(({ text }) => text))}::text[]
        ) n(key, text)
        where (${lastEpoch}::bigint is null
            or (select epoch from ${blob_epoch}) <= ${lastEpoch}::bigint)
          ${typeof ifVersion === "string" ? sql`and exists (${this.#stands(sql, write)})` : sql``}
        on conflict (collection, key) do update
          set version = excluded.version, text = excluded.text
          ${
        ifVersion === undefined
          ? sql``
          : sql`where d.version in (${ifVersion ?? version}, excluded.version)`
      }
        returning 1`
    );
    return rows.length > 0;
  }

  /** The document in its old version, or in the new one of a try whose answer was lost. */
  #stands(sql: Sql, { collection, documents, version, ifVersion }: Write) {
    return sql`select 1 from ${this.#db.tables.document}
      where collection = ${collection} and key = ${documents[0]!.key}
        and version in (${ifVersion!}, ${version})`;
  }

  async delete(
    collection: string,
    key: string,
    { ifVersion }: { ifVersion?: string } = {},
  ): Promise<boolean> {
    if (key.includes("\0") || !VERSION.test(ifVersion ?? "any")) return false;
    const gone = await this.#db.repeat((sql) =>
      sql`delete from ${this.#db.tables.document}
        where collection = ${collection} and key = ${key}
          ${ifVersion === undefined ? sql`` : sql`and version = ${ifVersion}`}
        returning 1`
    );
    return gone.length > 0;
  }

  async deleteAll(collection: string, prefix: string): Promise<void> {
    await this.#db.repeat((sql) =>
      sql`delete from ${this.#db.tables.document}
        where collection = ${collection} ${this.#within(sql, { prefix })}`
    );
  }

  async list(collection: string, query: DocumentQuery): Promise<StoredDocument[]> {
    const { limit, isReversed = false } = query;
    const rows = await this.#db.repeat((sql) =>
      sql<DocumentRow[]>`select key, version, text from ${this.#db.tables.document}
        where collection = ${collection} ${this.#within(sql, query)}
        order by key ${isReversed ? sql`desc` : sql``} limit ${limit}`
    );
    return rows.map(toDocument);
  }

  /** As bounds of the key, so that its index serves. */
  #within(
    sql: Sql,
    { prefix = "", after, isReversed }: Pick<DocumentQuery, "prefix" | "after" | "isReversed">,
  ) {
    const end = behindPrefix(prefix);
    return sql`and key >= ${prefix}
      ${end === null ? sql`` : sql`and key < ${end}`}
      ${
      after === undefined ? sql`` : isReversed ? sql`and key < ${after}` : sql`and key > ${after}`
    }`;
  }
}

interface DocumentRow {
  key: string;
  version: string;
  text: string;
}

function toDocument({ key, version, text }: DocumentRow): StoredDocument {
  return { key, value: JSON.parse(text), version };
}
