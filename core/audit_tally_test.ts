import assert from "node:assert/strict";
import fc from "fast-check";
import type { AuditRecord } from "./audit_log.ts";
import { AuditTally } from "./audit_tally.ts";

function refusal(from: string, code: string, count?: number): AuditRecord {
  const message = `Refused "${from}"`;
  return { kind: "refusal", from, to: "actor://counter/main", code, message, count };
}

Deno.test("AuditTally counts equal records of one second together", () => {
  const tally = new AuditTally();
  tally.add(refusal("actor://a", "OVERLOADED"), 1_000);
  tally.add(refusal("actor://b", "OVERLOADED"), 1_100);
  tally.add({ ...refusal("actor://a", "OVERLOADED", 40), message: "Another text" }, 1_900);
  assert.deepEqual(tally.due(1_999), []);
  assert.deepEqual(tally.due(2_000), [
    { ...refusal("actor://a", "OVERLOADED"), at: 1_000, count: 41 },
    { ...refusal("actor://b", "OVERLOADED"), at: 1_100, count: 1 },
  ]);
  assert.deepEqual(tally.due(9_000), []);
});

Deno.test("AuditTally opens a second with the first record after the last was taken", () => {
  const tally = new AuditTally();
  assert.equal(tally.dueAt, null);
  tally.add(refusal("actor://a", "RATE_LIMITED"), 5_300);
  assert.equal(tally.dueAt, 6_300);
  assert.equal(tally.drain().length, 1);
  assert.equal(tally.isEmpty, true);
  tally.add(refusal("actor://a", "RATE_LIMITED"), 5_400);
  assert.equal(tally.dueAt, 6_400);
});

Deno.test("AuditTally says how many records it left out", () => {
  const tally = new AuditTally({ windowMs: 1_000, keysMax: 3, receiversMax: 10 });
  for (let n = 0; n < 50; n++) tally.add(refusal(`actor://forged/${n}`, "FORGED", 2), 100);
  tally.add(refusal("actor://forged/1", "FORGED"), 200);
  const records = tally.drain();
  assert.deepEqual(records.map(({ from, count }) => [from, count]), [
    ["actor://forged/0", 2],
    ["actor://forged/1", 3],
    ["actor://forged/2", 2],
    [null, 94],
  ]);
  assert.equal(records.at(-1)!.code, "AUDIT_OVERFLOW");
});

Deno.test("AuditTally lets no sender push out the records of others, nor its own worst one", () => {
  const tally = new AuditTally();
  for (let key = 0; key < 50; key++) {
    for (let n = 0; n < 50; n++) {
      tally.add({ ...refusal(`actor://liar/${key}`, "NO_ACTOR"), to: `actor://nobody/${n}` }, 100);
    }
  }
  tally.add(refusal("actor://liar/49", "ACCESS_DENIED"), 200);
  tally.add(refusal("actor://other/1", "OVERLOADED"), 200);
  const records = tally.drain();
  assert.ok(records.length < 70);
  assert.equal(records.reduce((sum, { count }) => sum + count, 0), 2_502);
  const told = records.map(({ from, to, code }) => `${code} ${from} ${to}`);
  assert.ok(told.includes("ACCESS_DENIED actor://liar/* null"));
  assert.ok(told.includes("OVERLOADED actor://other/1 actor://counter/main"));
  assert.ok(told.includes("NO_ACTOR actor://liar/0 null"));
  assert.ok(told.includes("NO_ACTOR actor://liar/* null"));
});

Deno.test("AuditTally never loses a count and never holds more than it may", () => {
  const record = fc.record({
    from: fc.constantFrom("a", "b", "c", "x".repeat(1_000), "d"),
    code: fc.constantFrom("ONE", "TWO"),
    count: fc.integer({ min: 1, max: 9 }),
    afterMs: fc.integer({ min: 0, max: 700 }),
  });
  fc.assert(fc.property(fc.array(record), (records) => {
    const tally = new AuditTally({ windowMs: 1_000, keysMax: 4, receiversMax: 2 });
    let now = 0;
    let told = 0;
    const take = (taken: { count: number }[]) => {
      assert.ok(taken.length <= 5);
      told += taken.reduce((sum, { count }) => sum + count, 0);
    };
    for (const { from, code, count, afterMs } of records) {
      now += afterMs;
      take(tally.due(now));
      tally.add(refusal(from, code, count), now);
    }
    take(tally.drain());
    assert.equal(told, records.reduce((sum, { count }) => sum + count, 0));
  }));
});
