/**
 * The doorbell between processes on PostgreSQL: stores of their own, each with its connections.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { listenTo } from "../../runtime/store/cluster_store_contract.ts";
import { openPostgresStores } from "../../runtime/store/postgres/mod.ts";
import { startPostgres } from "./postgres_server.ts";
import { type Schema, useSchemas } from "./schemas.ts";

const { withSchema } = useSchemas();

/** Connections of bells and others, by what they wait for. */
async function connectionsOf({ sql }: Schema): Promise<number[]> {
  const rows = await sql<{ pid: number }[]>`select pid from pg_stat_activity
    where application_name = 'denizen' and query ~* '^ *listen|^ *select 1'`;
  return rows.map(({ pid }) => pid);
}

Deno.test("bell is heard by other processes of the schema, and by no other schema", () =>
  withSchema((schema) =>
    withSchema(async (other) => {
      const [one, two, three] = await Promise.all(
        [schema.url, schema.url, other.url].map((url) => openPostgresStores(url)),
      );
      const [near, far, foreign] = [one!, two!, three!].map(({ cluster }) =>
        listenTo(cluster.bell!)
      );
      await foreign!.ringUntilHeard(["terms"]);
      await far!.ringUntilHeard(["partition:3", "node:b"], one!.cluster.bell!);
      await near!.ringUntilHeard(["partition:4"], two!.cluster.bell!);
      assert.deepEqual(new Set(foreign!.heard), new Set(["terms"]));
      await Promise.all([one!.close(), two!.close(), three!.close()]);
    })
  ));

Deno.test("bell rings together what is rung in one turn", () =>
  withSchema(async (schema) => {
    const { cluster, close } = await openPostgresStores(schema.url);
    const ear = listenTo(cluster.bell!);
    await ear.ringUntilHeard(["terms"]);
    ear.heard.length = 0;
    for (let round = 0; round < 50; round++) {
      for (const topic of ["partition:0", "partition:1"] as const) cluster.bell!.ring([topic]);
    }
    while (!ear.heard.includes("partition:1")) await sleep(5);
    assert.ok(ear.heard.length <= 8, `told ${ear.heard.length} times`);
    await close();
  }));

Deno.test("bell is heard when whoever rang it leaves at once", () =>
  withSchema(async (schema) => {
    const { cluster, close } = await openPostgresStores(schema.url);
    const ear = listenTo(cluster.bell!);
    await ear.ringUntilHeard(["terms"]);
    const passing = await openPostgresStores(schema.url);
    passing.cluster.bell!.ring(["partition:5"]);
    await passing.close();
    const limit = performance.now() + 30_000;
    while (!ear.heard.includes("partition:5") && performance.now() < limit) await sleep(10);
    assert.ok(ear.heard.includes("partition:5"));
    await close();
  }));

Deno.test("bell is heard again after its connection was ended", () =>
  withSchema(async (schema) => {
    const { cluster, close } = await openPostgresStores(schema.url);
    const ear = listenTo(cluster.bell!);
    for (let round = 0; round < 3; round++) {
      await ear.ringUntilHeard([`partition:${round}`]);
      const pids = await connectionsOf(schema);
      assert.ok(pids.length > 0);
      for (const pid of pids) await schema.sql`select pg_terminate_backend(${pid})`;
    }
    await ear.ringUntilHeard(["terms"]);
    await close();
  }));

Deno.test("bell waits for nobody where no server is, and ends", async () => {
  const server = await startPostgres();
  const { cluster, close } = await openPostgresStores(server.url);
  const ear = listenTo(cluster.bell!);
  await ear.ringUntilHeard(["terms"]);
  await server.stop();
  const startedAt = performance.now();
  for (let n = 0; n < 1_000; n++) cluster.bell!.ring([`partition:${n}`]);
  assert.ok(performance.now() - startedAt < 3_000);
  await sleep(100);
  await close();
  assert.ok(performance.now() - startedAt < 30_000);
  cluster.bell!.ring(["terms"]);
});
