import assert from "node:assert/strict";
import fc from "fast-check";
import { SeededRandom } from "../../../../../tests/seeded_random.ts";
import { drawWorkflow } from "../../../../../tests/sim/run/random_workflow.ts";
import { simulateRun } from "../../../../../tests/sim/run/run_simulation.ts";
import { compilePlan, createRunState, evolve, viewRun } from "../../../../../workflows/mod.ts";
import { graphOf } from "../../../../control/task_graph.ts";
import { createLiveRun, foldRun, runStatusOf, viewLiveTask } from "../live/mod.ts";
import { adoptDocument, progressOfRun, progressOfView, snapshotRun } from "./snapshot_run.ts";

/** A drawn run, cut somewhere: its document, its graph and its events so far. */
function drawRun(seed: number) {
  const definition = drawWorkflow(new SeededRandom(seed));
  const events = simulateRun(seed, { crashes: seed % 2 === 0, users: true });
  const plan = compilePlan(definition, { packageHash: "hash" });
  const so = events.slice(0, new SeededRandom(seed * 7).int(1, events.length));
  const state = so.reduce(evolve, createRunState("run-1", plan));
  const detail = JSON.parse(JSON.stringify(viewRun(state, { items: false })));
  return { detail, graph: graphOf(plan.tasks), events: so };
}

const seeds = fc.integer({ min: 1, max: 100_000 });

Deno.test("snapshotRun() shows statuses, attempts and counts as the document has them", () => {
  fc.assert(fc.property(seeds, (seed) => {
    const { detail, graph } = drawRun(seed);
    const run = snapshotRun(detail, graph);
    assert.equal(runStatusOf(run), detail.status);
    for (const [at, task] of run.tasks.entries()) {
      const { status, items, startedAt, finishedAt } = viewLiveTask(task);
      const wanted = detail.tasks[at];
      assert.equal(status, wanted.status, `${task.spec.id}`);
      assert.deepEqual([startedAt, finishedAt], [wanted.startedAt, wanted.finishedAt]);
      if (wanted.items !== undefined && items !== undefined) assert.deepEqual(items, wanted.items);
    }
  }));
});

Deno.test("progressOfRun() reaches that of the document with the event that the document saw last", () => {
  fc.assert(fc.property(seeds, (seed) => {
    const { detail, graph, events } = drawRun(seed);
    const run = createLiveRun("run-1", graph);
    for (const event of events) foldRun(run, event);
    assert.deepEqual(progressOfRun(run), progressOfView(detail));
  }));
});

Deno.test("adoptDocument() takes the statuses that a fold could not know", () => {
  fc.assert(fc.property(seeds, (seed) => {
    const { detail, graph, events } = drawRun(seed);
    // A graph that does not say which failures are let pass.
    const bare = graph.map(({ continueOnError: _, ...task }) => task);
    const run = createLiveRun("run-1", bare);
    for (const event of events) foldRun(run, event);
    adoptDocument(run, detail);
    const statuses = run.tasks.filter(({ isForEach }) => isForEach).map(({ status }) => status);
    const wanted = detail.tasks.filter((_: unknown, at: number) => run.tasks[at]!.isForEach);
    assert.deepEqual(statuses, wanted.map(({ status }: { status: string }) => status));
  }));
});
