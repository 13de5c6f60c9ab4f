/**
 * Processes put, name and delete the same blobs all the time while others collect them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openKvStores } from "../../runtime/store/mod.ts";
import { DOCUMENT_BLOBS } from "./document_blobs.ts";
import { isNoticed, runLoad } from "./run_load.ts";

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "denizen-blobs-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("collectBlobs() in a loop never deletes what is named, and garbage goes", () =>
  withFolder(async (folder) => {
    const report = await runLoad({ place: join(folder, "store.kv"), durationMs: 6_000 });
    const told = JSON.stringify(report);
    assert.ok(report.isWhole, told);
    assert.deepEqual(report.missing, [], told);
    assert.equal(report.garbage, 0, told);
    assert.ok(report.collectors.some(({ dropped }) => dropped > 0), told);
    assert.ok(report.writers.some(({ deleted }) => deleted as number > 0), told);
  }));

for (const [name, test] of Object.entries(DOCUMENT_BLOBS)) {
  Deno.test(`KV: ${name}`, () =>
    withFolder(async (folder) => {
      const stores = await openKvStores(join(folder, "store.kv"));
      await test(stores).finally(() => stores.close());
    }));
}

for (const defect of ["epochless", "unchecked"] as const) {
  const what = defect === "epochless" ? "a collector without epochs" : "writes that check no epoch";
  Deno.test(`the load on blobs notices ${what}`, () =>
    withFolder(async (folder) => {
      const place = join(folder, "store.kv");
      assert.ok(await isNoticed({ place, durationMs: 6_000, defect }));
    }));
}
