import assert from "node:assert/strict";
import { AUDIT_GENESIS, type AuditStore } from "../../core/audit_log.ts";
import { openKvStores, openMemoryAuditStore } from "./mod.ts";

const head = (seq: number) => ({ seq, hash: `hash-${seq}` });
const lines = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({ seq: from + at, text: `entry ${from + at} ü` }));

/** The contract: every store passes it. */
const CONTRACT: Record<string, (store: AuditStore) => Promise<void>> = {
  "append() adds lines and moves the head": async (store) => {
    assert.deepEqual(await store.head(), AUDIT_GENESIS);
    assert.deepEqual(await store.lines(1, 9), []);
    assert.equal(await store.append(lines(1, 3), AUDIT_GENESIS, head(3)), true);
    assert.equal(await store.append(lines(4, 40), head(3), head(43)), true);
    assert.deepEqual(await store.head(), head(43));
    assert.deepEqual(await store.lines(1, 100), lines(1, 43));
    assert.deepEqual(await store.lines(40, 2), lines(40, 2));
    assert.deepEqual(await store.lines(44, 2), []);
  },
  "append() writes nothing behind another head": async (store) => {
    assert.equal(await store.append(lines(1, 1), AUDIT_GENESIS, head(1)), true);
    assert.equal(await store.append(lines(1, 1), AUDIT_GENESIS, head(1)), false);
    const forged = { seq: 1, hash: "another" };
    assert.equal(await store.append(lines(2, 1), forged, head(2)), false);
    assert.deepEqual(await store.lines(0, 9), lines(1, 1));
  },
  "append() lets one of several win": async (store) => {
    const appends = [1, 2, 3, 4].map(() => store.append(lines(1, 2), AUDIT_GENESIS, head(2)));
    assert.equal((await Promise.all(appends)).filter((isWon) => isWon).length, 1);
    assert.deepEqual(await store.lines(1, 9), lines(1, 2));
  },
};

async function withKvFile(test: (store: AuditStore, kv: Deno.Kv) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  const stores = await openKvStores(`${folder}/store.kv`);
  const kv = await Deno.openKv(`${folder}/store.kv`);
  try {
    await test(stores.audit, kv);
  } finally {
    kv.close();
    stores.close();
    await Deno.remove(folder, { recursive: true });
  }
}

for (const [name, test] of Object.entries(CONTRACT)) {
  Deno.test(`KV audit store: ${name}`, () => withKvFile(test));
  Deno.test(`memory audit store: ${name}`, () => test(openMemoryAuditStore()));
}

Deno.test("KV audit store: a head that was dropped or altered is found", () =>
  withKvFile(async (store, kv) => {
    await store.append(lines(1, 3), AUDIT_GENESIS, head(3));
    await kv.set(["audit-head"], { seq: "3" });
    await assert.rejects(store.head(), { code: "VALUE_CORRUPT" });
    await kv.delete(["audit-head"]);
    await assert.rejects(store.head(), { code: "VALUE_CORRUPT" });
  }));
