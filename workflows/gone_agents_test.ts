import assert from "node:assert/strict";
import { definitionOf, type ShortTask, TestRun, typesOf } from "../tests/decider_kit.ts";
import { ListedAssigner } from "../tests/listed_assigner.ts";
import { WAIT_MS } from "./build_assign.ts";
import { nextWakeAt, viewRun } from "./mod.ts";

const FAR = "far@1.0.0";

/** A run whose agent was removed before it began. */
function withoutFar(task: ShortTask, items: number[] = []): TestRun {
  const run = new TestRun(definitionOf([task]));
  const assigner = new ListedAssigner({ x: ["a", "b"] });
  assigner.gone.add(FAR);
  run.assigner = assigner;
  run.capacity.set(FAR, 0);
  run.submit({ items });
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

Deno.test("giveUpGone() says what is waited for long before it gives up", () => {
  const run = withoutFar({ id: "m", target: { type: "agent", agent: FAR } });
  // It may have been registered a moment ago, at another node.
  run.whenStarted();
  run.pass(2_000);
  assert.deepEqual(typesOf(run.whenStarted()), ["AssignmentDeferred"]);
  assert.deepEqual(run.whenStarted(), []);
  assert.match(viewRun(run.state).tasks[0]!.reason!, /far@1\.0\.0" is not registered any more/);
  assert.deepEqual(viewRun(run.refold()), viewRun(run.state));
  run.state = run.refold();
  run.capacity.set(FAR, 1);
  (run.assigner as ListedAssigner).gone.delete(FAR);
  assert.deepEqual(run.start(), [`m#1@${FAR}`]);
  assert.equal(viewRun(run.state).tasks[0]!.reason, "named by the workflow");
});

Deno.test("giveUpGone() gives up nobody who is registered again and only busy", () => {
  const run = withoutFar({ id: "m", target: { type: "agent", agent: FAR } });
  run.pass(2_000);
  run.whenStarted();
  (run.assigner as ListedAssigner).gone.delete(FAR);
  assert.deepEqual(run.pass(WAIT_MS), []);
  assert.deepEqual(run.whenStarted(), []);
  assert.equal(run.state.status, "running");
  (run.assigner as ListedAssigner).gone.add(FAR);
  assert.deepEqual(typesOf(run.whenStarted()), ["TaskFailed", "RunFailed"]);
});

Deno.test("giveUpGone() puts one of many items on the record, and fails all in time", () => {
  const items = { forEach: "input.items", continueOnError: true };
  const run = withoutFar({ id: "m", target: { type: "agent", agent: FAR }, ...items }, [1, 2, 3]);
  run.pass(2_000);
  assert.deepEqual(typesOf(run.whenStarted()), ["AssignmentDeferred"]);
  run.pass(WAIT_MS);
  run.whenStarted();
  assert.equal(run.state.status, "completed");
  assert.equal(run.state.tasks[0]!.failed, 3);
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

const CAPABLE = { id: "m", target: { type: "capability", capability: "x" } } as const;

Deno.test("giveUpGone() says that the fallback of a capability is gone, and fails in time", () => {
  const run = withoutFar({
    ...CAPABLE,
    forEach: "input.items",
    continueOnError: true,
    maxParallel: 1,
    fallback: { agent: FAR },
    assign: { waitMs: 60_000 },
  }, [1, 2]);
  run.start();
  run.fail("m", "FAILED");
  run.pass(2_000);
  assert.deepEqual(typesOf(run.whenStarted()), ["AssignmentDeferred", "AttemptStarted"]);
  assert.match(viewRun(run.state).tasks[1]!.reason!, /far@1\.0\.0" is not registered any more/);
  run.state = run.refold();
  assert.match(viewRun(run.state).tasks[1]!.reason!, /far@1\.0\.0" is not registered any more/);
  run.complete("m", null, 1);
  assert.deepEqual(run.whenStarted(), []);
  run.pass(60_000);
  assert.deepEqual(typesOf(run.whenStarted()), ["TaskFailed", "RunCompleted"]);
  assert.equal(run.state.tasks[0]!.instances[0]!.error?.code, "NOBODY_CAN");
});

Deno.test("giveUpGone() lets a fallback begin that is registered again", () => {
  const run = withoutFar({ ...CAPABLE, fallback: { agent: FAR } });
  run.start();
  run.fail("m", "FAILED");
  run.pass(2_000);
  assert.deepEqual(typesOf(run.whenStarted()), ["AssignmentDeferred"]);
  (run.assigner as ListedAssigner).gone.delete(FAR);
  run.capacity.set(FAR, 1);
  assert.deepEqual(run.start(), [`m#2@${FAR}`]);
  assert.equal(viewRun(run.state).tasks[0]!.reason, "fallback, after the first choice had failed");
});

Deno.test("giveUpGone() says that the judge is gone, once it is its turn", () => {
  const run = withoutFar({ ...CAPABLE, assign: { waitMs: 60_000, judge: { of: 2, by: FAR } } });
  run.start();
  run.pass(100_000);
  assert.deepEqual(run.whenStarted(), []);
  for (const index of [1, 2]) run.complete("m", index, index);
  assert.deepEqual(run.whenStarted(), []);
  run.pass(2_000);
  assert.deepEqual(typesOf(run.whenStarted()), ["AssignmentDeferred"]);
  assert.match(viewRun(run.state).tasks[0]!.reason!, /a judge decides.*far@1\.0\.0" is not regist/);
  run.state = run.refold();
  run.when({ type: "RecoverRun", at: run.at });
  assert.deepEqual(run.whenStarted(), []);
  run.pass(60_000);
  assert.deepEqual(typesOf(run.whenStarted()).slice(0, 2), ["TaskFailed", "ContestSettled"]);
  assert.equal(run.state.tasks[0]!.result.output, 2);
});

Deno.test("giveUpGone() fails a merge whose merger stays away", () => {
  const run = withoutFar({ ...CAPABLE, assign: { waitMs: 0, merge: { of: 2, by: FAR } } });
  run.start();
  for (const index of [1, 2]) run.complete("m", index, index);
  assert.deepEqual(run.whenStarted(), []);
  run.pass(2_000);
  run.whenStarted();
  assert.equal(run.state.tasks[0]!.result.error?.code, "NOBODY_CAN");
  assert.match(run.state.tasks[0]!.result.error!.message, /far@1\.0\.0" is not registered/);
});
