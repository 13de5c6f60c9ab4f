import assert from "node:assert/strict";
import * as fc from "fast-check";
import { crash } from "../../tests/supervision_kit.ts";
import { activateAt, createDynamicSupervisor, recordCrash, waitingAt } from "./dynamic.ts";

const SPEC = {
  actor: "session",
  delay: { initialMs: 100, factor: 2, maxMs: 1_000 },
  healthyMs: 5_000,
  keysMax: 100,
};
const boom = { startedAt: null, reason: crash(), random: 0 };

Deno.test("activateAt() lets an actor start at once that has not crashed", () => {
  assert.equal(activateAt(createDynamicSupervisor(SPEC), "a"), 0);
});

Deno.test("recordCrash() makes an actor wait longer with each crash in a row, for ever", () => {
  const supervisor = createDynamicSupervisor(SPEC);
  const delays = Array.from({ length: 1_000 }, (_, at) => {
    recordCrash(supervisor, { key: "a", at, ...boom });
    return activateAt(supervisor, "a") - at;
  });
  assert.deepEqual(delays.slice(0, 6), [50, 100, 200, 400, 500, 500]);
  assert.equal(delays.at(-1), 500);
});

Deno.test("recordCrash() starts a new row after an activation that was well", () => {
  const supervisor = createDynamicSupervisor(SPEC);
  for (const at of [0, 100, 200]) recordCrash(supervisor, { key: "a", at, ...boom });
  const again = recordCrash(supervisor, { key: "a", ...boom, at: 6_000, startedAt: 999 });
  assert.deepEqual([again.failures, again.activateAt], [1, 6_050]);
});

Deno.test("recordCrash() keeps keys apart", () => {
  const supervisor = createDynamicSupervisor(SPEC);
  recordCrash(supervisor, { key: "__proto__", at: 0, ...boom });
  assert.equal(activateAt(supervisor, "b"), 0);
  assert.deepEqual(waitingAt(supervisor, 10).map(({ key }) => key), ["__proto__"]);
  assert.deepEqual(waitingAt(supervisor, 50), []);
});

Deno.test("recordCrash() forgets an actor that did not crash for a while", () => {
  const supervisor = createDynamicSupervisor(SPEC);
  recordCrash(supervisor, { key: "a", at: 0, ...boom });
  recordCrash(supervisor, { key: "b", at: 5_050, ...boom });
  assert.deepEqual([...supervisor.records.keys()], ["a", "b"]);
  recordCrash(supervisor, { key: "b", at: 5_051, ...boom });
  assert.deepEqual([...supervisor.records.keys()], ["b"]);
});

Deno.test("recordCrash() never remembers more keys than it may, and drops the oldest crash", () => {
  const crashes = fc.array(fc.record({ key: fc.nat(30), passMs: fc.nat(50) }), { maxLength: 200 });
  fc.assert(fc.property(crashes, fc.integer({ min: 1, max: 10 }), (list, keysMax) => {
    const supervisor = createDynamicSupervisor({ ...SPEC, keysMax });
    let at = 0;
    for (const { key, passMs } of list) {
      at += passMs;
      recordCrash(supervisor, { key: String(key), at, ...boom });
      const kept = [...supervisor.records.values()];
      assert.ok(kept.length <= keysMax);
      assert.equal(kept.at(-1)!.key, String(key));
      assert.ok(kept.every((record, i) => i === 0 || kept[i - 1]!.crashedAt <= record.crashedAt));
    }
  }));
});
