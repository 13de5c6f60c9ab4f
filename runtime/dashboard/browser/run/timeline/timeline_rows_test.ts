import assert from "node:assert/strict";
import fc from "fast-check";
import { createLiveRun, foldRun } from "../live/mod.ts";
import { ticksBetween, tickStep, TimelineRows } from "./timeline_rows.ts";

const NO_ERROR = { code: "FAILED", message: "It failed" };

Deno.test("TimelineRows keeps the attempts of a task in one row, also those of a retry", () => {
  const graph = (id: string) => ({ id, kind: "agent", agent: "a", needs: [] });
  const run = createLiveRun("run-1", [graph("one"), { ...graph("each"), forEach: "[1, 2]" }]);
  const rows = new TimelineRows();
  foldRun(run, { type: "TaskScheduled", at: 1, task: "one" });
  foldRun(run, { type: "AttemptStarted", at: 2, task: "one", attempt: 1, agent: "a" });
  rows.update(run);
  foldRun(run, {
    type: "AttemptFailed",
    at: 5,
    task: "one",
    attempt: 1,
    error: NO_ERROR,
    retryAt: 6,
  });
  foldRun(run, { type: "AttemptStarted", at: 7, task: "one", attempt: 2, agent: "a" });
  foldRun(run, { type: "TaskExpanded", at: 7, task: "each", count: 2 });
  foldRun(run, { type: "AttemptStarted", at: 8, task: "each", index: 1, attempt: 1, agent: "a" });
  rows.update(run);
  assert.deepEqual(rows.list.map(({ name }) => name), ["one", "each[1]"]);
  const [first, second] = rows.list[0]!.spans;
  assert.deepEqual([first!.status, first!.finishedAt], ["failed", 5]);
  assert.deepEqual([second!.status, second!.finishedAt], ["running", null]);
});

Deno.test("TimelineRows keeps contenders in rows of their own, and who judges", () => {
  const contest = { way: "judge", of: 2, by: "c" } as const;
  const run = createLiveRun("run-1", [
    { id: "pick", kind: "capability", agent: null, capability: "work", needs: [], contest },
  ]);
  const begin = (index: number, agent: string) =>
    foldRun(run, { type: "AttemptStarted", at: 4, task: "pick", index, attempt: 1, agent });
  foldRun(run, { type: "TaskScheduled", at: 1, task: "pick" });
  foldRun(run, { type: "ContestOpened", at: 2, task: "pick", way: "judge", first: 1, of: 2 });
  begin(1, "a");
  begin(2, "b");
  begin(3, "c");
  const rows = new TimelineRows();
  rows.update(run);
  assert.deepEqual(
    rows.list.map(({ name, index, spans }) => [name, index, spans[0]!.agent]),
    [["pick, contender 1", null, "a"], ["pick, contender 2", null, "b"], [
      "pick, judge",
      null,
      "c",
    ]],
  );
});

Deno.test("ticksBetween() gives lines that are far enough apart, at even instants", () => {
  const scales = fc.double({ min: 1e-7, max: 50, noNaN: true });
  fc.assert(fc.property(scales, fc.nat(1e9), (pxPerMs, from) => {
    const step = tickStep(pxPerMs);
    assert.ok(step * pxPerMs >= 89.99);
    const ticks = ticksBetween(from, from + 1_200 / pxPerMs, step);
    assert.ok(ticks.length <= 16, `${ticks.length}`);
    for (const { ms } of ticks) assert.equal(ms % step, 0);
    assert.equal(new Set(ticks.map(({ label }) => label)).size, ticks.length);
  }));
});
