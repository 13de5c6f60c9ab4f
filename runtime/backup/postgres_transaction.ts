import { UnavailableError } from "../../core/errors.ts";
import { Database } from "../store/postgres/database.ts";
import { hasTables, migrate } from "../store/postgres/migrate.ts";
import { parsePostgresUrl } from "../store/postgres/postgres_url.ts";
import type { Snapshot } from "./postgres_source.ts";

const OPEN_PATIENCE_MS = 5_000;
/** A backup may take as long as it takes: timers take no more than this. */
const TRY_MS = 2 ** 31 - 1;

/**
 * Gives `work` one state of a schema to read, whatever others write meanwhile.
 *
 * @returns `null` when there is no store in the schema
 * @throws {UnavailableError} `STORE_UNAVAILABLE`, `STORE_ACCESS_REFUSED`, `STORE_VERSION_WRONG`
 */
export async function withPostgresSnapshot<T>(
  url: string,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<{ result: T } | null> {
  return await withDatabase(url, async (db) => {
    if (!await hasTables(db, OPEN_PATIENCE_MS)) return null;
    await migrate(db, OPEN_PATIENCE_MS);
    return {
      result: await inOneTransaction(db, "isolation level repeatable read, read only", work),
    };
  });
}

/**
 * Gives `work` a schema to fill, in one transaction; nobody else writes to it meanwhile.
 *
 * @throws as {@linkcode withPostgresSnapshot}
 */
export async function withPostgresSchema<T>(
  url: string,
  work: (schema: Snapshot) => Promise<T>,
): Promise<T> {
  return await withDatabase(url, async (db) => {
    await migrate(db, OPEN_PATIENCE_MS);
    return await inOneTransaction(db, "read write", async (schema) => {
      const tables = Object.values(schema.tables);
      for (const table of tables) {
        await schema.sql`lock table ${table} in share row exclusive mode`;
      }
      return await work(schema);
    });
  });
}

async function withDatabase<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = new Database(parsePostgresUrl(url), { tryMs: TRY_MS });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

/** Once: what was read or written before a connection broke cannot be gone on with. */
async function inOneTransaction<T>(
  db: Database,
  mode: string,
  work: (schema: Snapshot) => Promise<T>,
): Promise<T> {
  let hasBegun = false;
  return await db.repeat(async (sql) => {
    if (hasBegun) throw lost(db);
    const connection = await sql.reserve();
    try {
      await connection.unsafe(`begin transaction ${mode}`);
      hasBegun = true;
      const { tables, address: { schema } } = db;
      const result = await work({ sql: connection, tables, schema });
      await connection`commit`;
      return result;
    } finally {
      // Ends the transaction as well, should it still be open: with `db` all connections go.
      connection.release();
    }
  }, OPEN_PATIENCE_MS);
}

function lost(db: Database): UnavailableError {
  return new UnavailableError("STORE_UNAVAILABLE", {
    message: `Lost the connection to ${db.address.display}`,
    hint: "Nothing was left behind: begin again when the server is there",
  });
}
