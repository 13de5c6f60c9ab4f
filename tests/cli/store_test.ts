import assert from "node:assert/strict";
import { join } from "node:path";
import { openStores } from "../../runtime/node/open_store.ts";
import { denizen, withFolder } from "./denizen_process.ts";
import { dataDir, FLOW_FILES } from "./flows.ts";

Deno.test("denizen store collect deletes what no run names, and runs go on", () =>
  withFolder(FLOW_FILES, async (cwd) => {
    const command = async (...args: string[]) => {
      const { code, out, err } = await denizen(args, { cwd });
      assert.equal(code, 0, err);
      return out;
    };
    await command("run", "flow.yaml", "-q");
    const stores = await openStores({ dataDir: dataDir(cwd) });
    await stores.runs.putBlob(new Uint8Array(100_000));
    await stores.close();
    const before = JSON.parse(await command("store", "sizes", "--json"));
    const told = await command("store", "collect");
    assert.match(
      told,
      /^Deleted 1 blob \(97\.7 KiB\); \d+ blobs \([\d.]+ KiB\) are named and stay\n$/,
    );
    const after = JSON.parse(await command("store", "sizes", "--json"));
    assert.equal(after.blobs.count, before.blobs.count - 1);
    assert.equal(after.blobs.bytes, before.blobs.bytes - 100_000);
    assert.equal(JSON.parse(await command("store", "collect", "--json")).dropped.count, 0);
    const { items: [run] } = JSON.parse(await command("runs", "list", "--json"));
    assert.equal(
      JSON.parse(await command("runs", "show", run.runId, "--json")).status,
      "completed",
    );
    await command("run", "flow.yaml", "-q");
  }));

Deno.test("denizen store sizes tells what takes room, by kind and workflow", () =>
  withFolder(FLOW_FILES, async (cwd) => {
    const missing = await denizen(["store", "sizes"], { cwd });
    assert.deepEqual([missing.code, missing.out], [2, ""]);
    assert.match(missing.err, /\[DATA_DIR_MISSING\]\nhint: /);
    assert.deepEqual([...Deno.readDirSync(cwd)].map(({ name }) => name).sort(), [
      "flow.yaml",
      "worker.ts",
    ]);
    await denizen(["run", "flow.yaml", "-q"], { cwd });
    const { code, out } = await denizen(["store", "sizes"], { cwd });
    assert.equal(code, 0);
    assert.match(out, /^ +count +size\njournal +\d+ +[\d.]+ (Ki)?B\n/);
    assert.match(out, /\nblobs +2 +[\d.]+ KiB\n/);
    assert.match(out, /\nworkflow +runs +histories\nsmall +1 +/);
    const found = out.match(/\non disk ([\d.]+) (KiB|MiB)\n$/);
    assert.ok(found !== null, out);
    const { size } = await Deno.stat(join(dataDir(cwd), "denizen.kv"));
    assert.ok(Number(found[1]) * (found[2] === "MiB" ? 2 ** 20 : 2 ** 10) > size / 2);
  }));
