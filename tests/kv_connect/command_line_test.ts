/**
 * The command line on a KV Connect server, as processes: `--store http://…`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { denizen, type Finished, startDenizen, withFolder } from "../cli/denizen_process.ts";
import { FLOW_FILES, untilRunning } from "../cli/flows.ts";
import type { DenokvServer } from "./denokv_server.ts";
import { useDenokv, withServer } from "./use_denokv.ts";

const test = useDenokv();

type Command = (...args: string[]) => Promise<Finished>;

/** A folder with a small workflow, and a command on a server; its state directory is new each time. */
function withFlow(
  work: (place: { cwd: string; command: Command; server: DenokvServer }) => Promise<void>,
): () => Promise<void> {
  return () =>
    withServer((server) =>
      withFolder(FLOW_FILES, (cwd) => {
        let count = 0;
        const env = { DENO_KV_ACCESS_TOKEN: server.token };
        const command = (...args: string[]) =>
          denizen([...args, "--store", server.url, "--data", `data-${++count}`], { cwd, env });
        return work({ cwd, command, server });
      })
    );
}

test(
  "--store http://… keeps runs, for any process to see",
  withFlow(async ({ command }) => {
    const before = await command("runs", "list");
    assert.deepEqual([before.code, before.out, before.err], [0, "No runs\n", ""]);
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

test(
  "a run that kill -9 left on a KV Connect server is resumed by another process",
  withFlow(async ({ command, server, cwd }) => {
    const list = async (): Promise<ListedRun[]> =>
      JSON.parse((await command("runs", "list", "--json")).out).items;
    const args = ["run", "flow.yaml", "-i", "ms=2000", "--store", server.url];
    const env = { DENO_KV_ACCESS_TOKEN: server.token };
    const { child, finished } = startDenizen(args, cwd, env);
    Deno.env.set("DENO_KV_ACCESS_TOKEN", server.token);
    const runId = await untilRunning({ dataDir: cwd, store: server.url });
    Deno.env.delete("DENO_KV_ACCESS_TOKEN");
    child.kill("SIGKILL");
    await finished;
    assert.deepEqual((await list()).map(({ isOrphan }) => isOrphan), [true]);
    await server.kill();
    await server.restart();
    const resumed = await command("runs", "resume", "--json");
    assert.equal(resumed.code, 0, resumed.err);
    assert.deepEqual(JSON.parse(resumed.out).output, { count: 3 });
    assert.match((await command("runs", "show", runId)).out, /completed/);
  }),
);

test(
  "commands tell what is wrong with a KV Connect server, and no token",
  withFlow(async ({ command, server, cwd }) => {
    const told = async (store: string, token: string) => {
      const env = { DENO_KV_ACCESS_TOKEN: token };
      const { code, err } = await denizen(["run", "flow.yaml", "--store", store], { cwd, env });
      assert.ok(!err.includes("s3cret") && !err.includes(server.token), err);
      return { code, err };
    };
    const missing = await told(server.url, "");
    assert.equal(missing.code, 4);
    assert.match(missing.err, /STORE_ACCESS_REFUSED[^]*hint: .*DENO_KV_ACCESS_TOKEN/);
    const refused = await told(server.url, "s3cret s3cret");
    assert.equal(refused.code, 4);
    assert.match(refused.err, /STORE_ACCESS_REFUSED[^]*hint: .*DENO_KV_ACCESS_TOKEN/);
    const gone = await told("http://127.0.0.1:1", server.token);
    assert.equal(gone.code, 4);
    assert.match(gone.err, /127\.0\.0\.1:1.*STORE_UNAVAILABLE[^]*hint: .*server runs/);
    const { out, code } = await command("doctor");
    assert.equal(code, 0);
    assert.match(out, /✓ store +KV Connect at http:\/\/127\.0\.0\.1/);
    await server.kill();
    assert.match((await command("doctor")).out, /✗ store +Could not reach the store/);
  }),
);
