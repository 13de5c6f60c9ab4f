import assert from "node:assert/strict";
import { runVisits } from "./run_visits.ts";

Deno.test("2,000 virtual actors in 16 places lose no message and mix up none", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "denizen-visits-" });
  try {
    const report = await runVisits({ dataDir, books: 2_000, residentMax: 16, rounds: 2 });
    assert.equal(report.messages, 20_000);
    assert.deepEqual([report.lost, report.faults, report.troubles], [0, [], []]);
    assert.equal(report.latenciesMs.length, 20_000);
    assert.equal(report.residentsMax, 16);
    assert.ok(report.nodeMbMax < 500, `the node took ${report.nodeMbMax} MB`);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
