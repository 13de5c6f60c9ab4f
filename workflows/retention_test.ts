import assert from "node:assert/strict";
import fc from "fast-check";
import { type ClosedRun, selectExpired } from "./retention.ts";

const DAY_MS = 86_400_000;
const NOW = 1_000 * DAY_MS;

function closed(runId: string, days: number, rest: Partial<ClosedRun> = {}): ClosedRun {
  const finishedAt = NOW - days * DAY_MS;
  return { runId, workflow: "w", status: "completed", finishedAt, policy: {}, ...rest };
}

function expired(...runs: ClosedRun[]): string[] {
  return selectExpired(runs, NOW, new Map());
}

Deno.test("selectExpired() keeps everything for ever when nothing is said", () => {
  assert.deepEqual(expired(closed("a", 900), closed("b", 990, { policy: null })), []);
});

Deno.test("selectExpired() goes by how the run ended", () => {
  const policy = { completedMs: 30 * DAY_MS, failedMs: 90 * DAY_MS };
  const runs = [
    closed("young", 29.9, { policy }),
    closed("old", 30, { policy }),
    closed("failed", 89, { policy, status: "failed" }),
    closed("failed-old", 91, { policy, status: "failed" }),
    closed("cancelled", 900, { policy, status: "cancelled" }),
    closed("cancelled-old", 900, { policy: { cancelledMs: DAY_MS }, status: "cancelled" }),
  ];
  assert.deepEqual(expired(...runs), ["old", "failed-old", "cancelled-old"]);
});

Deno.test("selectExpired() counts the runs of each workflow, over all pages", () => {
  const policy = { runsMax: 2 };
  const counts = new Map();
  const page = (...names: [runId: string, workflow: string][]) =>
    selectExpired(
      names.map(([runId, workflow]) => closed(runId, 1, { workflow, policy })),
      NOW,
      counts,
    );
  assert.deepEqual(page(["5", "a"], ["4", "b"], ["3", "a"]), []);
  assert.deepEqual(page(["2", "a"], ["1", "b"], ["0", "b"]), ["2", "0"]);
});

Deno.test("selectExpired() gives the same for one page as for many", () => {
  const run = fc.record({
    workflow: fc.constantFrom("a", "b"),
    status: fc.constantFrom("completed", "failed", "cancelled"),
    days: fc.nat(100),
    policy: fc.option(fc.record({
      completedMs: fc.nat(100 * DAY_MS),
      runsMax: fc.nat(10),
    }, { requiredKeys: [] })),
  });
  fc.assert(fc.property(fc.array(run), fc.nat(50), (drawn, cut) => {
    const runs = drawn.map(({ days, ...rest }, at) => closed(`${at}`, days, rest as ClosedRun));
    const counts = new Map();
    const parts = [runs.slice(0, cut), runs.slice(cut)];
    const found = parts.flatMap((part) => selectExpired(part, NOW, counts));
    assert.deepEqual(found, expired(...runs));
  }));
});
