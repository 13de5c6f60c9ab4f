import assert from "node:assert/strict";
import { isMet, measurementOf, toDocument, toTable } from "./measurement.ts";
import { median, quantile } from "./statistics.ts";

const row = { name: "chain.step.p50", unit: "ms", limitName: "single commit" };

Deno.test("quantile() takes the nearest rank", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2);
  assert.equal(quantile([5], 0.99), 5);
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.equal(quantile(hundred, 0.99), 99);
  assert.deepEqual([quantile(hundred, 0), quantile(hundred, 1)], [1, 100]);
  assert.throws(() => median([]), RangeError);
});

Deno.test("measurementOf() compares the middle rounds and keeps the outer ones", () => {
  const measurement = measurementOf(row, [2, 9, 3], [1, 2, 30]);
  const { value, limit, ratio, spread } = measurement;
  assert.deepEqual({ value, limit, ratio, spread }, {
    value: 3,
    limit: 2,
    ratio: 1.5,
    spread: [2, 9],
  });
  assert.deepEqual(toDocument("a machine", [measurement]), {
    machine: "a machine",
    results: [{ name: "chain.step.p50", value: 3, unit: "ms", limit: 2, ratio: 1.5 }],
  });
});

Deno.test("isMet() holds the value or the ratio against the goal", () => {
  const met = (goal: Parameters<typeof measurementOf>[0]["goal"]) =>
    isMet(measurementOf({ ...row, goal }, [3], [2]));
  assert.equal(met(undefined), null);
  assert.equal(met({ of: "ratio", atMost: 1.5 }), true);
  assert.equal(met({ of: "ratio", atMost: 1.4 }), false);
  assert.equal(met({ of: "value", atLeast: 3 }), true);
  assert.equal(met({ of: "value", atLeast: 4 }), false);
});

Deno.test("toTable() says of each goal whether it was met", () => {
  const goal = { of: "ratio", atMost: 1.4 } as const;
  const lines = toTable([measurementOf({ ...row, goal }, [3], [2])]).split("\n");
  assert.match(lines[1]!, /^chain\.step\.p50 +3\.00 +ms .*ratio ≤ 1\.4: missed +single commit$/);
});
