import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import {
  type PostgresServer,
  startPostgres,
  startStandby,
} from "../../postgres/postgres_server.ts";
import { refuse } from "./kv_file.ts";
import { holdTables } from "./postgres_database.ts";
import type { StoreUnderTest } from "./store_under_test.ts";

/** Whoever promotes a standby must first see that the primary is gone. */
const NOTICED_MS = 500;

/** A PostgreSQL server with a synchronous standby: what is committed is on both. */
export async function startPostgresPair(): Promise<StoreUnderTest> {
  const settings = ["fsync=on"];
  const primary = await startPostgres(settings);
  const standby = await startStandby(primary).catch(async (error) => {
    await primary.stop();
    throw error;
  });
  await makeSynchronous(primary);
  const url = urlOf(primary, standby);
  return {
    url,
    env: {},
    lock: (ms) => holdTables(primary.url, ms),
    fill: refuse,
    free: refuse,
    failOver: async () => {
      Deno.kill(primary.pid, "SIGKILL");
      await sleep(NOTICED_MS);
      const sql = postgres(standby.url, { max: 1 });
      await sql`select pg_promote()`;
      await sql.end();
    },
    stop: async () => {
      await standby.stop();
      await primary.stop();
    },
  };
}

async function makeSynchronous(primary: PostgresServer): Promise<void> {
  const sql = postgres(primary.url, { max: 1 });
  await sql`alter system set synchronous_standby_names = '*'`;
  await sql`select pg_reload_conf()`;
  for (let isSync = 0; isSync === 0; await sleep(20)) {
    isSync = (await sql`select 1 from pg_stat_replication where sync_state = 'sync'`).length;
  }
  await sql.end();
}

/** Both hosts: whoever takes writes is the one to talk to. */
function urlOf(primary: PostgresServer, standby: PostgresServer): string {
  const hosts = [primary, standby].map(({ url }) => new URL(url).host);
  const { password } = new URL(primary.url);
  return `postgres://postgres:${password}@${hosts}/postgres?target_session_attrs=read-write`;
}
