import assert from "node:assert/strict";
import fc from "fast-check";
import { definitionOf, TestRun } from "../../../../../tests/decider_kit.ts";
import { SeededRandom } from "../../../../../tests/seeded_random.ts";
import { drawWorkflow } from "../../../../../tests/sim/run/random_workflow.ts";
import { simulateRun } from "../../../../../tests/sim/run/run_simulation.ts";
import {
  compilePlan,
  createRunState,
  evolve,
  type RunEvent,
  viewRun,
  type WorkflowDefinition,
} from "../../../../../workflows/mod.ts";
import { graphOf } from "../../../../control/task_graph.ts";
import { createLiveRun, foldRun, type GraphTask, viewLiveRun } from "./mod.ts";

/** As the node gives it. */
function graphOfDefinition(definition: WorkflowDefinition): GraphTask[] {
  return graphOf(compilePlan(definition, { packageHash: "hash" }).tasks);
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Folds on both sides; every `step` events what both show is compared. */
function compareFolds(definition: WorkflowDefinition, events: readonly RunEvent[], step: number) {
  const plan = compilePlan(definition, { packageHash: "hash" });
  const state = createRunState("run-1", plan);
  const live = createLiveRun("run-1", graphOfDefinition(definition));
  events.forEach((event, at) => {
    evolve(state, event);
    foldRun(live, plain(event) as RunEvent);
    if (at % step !== 0 && at !== events.length - 1) return;
    for (const items of [true, false]) {
      assert.deepEqual(
        plain(viewLiveRun(live, { items })),
        plain(viewRun(state, { items })),
        `after event ${at}, ${event.type}`,
      );
    }
  });
  return live;
}

Deno.test("foldRun() shows what the server shows, after any event of any drawn run", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.boolean(),
      fc.boolean(),
      (seed, crashes, users) => {
        const events = simulateRun(seed, { crashes, users });
        compareFolds(drawWorkflow(new SeededRandom(seed)), events, 1);
      },
    ),
    { numRuns: 150 },
  );
});

Deno.test("foldRun() ends the items of a forEach as the server does when one fails", () => {
  const spent = { maxAttempts: 1, backoff: { initialMs: 0, factor: 1, maxMs: 0, jitter: "none" } };
  for (const continueOnError of [true, false]) {
    const retry = spent as NonNullable<Parameters<typeof definitionOf>[0][0]["retry"]>;
    const definition = definitionOf(
      [{ id: "each", forEach: "[1, 2, 3, 4]", maxParallel: 2, continueOnError, retry }],
    );
    const run = new TestRun(definition);
    run.submit();
    run.start();
    run.fail("each", "FAILED", 1);
    run.start();
    run.complete("each", 1, 0);
    if (continueOnError) {
      run.start();
      run.complete("each", 1, 2);
      run.start();
      run.complete("each", 1, 3);
    }
    const live = compareFolds(definition, run.events, 1);
    assert.equal(live.tasks[0]!.counts.cancelled, continueOnError ? 0 : 2);
  }
});

Deno.test("foldRun() keeps every attempt, with its end", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 100_000 }), (seed) => {
    const events = simulateRun(seed, { crashes: true, users: true });
    const live = createLiveRun("run-1", graphOfDefinition(drawWorkflow(new SeededRandom(seed))));
    for (const event of events) foldRun(live, event);
    const starts = events.filter(({ type }) => type === "AttemptStarted").length;
    assert.equal(live.spans.filter(({ attempt }) => attempt > 0).length, starts);
    const inFlight = live.spans.filter(({ attempt, finishedAt }) =>
      attempt > 0 && finishedAt === null
    );
    assert.equal(inFlight.length, live.running);
    for (const { startedAt, finishedAt } of live.spans) {
      assert.ok(finishedAt === null || finishedAt >= startedAt);
    }
  }));
});

Deno.test("foldRun() passes over tasks that the graph does not have", () => {
  const live = createLiveRun("run-1", []);
  foldRun(live, { type: "TaskScheduled", at: 1, task: "gone" });
  assert.equal(live.version, 1);
});
