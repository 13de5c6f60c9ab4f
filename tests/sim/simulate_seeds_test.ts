import assert from "node:assert/strict";
import { simulateSeeds } from "./simulate_seeds.ts";

Deno.test("simulateSeeds() finds the same on one core and on two", async () => {
  const seeds = { world: "runs", from: 1, to: 251 };
  const [one, two] = [await simulateSeeds(seeds, 1), await simulateSeeds(seeds, 2)];
  assert.equal(one.failure, null);
  assert.deepEqual([...one.counts].sort(), [...two.counts].sort());
  assert.ok(one.counts.get("RunSubmitted") === 250);
});
