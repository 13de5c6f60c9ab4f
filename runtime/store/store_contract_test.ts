import assert from "node:assert/strict";
import { InvariantError } from "../../core/errors.ts";
import { openKvStore, openMemoryStore } from "./mod.ts";
import { STORE_CONTRACT, type TestEvent, type TestStore } from "./store_contract.ts";

async function withKvFile(test: (store: TestStore) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const store = await openKvStore<TestEvent>(`${folder}/store.kv`);
  try {
    await test(store);
  } finally {
    store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function withMemory(test: (store: TestStore) => Promise<void>): Promise<void> {
  const store = openMemoryStore<TestEvent>();
  await test(store);
  store.close();
}

for (const [name, test] of Object.entries(STORE_CONTRACT)) {
  Deno.test(`KV file store: ${name}`, () => withKvFile(test));
  Deno.test(`memory store: ${name}`, () => withMemory(test));
}

Deno.test("KV file store: getBlob() refuses bytes that were altered on disk", async () => {
  const folder = await Deno.makeTempDir();
  const store = await openKvStore<TestEvent>(`${folder}/store.kv`);
  const sha256 = await store.putBlob(new Uint8Array(100_000).fill(7));
  const kv = await Deno.openKv(`${folder}/store.kv`);
  const [, part] = await Array.fromAsync(kv.list<Uint8Array>({ prefix: ["blob-part", sha256] }));
  part!.value[5] = 8;
  await kv.set(part!.key, part!.value);
  kv.close();
  await assert.rejects(
    store.getBlob(sha256),
    (error) => error instanceof InvariantError && error.code === "BLOB_CORRUPT",
  );
  store.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("KV file store: four processes on one file never see it locked", async () => {
  const folder = await Deno.makeTempDir();
  const script = new URL("../../tests/process/append_many.ts", import.meta.url).pathname;
  const writers = [0, 1, 2, 3].map((partition) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--unstable-kv", script, `${folder}/store.kv`, String(partition), "150"],
      stderr: "piped",
      stdout: "null",
    }).output()
  );
  for (const { code, stderr } of await Promise.all(writers)) {
    assert.equal(code, 0, new TextDecoder().decode(stderr));
  }
  const store = await openKvStore<TestEvent>(`${folder}/store.kv`);
  for (const partition of [0, 1, 2, 3]) {
    assert.equal((await Array.fromAsync(store.read(partition, 1))).length, 150);
  }
  store.close();
  await Deno.remove(folder, { recursive: true });
});
