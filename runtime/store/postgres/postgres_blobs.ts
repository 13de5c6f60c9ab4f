import { inflateRawSync } from "node:zlib";
import type { BlobHead, BlobHeap } from "../../../core/blob_ports.ts";
import { UnavailableError } from "../../../core/errors.ts";
import { verify } from "../blob_digest.ts";
import { type BlobTable, type Epoch, missing } from "../blob_keeper.ts";
import { mayNameBlobs } from "../blob_names.ts";
import { corrupt } from "../packed_text.ts";
import type { Database } from "./database.ts";
import type { Sql } from "./pool.ts";
import type { TableName } from "./tables.ts";
import { inTransaction } from "./transaction.ts";

const HEADS_PAGE = 1_000;
/** How long the start of an epoch may hold up writes behind one that takes long. */
const LOCK_TIMEOUT_MS = 500;
/** SQLSTATE lock_not_available. */
const LOCKED = "55P03";

/** Where names of blobs may stand: key columns, whether it is packed or plain, rows of a page. */
interface TextTable {
  table: TableName;
  keys: readonly string[];
  /** Columns with text, or bytes of text; `packed`: see `packed_text.ts`. */
  columns: "packed" | readonly string[];
  page: number;
}

/**
 * Wishes become events, and events move into histories: whatever moves while all of it is read is
 * met before or after its move.
 */
const TEXT_TABLES: readonly TextTable[] = [
  { table: "inbox", keys: ["id"], columns: ["body", "reason"], page: 20 },
  { table: "journal", keys: ["partition", "seq"], columns: ["bytes"], page: 50 },
  { table: "history", keys: ["run_id", "first_seq"], columns: "packed", page: 50 },
  { table: "snapshot", keys: ["partition", "run_id"], columns: "packed", page: 20 },
  { table: "document", keys: ["collection", "key"], columns: ["text"], page: 50 },
  { table: "letter", keys: ["id"], columns: ["text"], page: 50 },
  { table: "wish", keys: ["id"], columns: "packed", page: 50 },
  { table: "actor_log", keys: ["system", "segment"], columns: "packed", page: 8 },
  { table: "actor_state", keys: ["system", "address"], columns: "packed", page: 8 },
  { table: "actor_tree", keys: ["system"], columns: "packed", page: 8 },
  { table: "dead_letter", keys: ["system", "id"], columns: "packed", page: 8 },
  { table: "topic_message", keys: ["system", "topic", "position"], columns: "packed", page: 8 },
];

/** Blobs of a schema. */
export class PostgresBlobs implements BlobTable<Epoch>, BlobHeap {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async epoch(): Promise<Epoch & { epoch: number; begunAt: number }> {
    const [row] = await this.#db.repeat((sql) =>
      sql<[{ epoch: number; begun_at: number }]>`
        select epoch, begun_at from ${this.#db.tables.blob_epoch}`
    );
    return { number: row.epoch, epoch: row.epoch, begunAt: row.begun_at };
  }

  /**
   * No write that names blobs is under way at that moment: writes lock their tables before they look
   * which epoch is on.
   */
  async beginEpoch(now: number): Promise<number> {
    const { blob_epoch, partition, inbox, document } = this.#db.tables;
    let next = 0;
    await this.#db.repeat((sql) =>
      inTransaction(sql, async (transaction) => {
        await transaction.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
        await lockOrGiveUp(() =>
          transaction`lock table ${partition}, ${inbox}, ${document} in share mode`
        );
        const [row] = await transaction<[{ epoch: number }]>`
          update ${blob_epoch} set epoch = epoch + 1, begun_at = ${now} returning epoch`;
        next = row.epoch;
        return true;
      })
    );
    return next;
  }

  async put(sha256: string, bytes: Uint8Array, epoch: number): Promise<void> {
    if (await this.touch(sha256, epoch)) return;
    await this.#db.repeat((sql) =>
      sql`insert into ${this.#db.tables.blob} as b (sha256, bytes, epoch, may_name)
        values (${sha256}, ${bytes}, ${epoch}, ${mayNameBlobs(bytes)})
        on conflict (sha256) do update set epoch = greatest(b.epoch, excluded.epoch)`
    );
  }

  async touch(sha256: string, epoch: number): Promise<boolean> {
    const { blob } = this.#db.tables;
    return await this.#db.repeat(async (sql) => {
      const [found] = await sql<[{ epoch: number }?]>`
        select epoch from ${blob} where sha256 = ${sha256}`;
      if (found === undefined) return false;
      if (found.epoch >= epoch) return true;
      const touched = await sql`
        update ${blob} set epoch = greatest(epoch, ${epoch}) where sha256 = ${sha256} returning 1`;
      return touched.length === 1;
    });
  }

  async get(sha256: string): Promise<Uint8Array | null> {
    const [row] = await this.#db.repeat((sql) =>
      sql<[{ bytes: Uint8Array }?]>`
        select bytes from ${this.#db.tables.blob} where sha256 = ${sha256}`
    );
    return row?.bytes ?? null;
  }

  async read(sha256: string): Promise<Uint8Array> {
    const bytes = await this.get(sha256);
    if (bytes === null) throw missing(sha256);
    return await verify(bytes, sha256);
  }

  async *heads(): AsyncIterable<BlobHead> {
    for (let after = "";;) {
      const page = await this.#db.repeat((sql) =>
        sql<BlobHead[]>`
          select sha256, epoch, octet_length(bytes) as bytes, may_name as "mayName"
          from ${this.#db.tables.blob} where sha256 > ${after} order by sha256 limit ${HEADS_PAGE}`
      );
      yield* page;
      if (page.length < HEADS_PAGE) return;
      after = page.at(-1)!.sha256;
    }
  }

  async *texts(): AsyncIterable<string | Uint8Array> {
    for (const table of TEXT_TABLES) yield* this.#textsOf(table);
  }

  async *#textsOf(from: TextTable): AsyncIterable<string | Uint8Array> {
    const { table, keys, columns, page } = from;
    const name = `"${this.#db.address.schema}"."${table}"`;
    const values = columns === "packed" ? ["bytes", "is_deflated"] : columns;
    const order = keys.join(", ");
    const after = `where (${order}) > (${keys.map((_, at) => `$${at + 1}`).join(", ")})`;
    for (let last: Row | null = null;;) {
      const parameters: unknown[] = last === null ? [] : keys.map((key) => last![key]);
      const rows: Row[] = await this.#db.repeat((sql) =>
        select(
          sql,
          `select ${[...keys, ...values].join(", ")} from ${name}
           ${last === null ? "" : after} order by ${order} limit ${page}`,
          parameters,
        )
      );
      for (const row of rows) {
        if (columns === "packed") yield unpack(row, `${table} ${keys.map((key) => row[key])}`);
        else yield* values.map((value) => row[value]).filter(isText);
      }
      if (rows.length < page) return;
      last = rows.at(-1)!;
    }
  }

  async drop({ sha256 }: BlobHead, lastEpoch: number): Promise<boolean> {
    const dropped = await this.#db.repeat((sql) =>
      sql`delete from ${this.#db.tables.blob}
        where sha256 = ${sha256} and epoch <= ${lastEpoch} returning 1`
    );
    return dropped.length === 1;
  }

  /** A put is one statement here, and leaves nothing. */
  sweep(): Promise<void> {
    return Promise.resolve();
  }
}

type Row = Record<string, unknown>;

async function select(sql: Sql, query: string, parameters: unknown[]): Promise<Row[]> {
  return await sql.unsafe<Row[]>(query, parameters as never[]);
}

function isText(value: unknown): value is string | Uint8Array {
  return value !== null;
}

function unpack({ bytes, is_deflated }: Row, label: string): Uint8Array {
  if (is_deflated !== true) return bytes as Uint8Array;
  try {
    return inflateRawSync(bytes as Uint8Array);
  } catch {
    throw corrupt(label, "it cannot be decompressed");
  }
}

async function lockOrGiveUp(lock: () => Promise<unknown>): Promise<void> {
  try {
    await lock();
  } catch (error) {
    if ((error as { code?: string }).code !== LOCKED) throw error;
    throw new UnavailableError("STORE_UNAVAILABLE", {
      message: `Could not begin an epoch of blobs: a write took longer than ${LOCK_TIMEOUT_MS} ms`,
      hint: "Nothing was deleted; try again later",
      cause: error,
    });
  }
}
