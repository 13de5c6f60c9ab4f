import assert from "node:assert/strict";
import {
  ARCHIVE_CONTRACT,
  compactAll,
  type TestArchive,
  type TestEvent,
} from "./archive_contract.ts";
import { openKvArchive } from "./kv_archive.ts";
import { KvStore } from "./kv_store.ts";
import { openMemoryArchive } from "./memory_archive.ts";
import { openMemoryStore } from "./memory_store.ts";

/** The test gets the open file as well, to damage it. */
async function withKvFile(
  test: (archive: TestArchive, kv: Deno.Kv) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/store.kv`;
  const kv = await Deno.openKv(path);
  const store = new KvStore<TestEvent>(kv);
  const reopen = () =>
    openKvArchive<TestEvent>(kv, { getBlob: (sha256) => store.getBlob(sha256), path });
  try {
    await test({ store, archive: reopen(), reopen }, kv);
  } finally {
    kv.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function withMemory(test: (archive: TestArchive) => Promise<void>): Promise<void> {
  const store = openMemoryStore<TestEvent>();
  const archive = openMemoryArchive(store);
  // Its tables are the process: only what it remembers of a fence can be new.
  await test({ store, archive, reopen: () => archive });
}

for (const [name, test] of Object.entries(ARCHIVE_CONTRACT)) {
  Deno.test(`KV file archive: ${name}`, () => withKvFile(test));
  Deno.test(`memory archive: ${name}`, () => withMemory(test));
}

const holder = { nodeId: "a", host: "h", pid: 1, processStart: "s" };

Deno.test("KV file archive: history() and snapshots refuse what was altered on disk", () =>
  withKvFile(async ({ store, archive }, kv) => {
    const fence = await store.claim(0, holder, 0);
    await store.append(fence, { records: [{ runId: "r", events: [{ type: "Begin" }] }] });
    await archive.saveSnapshots(fence, [{ runId: "r", events: 1, seq: 1, text: "[1,2,3]" }]);
    await compactAll(archive, fence, 1);
    for (const key of [["history", "r", 1], ["snapshot", 0, "r"]]) {
      const { value } = await kv.get<{ bytes: Uint8Array }>(key);
      value!.bytes[3]! ^= 1;
      await kv.set(key, value);
    }
    const corrupt = { code: "VALUE_CORRUPT" };
    await assert.rejects(
      Array.fromAsync(archive.history({ runId: "r", partition: 0 })),
      corrupt,
    );
    const [run] = await archive.openRuns(0);
    await assert.rejects(run!.snapshot!.read(), corrupt);
  }));
