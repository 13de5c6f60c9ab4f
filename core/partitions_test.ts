import assert from "node:assert/strict";
import { monotonicFactory } from "ulid";
import { isShared, partitionOfRun, PRIVATE_PARTITIONS } from "./partitions.ts";

Deno.test("partitionOfRun() spreads ids that follow each other", () => {
  const nextId = monotonicFactory();
  const counts = new Array(8).fill(0);
  for (let n = 0; n < 8_000; n++) counts[partitionOfRun(nextId(1_700_000_000_000), 8)]++;
  for (const count of counts) assert.ok(count > 850 && count < 1_150, String(counts));
});

Deno.test("partitionOfRun() gives what it always gave", () => {
  const ids = ["01KAJ3ZK8Q0000000000000000", "01KAJ3ZK8Q0000000000000001", "x", ""];
  assert.deepEqual(ids.map((id) => partitionOfRun(id, 8)), [0, 1, 4, 3]);
});

Deno.test("isShared() tells a cluster's partitions from those of single processes", () => {
  assert.equal(isShared(7), true);
  assert.equal(isShared(PRIVATE_PARTITIONS.first), false);
});
