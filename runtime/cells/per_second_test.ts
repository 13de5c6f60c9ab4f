import assert from "node:assert/strict";
import { PerSecond } from "./per_second.ts";

Deno.test("PerSecond allows so many in a second, and as many in the next", () => {
  const limit = new PerSecond(2);
  assert.deepEqual([5_000, 5_001, 5_999].map((now) => limit.allows(now)), [true, true, false]);
  assert.deepEqual([6_000, 6_000, 6_000].map((now) => limit.allows(now)), [true, true, false]);
});
