import assert from "node:assert/strict";
import fc from "fast-check";
import type { Json } from "../core/json.ts";
import { readBid } from "./read_bid.ts";

Deno.test("readBid() takes a bid, and the manifest's price where it names none", () => {
  const bid = { costUsd: 0.5, success: 0.9, latencyMs: 1_000 };
  assert.deepEqual(readBid(bid, 2), { bid, problem: null });
  assert.deepEqual(readBid({}, 2).bid, { costUsd: 2, success: null, latencyMs: null });
  assert.deepEqual(readBid({ costUsd: null, success: 0 }, 2).bid, {
    costUsd: 2,
    success: 0,
    latencyMs: null,
  });
  assert.deepEqual(readBid(null, 2), { bid: null, problem: null });
});

Deno.test("readBid() refuses what is no bid", () => {
  const wrong: Json[] = [
    [],
    "free",
    1,
    true,
    { costUsd: -0.01 },
    { costUsd: "0" },
    { costUsd: 1e7 },
    { success: 1.01 },
    { latencyMs: -1 },
    { colour: 1 },
    { costUsd: { valueOf: 1 } },
    JSON.parse('{"costUsd":1e999}'),
    JSON.parse('{"costUsd":-1e999}'),
    JSON.parse('{"__proto__":{"costUsd":1}}'),
    { costUsd: 1, note: "x".repeat(1_000_000) },
    Array(1_000).fill(0),
  ];
  for (const value of wrong) assert.notEqual(readBid(value, 0).problem, null);
});

Deno.test("readBid() answers with finite numbers, or with none, whatever it is given", () => {
  const key = fc.constantFrom("costUsd", "success", "latencyMs");
  const bids = fc.dictionary(key, fc.oneof(fc.double(), fc.jsonValue()), { maxKeys: 3 });
  fc.assert(fc.property(fc.oneof(bids, fc.jsonValue()), (value) => {
    const { bid } = readBid(value as Json, 1);
    if (bid === null) return;
    assert.ok(Number.isFinite(bid.costUsd) && bid.costUsd >= 0);
    assert.ok(bid.success === null || (bid.success >= 0 && bid.success <= 1));
    assert.ok(bid.latencyMs === null || Number.isFinite(bid.latencyMs));
  }));
});
