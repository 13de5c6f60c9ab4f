import assert from "node:assert/strict";
import fc from "fast-check";
import { formatDuration, parseDurationMs } from "./duration.ts";

Deno.test("parseDurationMs() reads every unit, fractions and sums", () => {
  const durations: [string, number][] = [
    ["0s", 0],
    ["250ms", 250],
    ["30s", 30_000],
    ["10m", 600_000],
    ["2h", 7_200_000],
    ["7d", 604_800_000],
    ["1.5h", 5_400_000],
    ["1h30m", 5_400_000],
    ["1m0.5s", 60_500],
  ];
  for (const [text, ms] of durations) assert.equal(parseDurationMs(text), ms, text);
});

Deno.test("parseDurationMs() refuses what is no duration", () => {
  const bad = [
    "",
    "5",
    "s",
    "5 s",
    "-5s",
    "5S",
    "5min",
    "1e3s",
    ".5s",
    "5.s",
    "99999999999d",
    "٣s",
  ];
  for (const text of bad) assert.equal(parseDurationMs(text), null, text);
});

Deno.test("formatDuration() keeps to one or two units", () => {
  const durations: [number, string][] = [
    [0, "0ms"],
    [999.4, "999ms"],
    [1_234, "1.2s"],
    [59_940, "59.9s"],
    [60_000, "1m 00s"],
    [185_000, "3m 05s"],
    [7_800_000, "2h 10m"],
    [273_600_000, "3d 4h"],
  ];
  for (const [ms, text] of durations) assert.equal(formatDuration(ms), text);
});

Deno.test("formatDuration() never shows 1000ms or 60.0s", () => {
  fc.assert(fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (ms) => {
    assert.doesNotMatch(formatDuration(ms), /^(1000ms|60\.0s)$/);
  }));
  for (const ms of [999.5, 999.9, 59_950, 59_999]) {
    assert.doesNotMatch(formatDuration(ms), /^(1000ms|60\.0s)$/);
  }
});
