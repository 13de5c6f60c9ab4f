/**
 * The command line on PostgreSQL, as processes: `--store URL`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { denizen, type Finished, startDenizen, withFolder } from "../cli/denizen_process.ts";
import { FLOW_FILES, untilRunning } from "../cli/flows.ts";
import { type Schema, useSchemas } from "./schemas.ts";

const { withSchema } = useSchemas();

/** A command on the store of a schema; its state directory is new each time. */
function on({ url }: Schema, cwd: string) {
  let count = 0;
  return (...args: string[]): Promise<Finished> =>
    denizen([...args, "--store", url, "--data", `data-${++count}`], { cwd });
}

function withFlow(
  test: (schema: Schema, folder: string) => Promise<void>,
): () => Promise<void> {
  return () => withSchema((schema) => withFolder(FLOW_FILES, (folder) => test(schema, folder)));
}

Deno.test(
  "--store postgres://… keeps runs, for any process to see",
  withFlow(async (schema, cwd) => {
    const command = on(schema, cwd);
    const before = await command("runs", "list");
    assert.deepEqual([before.code, before.out], [0, "No runs\n"]);
    const tables = await schema.sql`select 1 from pg_namespace where nspname = ${schema.name}`;
    assert.equal(tables.length, 0, "a look makes nothing");
    const ran = await command("run", "flow.yaml", "--json", "--id", "once");
    assert.equal(ran.code, 0, ran.err);
    const { runId, output } = JSON.parse(ran.out);
    assert.deepEqual(output, { count: 3 });
    const again = await command("run", "flow.yaml", "--json", "--id", "once");
    assert.equal(JSON.parse(again.out).runId, runId);
    const listed = JSON.parse((await command("runs", "list", "--json")).out).items;
    assert.deepEqual(listed.map((run: { runId: string }) => run.runId), [runId]);
    const shown = await command("runs", "show", runId, "--json");
    assert.equal(JSON.parse(shown.out).status, "completed");
    const verdict = await command("audit", "verify");
    assert.equal(verdict.code, 0, verdict.err);
    assert.equal((await command("actors", "list")).out, "No actor systems\n");
    assert.equal((await command("dead-letters", "list")).out, "No dead letters\n");
  }),
);

interface ListedRun {
  runId: string;
  status: string;
  isOrphan: boolean;
}

Deno.test(
  "a run that kill -9 left in PostgreSQL is resumed by another process",
  withFlow(async (schema, cwd) => {
    const command = on(schema, cwd);
    const list = async (): Promise<ListedRun[]> =>
      JSON.parse((await command("runs", "list", "--json")).out).items;
    const args = ["run", "flow.yaml", "-i", "ms=2000", "--store", schema.url];
    const { child, finished } = startDenizen(args, cwd);
    const runId = await untilRunning({ dataDir: cwd, store: schema.url });
    child.kill("SIGKILL");
    await finished;
    assert.deepEqual((await list()).map(({ isOrphan }) => isOrphan), [true]);
    const resumed = await command("runs", "resume", "--json");
    assert.equal(resumed.code, 0, resumed.err);
    assert.deepEqual(JSON.parse(resumed.out).output, { count: 3 });
    const shown = await command("runs", "show", runId);
    assert.match(shown.out, /completed/);
  }),
);

Deno.test(
  "commands tell what is wrong with a store, and no password",
  withFlow(async ({ url, name }, cwd) => {
    const wrong = new URL(url);
    wrong.password = "s3cret";
    const told = async (store: string) => {
      const { code, err } = await denizen(["run", "flow.yaml", "--store", store], { cwd });
      assert.ok(!err.includes("s3cret"), err);
      return { code, err };
    };
    const refused = await told(wrong.href);
    assert.equal(refused.code, 4);
    assert.match(refused.err, /STORE_ACCESS_REFUSED[^]*hint: .*PGPASSWORD/);
    wrong.port = "1";
    const gone = await told(wrong.href);
    assert.equal(gone.code, 4);
    assert.match(gone.err, /127\.0\.0\.1:1.*STORE_UNAVAILABLE[^]*hint: .*server runs/);
    const unread = await told("mysql://me:s3cret@localhost");
    assert.equal(unread.code, 2);
    assert.match(unread.err, /STORE_URL_WRONG[^]*hint: .*postgres:\/\//);
    const { out, code } = await denizen(["doctor", "--store", url], { cwd });
    assert.equal(code, 0);
    assert.match(out, /✓ store +PostgreSQL \d/);
    assert.match(out, new RegExp(`✓ schema +"${name}" is made by the first run`));
    assert.ok(!out.includes(new URL(url).password));
  }),
);
