import assert from "node:assert/strict";
import type { AuditStore } from "../../core/audit_log.ts";
import { openKvStores } from "../store/mod.ts";
import { openAudit } from "./audit_log.ts";
import { readAudit, verifyAudit } from "./read_audit.ts";

const COUNT = 12;

/** A chain of twelve entries, and the raw file below it. */
async function withChain(test: (store: AuditStore, kv: Deno.Kv) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const stores = await openKvStores(`${folder}/store.kv`);
  const kv = await Deno.openKv(`${folder}/store.kv`);
  const audit = openAudit(stores.audit, { now: () => 1_763_740_000_000 });
  for (let n = 1; n <= COUNT; n++) {
    const from = `actor://crawler/${n}`;
    audit.record({ kind: "refusal", from, to: null, code: "ACCESS_DENIED", message: "No" });
  }
  await audit.close();
  try {
    assert.deepEqual(await verifyAudit(stores.audit), { entries: COUNT, broken: null });
    await test(stores.audit, kv);
  } finally {
    kv.close();
    stores.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function lineOf(kv: Deno.Kv, seq: number): Promise<Uint8Array> {
  return (await kv.get<Uint8Array>(["audit", seq])).value!;
}

Deno.test("verifyAudit() finds one altered byte, wherever it is", () =>
  withChain(async (store, kv) => {
    const line = await lineOf(kv, 5);
    for (let at = 0; at < line.length; at++) {
      const altered = line.slice();
      altered[at]! ^= 1;
      await kv.set(["audit", 5], altered);
      assert.equal((await verifyAudit(store)).broken?.seq, 5, `byte ${at}`);
    }
    await kv.set(["audit", 5], line);
    assert.equal((await verifyAudit(store)).broken, null);
  }));

Deno.test("verifyAudit() finds text that means the same but is another", () =>
  withChain(async (store, kv) => {
    const text = new TextDecoder().decode(await lineOf(kv, 3));
    await kv.set(["audit", 3], new TextEncoder().encode(text.replace(",", ", ")));
    assert.match((await verifyAudit(store)).broken!.reason, /altered/);
  }));

Deno.test("verifyAudit() finds entries that were deleted, swapped or put in", () =>
  withChain(async (store, kv) => {
    const [fourth, fifth] = [await lineOf(kv, 4), await lineOf(kv, 5)];
    await kv.delete(["audit", 4]);
    assert.equal((await verifyAudit(store)).broken?.seq, 4);
    await kv.set(["audit", 4], fifth);
    await kv.set(["audit", 5], fourth);
    assert.equal((await verifyAudit(store)).broken?.seq, 4);
    await kv.set(["audit", 4], fourth);
    await kv.set(["audit", 5], fourth);
    assert.equal((await verifyAudit(store)).broken?.seq, 5);
    await kv.set(["audit", 5], fifth);
    assert.equal((await verifyAudit(store)).broken, null);
    await kv.set(["audit", COUNT + 1], fifth);
    assert.equal((await verifyAudit(store)).broken?.seq, COUNT + 1);
  }));

Deno.test("verifyAudit() finds a log that was cut off at its end", () =>
  withChain(async (store, kv) => {
    await kv.delete(["audit", COUNT]);
    assert.deepEqual((await verifyAudit(store)).broken?.seq, COUNT);
    for (let seq = 1; seq < COUNT; seq++) await kv.delete(["audit", seq]);
    assert.equal((await verifyAudit(store)).broken?.seq, 1);
    await kv.delete(["audit-head"]);
    assert.equal((await verifyAudit(store)).broken, null, "nothing is left that could tell");
  }));

Deno.test("verifyAudit() finds a chain that was begun anew below its old head", () =>
  withChain(async (store, kv) => {
    const head = (await kv.get(["audit-head"])).value;
    for (let seq = 1; seq <= COUNT; seq++) await kv.delete(["audit", seq]);
    await kv.delete(["audit-head"]);
    const audit = openAudit(store, { now: () => 1 });
    for (let n = 1; n <= COUNT; n++) {
      audit.record({ kind: "k", from: String(n), to: null, code: "C", message: "" });
    }
    await audit.close();
    await kv.set(["audit-head"], head);
    assert.equal((await verifyAudit(store)).broken?.seq, COUNT);
  }));

Deno.test("readAudit() gives the last entries, or those from a number on", () =>
  withChain(async (store, kv) => {
    const seqs = async (options: { from?: number; limit: number }) =>
      (await readAudit(store, options)).map(({ seq }) => seq);
    assert.deepEqual(await seqs({ limit: 3 }), [10, 11, 12]);
    assert.deepEqual((await seqs({ limit: 99 })).length, COUNT);
    assert.deepEqual(await seqs({ from: 2, limit: 2 }), [2, 3]);
    assert.deepEqual(await seqs({ from: 13, limit: 2 }), []);
    for (const text of ["{", "{}", "[]", '{"seq":4}']) {
      await kv.set(["audit", 4], new TextEncoder().encode(text));
      await assert.rejects(readAudit(store, { limit: 99 }), { code: "AUDIT_BROKEN" });
    }
  }));
