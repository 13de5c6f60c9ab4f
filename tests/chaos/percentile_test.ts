import assert from "node:assert/strict";
import { percentile } from "./percentile.ts";

Deno.test("percentile() answers the value of the nearest rank", () => {
  const values = [5, 1, 4, 2, 3, 6, 7, 8, 9, 10];
  assert.equal(percentile(values, 0.5), 5);
  assert.equal(percentile(values, 0.95), 10);
  assert.equal(percentile(values, 0.9), 9);
  assert.equal(percentile([3], 0.5), 3);
  assert.ok(Number.isNaN(percentile([], 0.5)));
});
