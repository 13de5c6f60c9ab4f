import assert from "node:assert/strict";
import type { GroupReport } from "./activity_tally.ts";
import type { Labels } from "./caller.ts";
import { LatencyHistogram } from "./latency_histogram.ts";
import { isSeen, summarize } from "./node_overview_desk.ts";

function group(labels: Labels | null, rest: Partial<GroupReport> = {}): GroupReport {
  const none = { running: 0, waiting: 0, paused: 0, queued: 0 };
  return {
    labels,
    ...none,
    waitingIds: [],
    ends: [],
    tasks: [],
    agents: [],
    failures: [],
    ...rest,
  };
}

const LABELS = { workflow: "w", tags: [], tenant: null };

Deno.test("summarize() adds what several nodes counted, by age and not by clock", () => {
  const latency = (ms: number) => {
    const histogram = new LatencyHistogram();
    histogram.add(ms, 0);
    return histogram.counts(0);
  };
  const failure = { code: "CRASHED", task: "t", count: 2 };
  const { runs, throughput, slowestTasks, failures, queue } = summarize([
    group(LABELS, {
      running: 1,
      queued: 3,
      ends: [[0, 1, 0, 0], [359, 0, 1, 0]],
      tasks: [{ task: "t", latency: latency(10) }],
      failures: [{ ...failure, ageMs: 900, runId: "old" }],
    }),
    group(LABELS, {
      paused: 1,
      ends: [[0, 2, 0, 1]],
      tasks: [{ task: "t", latency: latency(1_000) }, { task: "u", latency: latency(50) }],
      failures: [{ ...failure, ageMs: 100, runId: "new" }],
    }),
  ], { at: 7_200_000, wishes: 4 });
  assert.deepEqual(runs, {
    running: 1,
    waiting: 0,
    paused: 1,
    completed: 3,
    failed: 1,
    cancelled: 1,
  });
  assert.equal(throughput.length, 360);
  const { at, ...newest } = throughput.at(-1)!;
  assert.equal(at, new Date(7_200_000).toISOString());
  assert.deepEqual(newest, { completed: 3, failed: 0, cancelled: 1 });
  assert.equal(throughput[0]!.failed, 1);
  assert.deepEqual(slowestTasks.map(({ task, count, maxMs }) => [task, count, maxMs]), [
    ["t", 2, 1_000],
    ["u", 1, 50],
  ]);
  assert.deepEqual(failures.map(({ count, runId }) => [count, runId]), [[4, "new"]]);
  assert.deepEqual(queue, { waiting: 3, wishes: 4 });
});

Deno.test("isSeen() shows a reader only groups whose labels they may see", () => {
  const acme = { labels: { ...LABELS, tenant: "acme" } };
  assert.equal(isSeen(acme, {}), true);
  assert.equal(isSeen(acme, { tenant: "other" }), false);
  assert.equal(isSeen(acme, { tenant: "acme" }), true);
  assert.equal(isSeen(acme, { sees: ({ tenant }) => tenant === null }), false);
  assert.equal(isSeen({ labels: null }, {}), true);
  assert.equal(isSeen({ labels: null }, { tenant: "acme" }), false);
  assert.equal(isSeen({ labels: null }, { sees: () => true }), false);
});
