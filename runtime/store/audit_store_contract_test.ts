import assert from "node:assert/strict";
import { AUDIT_GENESIS, type AuditStore } from "../../core/audit_log.ts";
import { AUDIT_STORE_CONTRACT, head, lines } from "./audit_store_contract.ts";
import { KvAuditStore } from "./kv_audit_store.ts";
import { openKvStores, openMemoryAuditStore } from "./mod.ts";

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

for (const [name, test] of Object.entries(AUDIT_STORE_CONTRACT)) {
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

Deno.test("KV audit store: a log that another process begins amid a look at the head is whole", () =>
  withKvFile(async (store, kv) => {
    const begun = new Proxy(kv, {
      get(target, name) {
        if (name !== "list") return target.get.bind(target);
        return async function* (...args: Parameters<Deno.Kv["list"]>) {
          await store.append(lines(1, 3), AUDIT_GENESIS, head(3));
          yield* target.list(...args);
        };
      },
    });
    assert.deepEqual(await new KvAuditStore(begun).head(), head(3));
  }));
