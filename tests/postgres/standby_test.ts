/**
 * Several hosts: a primary with a synchronous standby, which is promoted when the primary dies.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { openPostgresStores } from "../../runtime/store/postgres/mod.ts";
import { type PostgresServer, startPostgres, startStandby } from "./postgres_server.ts";

type RunEvent = { type: string; n: number };

let primary: PostgresServer;
let standby: PostgresServer;

Deno.test.beforeAll(async () => {
  primary = await startPostgres(["fsync=on"]);
  standby = await startStandby(primary);
  const sql = postgres(primary.url, { max: 1 });
  await sql`alter system set synchronous_standby_names = '*'`;
  await sql`select pg_reload_conf()`;
  for (let isSync = 0; isSync === 0; await sleep(20)) {
    isSync = (await sql`select 1 from pg_stat_replication where sync_state = 'sync'`).length;
  }
  await sql.end();
});

Deno.test.afterAll(async () => {
  await standby?.stop();
  await primary?.stop();
});

/** The standby first, and before it a host where nobody listens: neither can be written to. */
function urlOfAll(): string {
  const hosts = ["127.0.0.1:1", new URL(standby.url).host, new URL(primary.url).host];
  const { password } = new URL(primary.url);
  return `postgres://postgres:${password}@${hosts}/postgres?target_session_attrs=read-write`;
}

Deno.test("a store goes on at the standby that was promoted; nothing acknowledged is lost", async () => {
  const holder = { nodeId: "a", host: "h", pid: 1, processStart: "s" };
  const { runs, close } = await openPostgresStores<RunEvent, never>(urlOfAll());
  try {
    const fence = await runs.claim(0, holder, 0);
    let acknowledged = 0;
    let isOver = false;
    const writing = (async () => {
      for (let n = 1; !isOver; n++) {
        await runs.append(fence, { records: [{ runId: "r", events: [{ type: "Tick", n }] }] });
        acknowledged = n;
      }
    })();
    while (acknowledged < 100) await sleep(5);
    Deno.kill(primary.pid, "SIGKILL");
    await sleep(300);
    const before = acknowledged;
    const sql = postgres(standby.url, { max: 1 });
    await sql`select pg_promote()`;
    await sql.end();
    const promotedAt = performance.now();
    while (acknowledged < before + 100) await sleep(5);
    assert.ok(performance.now() - promotedAt < 60_000);
    isOver = true;
    await writing;
    const segments = await Array.fromAsync(runs.read(0, 1));
    const numbers = segments.flatMap(({ records }) => records.flatMap(({ events }) => events))
      .map(({ n }) => n);
    assert.deepEqual(numbers, numbers.map((_, at) => at + 1));
    assert.equal(numbers.length, acknowledged);
  } finally {
    await close();
  }
});
