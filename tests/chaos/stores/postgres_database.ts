import { chown, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { type PostgresServer, startPostgres } from "../../postgres/postgres_server.ts";
import { refuse, roomOf } from "./kv_file.ts";
import { DISK_MEBIBYTES, type StoreUnderTest, type StoreWish } from "./store_under_test.ts";
import { mountSmallDisk, type SmallDisk } from "./tmpfs.ts";

/** User id that the test server takes when we are root: see its guardian. */
const NOBODY = 65_534;

/** A database of a PostgreSQL server of its own. */
export async function startPostgresDatabase(
  { isOnSmallDisk = false }: StoreWish,
): Promise<StoreUnderTest> {
  const server = await startPostgres(["max_connections=200"]);
  const disk = isOnSmallDisk ? await mountSmallDisk(DISK_MEBIBYTES) : null;
  const url = new URL(server.url);
  if (disk !== null) url.pathname = await makeDatabase(server, disk);
  return {
    url: url.href,
    env: {},
    lock: (ms) => holdTables(url.href, ms),
    ...roomOf(disk),
    failOver: refuse,
    stop: async () => {
      await server.stop();
      await disk?.unmount();
    },
  };
}

/** The tables are on the small disk, the write-ahead log is not: as on servers with two volumes. */
async function makeDatabase(server: PostgresServer, disk: SmallDisk): Promise<string> {
  const folder = join(disk.folder, "tables");
  await mkdir(folder);
  await chown(folder, NOBODY, NOBODY);
  const sql = postgres(server.url, { max: 1 });
  await sql.unsafe(`create tablespace small location '${folder}'`);
  await sql`create database chaos tablespace small`;
  await sql.end();
  return "/chaos";
}

/** Locks every table against all others; ends when the locks are given up. */
export async function holdTables(url: string, ms: number): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    for (let isDone = false; !isDone;) isDone = await tryHoldTables(sql, ms);
  } finally {
    await sql.end();
  }
}

/** `false` when the server preferred others: they and we waited for each other. */
async function tryHoldTables(sql: postgres.Sql, ms: number): Promise<boolean> {
  try {
    await sql.begin(async (transaction) => {
      const tables = await transaction`select format('%I.%I', schemaname, tablename) as name
        from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1`;
      const names = tables.map(({ name }) => name).join(", ");
      await transaction.unsafe(`lock table ${names} in access exclusive mode`);
      await sleep(ms);
    });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "40P01") return false;
    throw error;
  }
}
