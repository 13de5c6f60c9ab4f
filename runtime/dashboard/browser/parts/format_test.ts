import assert from "node:assert/strict";
import {
  formatAge,
  formatBytes,
  formatCost,
  formatDuration,
  formatPlural,
  formatShare,
} from "./format.ts";

Deno.test("formatDuration() gives two units at most, and none as full as the next", () => {
  const texts: [ms: number, text: string][] = [
    [0, "0 ms"],
    [0.4, "0 ms"],
    [999, "999 ms"],
    [1_234, "1.2 s"],
    [9_990, "10.0 s"],
    [59_400, "59 s"],
    [59_700, "1 min"],
    [184_000, "3 min 4 s"],
    [3_599_700, "1 h"],
    [90_000_000, "1 d 1 h"],
    [Number.NaN, "–"],
  ];
  for (const [ms, text] of texts) assert.equal(formatDuration(ms), text, `${ms} ms`);
});

Deno.test("formatAge() tells past from future", () => {
  const now = 1_000_000_000;
  assert.equal(formatAge(now - 500, now), "just now");
  assert.equal(formatAge(now - 12_000, now), "12 s ago");
  assert.equal(formatAge(now + 180_000, now), "in 3 min");
  assert.equal(formatAge(now - 2 * 86_400_000, now), "2 d ago");
});

Deno.test("formatBytes() and formatPlural() fit their number", () => {
  assert.equal(formatBytes(512), "512 B");
  assert.equal(formatBytes(12_300), "12.3 kB");
  assert.equal(formatBytes(4_100_000), "4.1 MB");
  assert.equal(formatPlural(1, "run"), "1 run");
  assert.equal(formatPlural(12_345, "entry", "entries"), "12,345 entries");
});

Deno.test("formatShare() and formatCost() keep the digits that count", () => {
  assert.equal(formatShare(0.824), "82 %");
  assert.equal(formatCost(0), "nothing");
  assert.equal(formatCost(0.0012345), "$0.00123");
  assert.equal(formatCost(1234.5), "$1,230");
});
