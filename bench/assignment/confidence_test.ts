import assert from "node:assert/strict";
import { estimate, estimateDifference } from "./confidence.ts";

Deno.test("estimate() gives mean and Student's interval as tables have them", () => {
  // Mean 3, deviation √2.5, t of four degrees of freedom 2.776.
  const { mean, margin } = estimate([1, 2, 3, 4, 5]);
  assert.equal(mean, 3);
  assert.ok(Math.abs(margin - 2.776 * Math.sqrt(2.5 / 5)) < 1e-9);
  assert.equal(estimate([7]).margin, Infinity);
});

Deno.test("estimateDifference() sees through what both sides share", () => {
  const { mean, margin } = estimateDifference([10, 200, 3_000], [15, 205, 3_005]);
  assert.equal(mean, 5);
  assert.ok(margin < 1e-9);
});
