import assert from "node:assert/strict";
import { OutcomeCounts } from "./outcome_counts.ts";

Deno.test("OutcomeCounts counts by tenant, and forgets tenants without attempts", () => {
  const counts = new OutcomeCounts();
  counts.count(null, "completed", 1);
  counts.count("acme", "failed", 1);
  counts.count("umbrella", "neutral", 1);
  assert.deepEqual(counts.seenBy("acme"), { completed: 1, failed: 1, neutral: 0 });
  assert.deepEqual(counts.seenBy(null), { completed: 1, failed: 0, neutral: 0 });
  assert.deepEqual(counts.seenBy(undefined), { completed: 1, failed: 1, neutral: 1 });
  counts.count(null, "completed", -1);
  assert.equal(counts.isSeenBy(null), false);
  assert.equal(counts.isSeenBy("acme"), true);
});
