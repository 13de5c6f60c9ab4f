import assert from "node:assert/strict";
import { definitionOf, type ShortTask, TestRun, typesOf } from "../tests/decider_kit.ts";
import { ListedAssigner } from "../tests/listed_assigner.ts";
import { WAIT_MS } from "./build_assign.ts";
import { nextWakeAt } from "./mod.ts";

const FAR = "far@1.0.0";

/** A run whose agent was removed before it began. */
function withoutFar(task: ShortTask): TestRun {
  const run = new TestRun(definitionOf([task]));
  const assigner = new ListedAssigner({ x: ["a", "b"] });
  assigner.gone.add(FAR);
  run.assigner = assigner;
  run.capacity.set(FAR, 0);
  run.submit();
  return run;
}

Deno.test("giveUpGone() fails a task whose agent stays away", () => {
  const run = withoutFar({ id: "m", target: { type: "agent", agent: FAR } });
  assert.deepEqual(run.whenStarted(), []);
  assert.ok(nextWakeAt(run.state)! <= run.state.startedAt + WAIT_MS);
  run.pass(WAIT_MS);
  assert.deepEqual(typesOf(run.whenStarted()), ["TaskFailed", "RunFailed"]);
  assert.equal(run.state.error?.code, "NOBODY_CAN");
});

Deno.test("giveUpGone() goes on as usual when the agent is registered again", () => {
  const run = withoutFar({ id: "m", target: { type: "agent", agent: FAR } });
  run.pass(WAIT_MS - 1);
  run.whenStarted();
  (run.assigner as ListedAssigner).gone.delete(FAR);
  run.capacity.set(FAR, 1);
  assert.deepEqual(run.start(), [`m#1@${FAR}`]);
});

Deno.test("giveUpGone() lets the fallback do it", () => {
  const run = withoutFar({
    id: "m",
    target: { type: "agent", agent: FAR },
    fallback: { agent: "b" },
  });
  run.pass(WAIT_MS);
  assert.deepEqual(typesOf(run.whenStarted()), ["TaskFellBack"]);
  run.pass(1);
  assert.deepEqual(run.start(), ["m#1@b"]);
});

Deno.test("giveUpGone() leaves it to what is known of the agents when the judge is gone", () => {
  const run = withoutFar({
    id: "m",
    target: { type: "capability", capability: "x" },
    assign: { waitMs: 1_000, judge: { of: 2, by: FAR } },
  });
  run.whenStarted();
  for (const index of [1, 2]) run.complete("m", index, index);
  run.pass(2 * WAIT_MS);
  run.whenStarted();
  assert.equal(run.state.status, "completed");
  assert.equal(run.state.tasks[0]!.result.output, 2);
});
