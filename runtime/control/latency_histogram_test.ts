import assert from "node:assert/strict";
import { addCounts, figuresOf, LatencyHistogram } from "./latency_histogram.ts";

const HOUR = 3_600_000;

Deno.test("figuresOf() gives percentiles within a tenth", () => {
  const histogram = new LatencyHistogram();
  for (let ms = 1; ms <= 10_000; ms++) histogram.add(ms, 0);
  const { count, p50Ms, p95Ms, maxMs } = figuresOf(histogram.counts(0));
  assert.equal(count, 10_000);
  assert.equal(maxMs, 10_000);
  assert.ok(Math.abs(p50Ms - 5_000) < 500, `${p50Ms}`);
  assert.ok(Math.abs(p95Ms - 9_500) < 950, `${p95Ms}`);
});

Deno.test("LatencyHistogram forgets what is older than an hour", () => {
  const histogram = new LatencyHistogram();
  histogram.add(100, 0);
  histogram.add(900, HOUR / 2);
  assert.equal(histogram.counts(HOUR / 2).count, 2);
  assert.deepEqual(figuresOf(histogram.counts(HOUR + 1)).maxMs, 900);
  assert.deepEqual(histogram.counts(2 * HOUR), { count: 0, maxMs: 0, buckets: [] });
});

Deno.test("LatencyHistogram takes durations of any size", () => {
  const histogram = new LatencyHistogram();
  for (const ms of [-5, 0, 0.4, 1, 1e12, Infinity, NaN]) histogram.add(ms, 0);
  assert.equal(histogram.counts(0).count, 7);
});

Deno.test("addCounts() adds what several nodes counted", () => {
  const [a, b, both] = [1, 2, 3].map(() => new LatencyHistogram()) as [
    LatencyHistogram,
    LatencyHistogram,
    LatencyHistogram,
  ];
  for (const [ms, one] of [[3, a], [40, a], [3, b], [700, b]] as const) {
    one.add(ms, 0);
    both.add(ms, 0);
  }
  assert.deepEqual(addCounts([a.counts(0), b.counts(0)]), both.counts(0));
  assert.deepEqual(addCounts([]), { count: 0, maxMs: 0, buckets: [] });
});
