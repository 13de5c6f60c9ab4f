import assert from "node:assert/strict";
import { buildAssign, buildReuse, WAIT_MS } from "./build_assign.ts";

Deno.test("buildAssign() reads the words as what they stand for", () => {
  assert.deepEqual(buildAssign("score"), { waitMs: WAIT_MS });
  assert.deepEqual(buildAssign("bid"), { waitMs: WAIT_MS, auction: { bidTimeoutMs: 2_000 } });
});

Deno.test("buildAssign() applies the defaults of every way to settle a contest", () => {
  assert.deepEqual(buildAssign({ vote: {} }).vote, { of: 3, ties: "evidence" });
  assert.deepEqual(buildAssign({ judge: { by: "x" } }).judge, { of: 2, by: "x" });
  assert.deepEqual(buildAssign({ merge: { of: 4, by: "x" } }).merge, { of: 4, by: "x" });
});

Deno.test("buildAssign() keeps limits in milliseconds and US dollars", () => {
  const draft = { maxCost: 0.05, wait: "0s", auction: { bidTimeout: "1s", reserve: 0.1 } };
  assert.deepEqual(buildAssign(draft), {
    waitMs: 0,
    maxCostUsd: 0.05,
    auction: { bidTimeoutMs: 1_000, reserveUsd: 0.1 },
  });
});

Deno.test("buildReuse() asks for the same input within a week unless told otherwise", () => {
  assert.deepEqual(buildReuse({}), { maxAgeMs: 604_800_000, minSimilarity: 1 });
  assert.deepEqual(buildReuse({ maxAge: "1h", minSimilarity: 0.5 }), {
    maxAgeMs: 3_600_000,
    minSimilarity: 0.5,
  });
});
