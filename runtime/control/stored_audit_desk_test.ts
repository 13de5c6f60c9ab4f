import assert from "node:assert/strict";
import { openAudit } from "../audit/mod.ts";
import { openMemoryAuditStore } from "../store/mod.ts";
import { StoredAuditDesk } from "./stored_audit_desk.ts";

async function filled(count: number): Promise<StoredAuditDesk> {
  const store = openMemoryAuditStore();
  const audit = openAudit(store, { now: () => 1_000 });
  for (let n = 1; n <= count; n++) {
    const from = n % 2 === 0 ? "ada" : "bob";
    audit.record({ kind: "refusal", from, to: `thing-${n}`, code: `C${n % 3}`, message: `m${n}` });
  }
  await audit.close();
  return new StoredAuditDesk(store);
}

Deno.test("StoredAuditDesk lists entries in pages, newest first", async () => {
  const desk = await filled(5);
  const first = await desk.list({}, { limit: 2 });
  assert.deepEqual(first.items.map(({ seq }) => seq), [5, 4]);
  const second = await desk.list({}, { limit: 2, cursor: first.nextCursor! });
  assert.deepEqual(second.items.map(({ seq }) => seq), [3, 2]);
  const third = await desk.list({}, { limit: 2, cursor: second.nextCursor! });
  assert.deepEqual([third.items.map(({ seq }) => seq), third.nextCursor], [[1], null]);
  const older = await desk.list({}, { from: 2 });
  assert.deepEqual(older.items.map(({ seq }) => seq), [2, 1]);
});

Deno.test("StoredAuditDesk narrows the list by code and by who did it", async () => {
  const desk = await filled(12);
  const codes = (await desk.list({ code: "C1", actor: "ada" })).items;
  assert.deepEqual(codes.map(({ seq }) => seq), [10, 4]);
  assert.deepEqual((await desk.list({ actor: "thing-3" })).items.map(({ seq }) => seq), [3]);
  assert.deepEqual((await desk.list({ kind: "stop" })).items, []);
});

Deno.test("StoredAuditDesk refuses a cursor that it did not give", async () => {
  const desk = await filled(1);
  await assert.rejects(desk.list({}, { cursor: "x" }), { code: "CURSOR_INVALID" });
  assert.deepEqual((await desk.verify()).broken, null);
});
