import assert from "node:assert/strict";
import { runVisits } from "./run_visits.ts";

Deno.test("2,000 virtual actors in 16 places lose no message and mix up none", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "denizen-visits-" });
  try {
    const startMb = Deno.memoryUsage().rss / 1e6;
    const report = await runVisits({ dataDir, books: 2_000, residentMax: 16, rounds: 2 });
    assert.equal(report.messages, 20_000);
    assert.deepEqual([report.lost, report.faults, report.troubles], [0, [], []]);
    assert.equal(report.latenciesMs.length, 20_000);
    assert.equal(report.residentsMax, 16);
    // Beside other tests in this process the node is no more than what it adds.
    const addedMb = report.nodeMbMax - startMb;
    assert.ok(addedMb < 300, `the node took ${addedMb} MB`);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
