import assert from "node:assert/strict";
import * as fc from "fast-check";
import { failuresInARow, restartDelayMs } from "./restart_delay.ts";

Deno.test("restartDelayMs() grows by the factor up to its limit", () => {
  const delay = { initialMs: 100, factor: 2, maxMs: 500 };
  assert.deepEqual([1, 2, 3, 4, 99].map((n) => restartDelayMs(delay, n, 0)), [
    50,
    100,
    200,
    250,
    250,
  ]);
});

Deno.test("restartDelayMs() is 0 without a first delay, also in an endless row", () => {
  assert.equal(restartDelayMs({ initialMs: 0, factor: 2, maxMs: 500 }, 5_000, 0.5), 0);
});

Deno.test("restartDelayMs() keeps within half and whole of the full delay, whatever is drawn", () => {
  const delays = fc.record({
    initialMs: fc.nat(10_000),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
    maxMs: fc.integer({ min: 10_000, max: 100_000 }),
  });
  const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(delays, fc.integer({ min: 1, max: 5_000 }), draws, (delay, failures, random) => {
      const growth = Math.min(Number.MAX_VALUE, delay.factor ** (failures - 1));
      const fullMs = Math.min(delay.maxMs, delay.initialMs * growth);
      const delayMs = restartDelayMs(delay, failures, random);
      assert.ok(Number.isSafeInteger(delayMs));
      assert.ok(delayMs >= Math.floor(fullMs / 2) && delayMs <= Math.ceil(fullMs));
    }),
  );
});

Deno.test("failuresInARow() starts again after a run that was longer than the healthy time", () => {
  assert.equal(failuresInARow(4, 1_000, 1_000), 5);
  assert.equal(failuresInARow(4, 1_001, 1_000), 1);
  assert.equal(failuresInARow(4, null, 1_000), 5);
});
