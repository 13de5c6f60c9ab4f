import assert from "node:assert/strict";
import fc from "fast-check";
import { SeededRandom } from "../../tests/seeded_random.ts";
import { drawWorkflow } from "../../tests/sim/run/random_workflow.ts";
import { simulateRun } from "../../tests/sim/run/run_simulation.ts";
import {
  compilePlan,
  createRunState,
  evolve,
  type RunState,
  viewRun,
} from "../../workflows/mod.ts";
import { TaskTally } from "./task_tally.ts";

/** Tasks and items by status, as the document of the run has them. */
function countsOf(state: RunState) {
  const counts = { total: 0, completed: 0, failed: 0, running: 0 };
  for (const { status, items } of viewRun(state).tasks) {
    // The items follow, one by one.
    if (items !== undefined) continue;
    counts.total++;
    if (status === "completed" || status === "failed" || status === "running") counts[status]++;
  }
  return counts;
}

Deno.test("TaskTally counts as the document of the run does, whoever contends for its tasks", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.boolean(), (seed, users) => {
      const plan = compilePlan(drawWorkflow(new SeededRandom(seed)), { packageHash: "hash" });
      const state = createRunState("run-1", plan);
      const tally = new TaskTally();
      tally.tasks = plan.tasks.length;
      for (const [at, event] of simulateRun(seed, { crashes: true, users }).entries()) {
        // What a retry does anew is known from the plan alone.
        if (event.type === "RunRetried") break;
        evolve(state, event);
        tally.apply(event);
        const { dropped: _, ...counts } = tally.counts();
        assert.deepEqual(counts, countsOf(state), `after event ${at}, ${event.type}`);
      }
    }),
    { numRuns: 150 },
  );
});
