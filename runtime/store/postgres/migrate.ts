import { UnavailableError } from "../../../core/errors.ts";
import type { Database } from "./database.ts";
import { MIGRATIONS } from "./migrations.ts";
import type { Sql } from "./pool.ts";
import { inTransaction } from "./transaction.ts";

/** `server_version_num` of the oldest release that is tested or still maintained. */
const SERVER_VERSION_MIN = 140_000;
/** Names the lock that migrations of any schema take: "DNZN" as a number. */
const LOCK = 0x444e5a4e;

/**
 * Brings the schema to what this program needs: creates it, or does the steps that are missing.
 * Several processes may do so at once; each step is done once.
 *
 * @param patienceMs how long a server that is not there is waited for
 * @throws {UnavailableError} `STORE_UNAVAILABLE`, `STORE_ACCESS_REFUSED`, `STORE_VERSION_WRONG`
 */
export async function migrate(db: Database, patienceMs: number): Promise<void> {
  await db.repeat(async (sql) => {
    const [{ version, hasTable }] = await look(sql, db);
    requireServer(version);
    const done = hasTable ? await countDone(sql, db) : 0;
    requireKnown(done, db.address.schema);
    if (done < MIGRATIONS.length) await doMissing(sql, db);
  }, patienceMs);
}

/** Whether a store was ever opened in the schema. Throws as {@linkcode migrate} does. */
export function hasTables(db: Database, patienceMs: number): Promise<boolean> {
  return db.repeat(async (sql) => {
    const [{ version, hasTable }] = await look(sql, db);
    requireServer(version);
    return hasTable;
  }, patienceMs);
}

function look(sql: Sql, db: Database) {
  return sql<[{ version: number; hasTable: boolean }]>`
    select current_setting('server_version_num')::int as version,
      to_regclass(${`${db.address.schema}.migration`}) is not null as "hasTable"`;
}

/** Under a lock, so that whoever comes second finds it done. All steps, or none. */
async function doMissing(
  sql: Parameters<Parameters<Database["repeat"]>[0]>[0],
  db: Database,
): Promise<void> {
  const { schema } = db.address;
  await inTransaction(sql, async (transaction) => {
    await transaction`select pg_advisory_xact_lock(${LOCK})`;
    await createSchema(transaction, schema);
    await transaction`create table if not exists ${db.tables.migration} (
      step int primary key, done_at timestamptz not null default now()
    )`;
    const done = await countDone(transaction, db);
    requireKnown(done, schema);
    await transaction`set local search_path to ${transaction(schema)}`;
    for (const [at, step] of MIGRATIONS.entries()) {
      if (at < done) continue;
      await transaction.unsafe(step);
      await transaction`insert into ${db.tables.migration} (step) values (${at + 1})`;
    }
    return true;
  });
}

/** Without the right to create schemas, one that is there already will do. */
async function createSchema(sql: Sql, schema: string): Promise<void> {
  const [{ isThere }] = await sql<[{ isThere: boolean }]>`
    select to_regnamespace(${schema}) is not null as "isThere"`;
  if (!isThere) await sql`create schema ${sql(schema)}`;
}

async function countDone(sql: Sql, db: Database): Promise<number> {
  const [{ done }] = await sql<[{ done: number }]>`
    select coalesce(max(step), 0) as done from ${db.tables.migration}`;
  return done;
}

/** @throws {UnavailableError} `STORE_VERSION_WRONG` */
export function requireServer(version: number): void {
  if (version >= SERVER_VERSION_MIN) return;
  throw new UnavailableError("STORE_VERSION_WRONG", {
    message: `Cannot use PostgreSQL ${major(version)}: ${major(SERVER_VERSION_MIN)} is the oldest`,
    hint: "Upgrade the server, or name another one",
    details: { version, versionMin: SERVER_VERSION_MIN },
  });
}

function requireKnown(done: number, schema: string): void {
  if (done <= MIGRATIONS.length) return;
  throw new UnavailableError("STORE_VERSION_WRONG", {
    message: `Cannot use schema "${schema}": a newer Denizen has changed its tables ` +
      `(step ${done}, known are ${MIGRATIONS.length})`,
    hint: "Use that newer version, or another schema with ?schema=NAME",
    details: { done, known: MIGRATIONS.length },
  });
}

function major(version: number): number {
  return Math.floor(version / 10_000);
}
