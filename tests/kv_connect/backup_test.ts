/**
 * Backups of the file of a KV Connect server, and collections of blobs on one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { collectAllBlobs } from "../../runtime/archive/mod.ts";
import { backUp, restore } from "../../runtime/backup/mod.ts";
import { fillStore } from "../backup/full_store.ts";
import { recordsOf, withFolder } from "../backup/content.ts";
import type { Stores } from "../../runtime/node/open_store.ts";
import { useDenokv, withStores } from "./use_denokv.ts";

const test = useDenokv();

test("backUp() takes the file of a KV Connect server while it serves", () =>
  withStores(async (stores, { sqlitePath }) => {
    await withFolder(async (folder) => {
      await fillStore(stores as unknown as Stores);
      await backUp({ dataDir: folder, store: `kv:${sqlitePath}` }, join(folder, "1"));
      const other = { dataDir: folder, store: `kv:${join(folder, "other.sqlite")}` };
      await restore(join(folder, "1"), other);
      await backUp(other, join(folder, "2"));
      assert.deepEqual(await recordsOf(join(folder, "2")), await recordsOf(join(folder, "1"), 1));
    });
  }));

test("collectBlobs() collects over KV Connect", () =>
  withStores<{ type: string; blob: string }, never>(async ({ runs, blobs }) => {
    const encode = (text: string) => new TextEncoder().encode(text);
    const code = await runs.putBlob(encode("c".repeat(1_000_000)));
    const blob = await runs.putBlob(encode(`["${code}"]`));
    await runs.putBlob(encode("g".repeat(1_000_000)));
    const holder = { nodeId: "a", host: "h", pid: 1, processStart: "" };
    const fence = await runs.claim(0, holder, 0);
    await runs.append(fence, { records: [{ runId: "r", events: [{ type: "Named", blob }] }] });
    const { dropped, kept } = await collectAllBlobs(blobs, { now: Date.now });
    assert.deepEqual([dropped.count, kept.count], [1, 2]);
    for (const sha256 of [code, blob]) await runs.getBlob(sha256);
  }));
