import assert from "node:assert/strict";
import fc from "fast-check";
import { SeededRandom } from "../../tests/seeded_random.ts";
import { drawWorkflow } from "../../tests/sim/run/random_workflow.ts";
import { simulateRun } from "../../tests/sim/run/run_simulation.ts";
import { compilePlan, createRunState, evolve, hasEnded, viewRun } from "../../workflows/mod.ts";
import { OpenRun } from "./open_run.ts";

Deno.test("OpenRun says of every open run what the run's own document says", () => {
  const seen = { waiting: 0, running: 0 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.boolean(), (seed, crashes) => {
      const plan = compilePlan(drawWorkflow(new SeededRandom(seed)), { packageHash: "hash" });
      const state = createRunState("run-1", plan);
      const run = new OpenRun();
      for (const [at, event] of simulateRun(seed, { crashes, users: true }).entries()) {
        evolve(state, event);
        run.add(event);
        const { status } = viewRun(state, { items: false });
        if (hasEnded(status) || status === "pending" || run.isPaused) continue;
        const found = run.isWaiting ? "waiting" : "running";
        assert.equal(found, status, `after event ${at}, ${event.type}`);
        assert.equal(OpenRun.of(state).isWaiting, run.isWaiting, `event ${at}, ${event.type}`);
        seen[found]++;
      }
    }),
    { numRuns: 100 },
  );
  assert.ok(seen.waiting > 20 && seen.running > 20, JSON.stringify(seen));
});
