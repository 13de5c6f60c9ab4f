import assert from "node:assert/strict";
import type { ClusterStore } from "../../core/cluster_ports.ts";
import { CLUSTER_STORE_CONTRACT, memberOf } from "./cluster_store_contract.ts";
import { openKvStores, openMemoryClusterStore } from "./mod.ts";

async function withKvFile(test: (store: ClusterStore, kv: Deno.Kv) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  const stores = await openKvStores(`${folder}/store.kv`);
  const kv = await Deno.openKv(`${folder}/store.kv`);
  try {
    await test(stores.cluster, kv);
  } finally {
    kv.close();
    stores.close();
    await Deno.remove(folder, { recursive: true });
  }
}

for (const [name, test] of Object.entries(CLUSTER_STORE_CONTRACT)) {
  Deno.test(`memory cluster store: ${name}`, () => test(openMemoryClusterStore()));
  // A KV file has no bell.
  if (name.startsWith("bell ")) continue;
  Deno.test(`KV cluster store: ${name}`, () => withKvFile(test));
}

Deno.test("KV cluster store: nothing of a long letter stays when it has gone", () =>
  withKvFile(async (store, kv) => {
    const text = "x".repeat(300_000);
    await store.beat(memberOf("a"));
    await store.post("a", [text, text]);
    await store.discard("a", [(await store.letters("a"))[0]!.id]);
    const parts = () => Array.fromAsync(kv.list({ prefix: ["node-letter-part"] }));
    assert.equal((await parts()).length, 5);
    await store.leave("a", "first");
    assert.deepEqual(await Array.fromAsync(kv.list({ prefix: [] })), []);
  }));

Deno.test("KV stores: a node and an actor system of one name keep their letters apart", async () => {
  const folder = await Deno.makeTempDir();
  const { actors, cluster, close } = await openKvStores(`${folder}/store.kv`);
  const member = memberOf("shop");
  const fence = await actors.claimSystem("shop", member.holder, null);
  await actors.commit(fence, { units: [{ dead: [{ id: "d1", letter: { dead: true } }] }] });
  await cluster.beat(member);
  await cluster.post("shop", [{ type: "adopt" }]);
  assert.deepEqual((await cluster.letters("shop")).map(({ body }) => body), [{ type: "adopt" }]);
  const dead = () => actors.deadLetters("shop", { limit: 10 });
  assert.deepEqual((await dead()).map(({ id }) => id), ["d1"]);
  await cluster.leave("shop", member.boot);
  assert.equal((await dead()).length, 1);
  close();
  await Deno.remove(folder, { recursive: true });
});
