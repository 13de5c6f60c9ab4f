import assert from "node:assert/strict";
import type { Abstention } from "../core/assignment.ts";
import { definitionOf, type ShortTask, TestRun, typesOf } from "../tests/decider_kit.ts";
import { ListedAssigner } from "../tests/listed_assigner.ts";
import { DEFAULT_ASSIGN } from "./assign_next.ts";
import type { AssignmentRequest } from "./mod.ts";
import { nextWakeAt, viewRun } from "./mod.ts";

const MEASURE: ShortTask = { id: "m", target: { type: "capability", capability: "code.measure" } };
const EACH: ShortTask = { ...MEASURE, forEach: "input.items", with: { n: "${{ item }}" } };

function submitted(
  task: ShortTask | ShortTask[],
  assigner: ListedAssigner,
  input: Record<string, never[] | number[]> = {},
): TestRun {
  const run = new TestRun(definitionOf([task].flat(), { concurrency: 20_000 }));
  run.assigner = assigner;
  run.submit(input);
  return run;
}

const refusesOdd = ({ input }: AssignmentRequest) => (input as { n: number }).n % 2 === 1;
const ab = () => new ListedAssigner({ "code.measure": ["a", "b"] });

Deno.test("assignNext() puts the choice on the record, with what it was asked", () => {
  const run = submitted({ ...MEASURE, with: { file: "x.ts" } }, ab());
  const [started] = run.whenStarted();
  assert.ok(started?.type === "AttemptStarted");
  assert.equal(started.agent, "a");
  assert.equal(started.assignment?.way, "evidence");
  const [request] = (run.assigner as ListedAssigner).requests;
  assert.deepEqual(request!.input, { file: "x.ts" });
  assert.deepEqual(request!.spec, DEFAULT_ASSIGN);
  assert.equal(request!.attempt, 1);
  assert.match(viewRun(run.state).tasks[0]!.reason!, /^a\b.*chosen/);
  assert.deepEqual(viewRun(run.refold()), viewRun(run.state));
});

Deno.test("assignNext() tells who failed at the same work when it asks again", () => {
  const run = submitted(MEASURE, ab());
  assert.deepEqual(run.start(), ["m#1@a"]);
  run.fail("m", "UNAVAILABLE");
  run.pass(60_000);
  assert.deepEqual(run.start(), ["m#2@b"]);
  const last = (run.assigner as ListedAssigner).requests.at(-1)!;
  assert.deepEqual([...last.failed], [["a", 1]]);
});

Deno.test("assignNext() takes places into account that it has just given away", () => {
  const run = submitted(EACH, ab(), { items: [1, 2, 3] });
  run.capacity.set("a", 1).set("b", 1);
  assert.deepEqual(run.start(), ["m[0]#1@a", "m[1]#1@b"]);
});

Deno.test("assignNext() does not ask for ten thousand items when nobody has a place", () => {
  const run = submitted(EACH, ab(), { items: Array.from({ length: 10_000 }, (_, at) => at) });
  const { requests } = run.assigner as ListedAssigner;
  run.capacity.set("a", 3).set("b", 0);
  assert.equal(run.start().length, 3);
  assert.ok(requests.length <= 4, `asked ${requests.length} times`);
});

Deno.test("assignNext() says once that nobody offers it, and fails the task in time", () => {
  const run = submitted(MEASURE, new ListedAssigner({}));
  assert.deepEqual(typesOf(run.whenStarted()), ["AssignmentDeferred"]);
  assert.deepEqual(run.whenStarted(), []);
  assert.match(viewRun(run.state).tasks[0]!.reason!, /code\.measure.*waits until/);
  run.pass(DEFAULT_ASSIGN.waitMs - 1);
  assert.deepEqual(run.whenStarted(), []);
  assert.deepEqual(typesOf(run.pass(1)), ["TaskFailed", "RunFailed"]);
  assert.equal(run.state.error?.code, "NOBODY_CAN");
  assert.deepEqual(viewRun(run.refold()), viewRun(run.state));
});

Deno.test("assignNext() says a new reason, and keeps the time of the first", () => {
  const agents: Record<string, string[]> = {};
  const run = submitted(MEASURE, new ListedAssigner(agents, () => true));
  run.whenStarted();
  run.pass(1_000);
  agents["code.measure"] = ["a"];
  const [again] = run.whenStarted();
  assert.ok(again?.type === "AssignmentDeferred");
  assert.equal(again.why.code, "NOBODY_CAN");
  assert.equal(again.giveUpAt, 1_000 + DEFAULT_ASSIGN.waitMs);
});

Deno.test("assignNext() starts a task that was put aside as soon as somebody can do it", () => {
  const agents: Record<string, string[]> = {};
  const run = submitted({ ...MEASURE, assign: { waitMs: 5_000 } }, new ListedAssigner(agents));
  run.whenStarted();
  run.state = run.refold();
  agents["code.measure"] = ["b"];
  assert.deepEqual(run.start(), ["m#1@b"]);
  assert.deepEqual(run.pass(5_000), []);
  run.complete("m");
  assert.equal(run.state.status, "completed");
});

Deno.test("assignNext() lets the fallback do what nobody could", () => {
  const task = { ...MEASURE, assign: { waitMs: 5_000 }, fallback: { agent: "b" } };
  const run = submitted(task, new ListedAssigner({}));
  run.whenStarted();
  assert.deepEqual(typesOf(run.pass(5_000)), ["TaskFellBack"]);
  run.state = run.refold();
  run.pass(0);
  assert.deepEqual(run.start(), ["m#1@b"]);
  run.complete("m");
  assert.equal(run.state.status, "completed");
});

Deno.test("assignNext() passes over items that nobody takes", () => {
  const assigner = new ListedAssigner({ "code.measure": ["a"] }, refusesOdd);
  const run = submitted(EACH, assigner, { items: [1, 2, 3, 4] });
  assert.deepEqual(run.start(), ["m[1]#1@a", "m[3]#1@a"]);
  assert.match(viewRun(run.state).tasks[0]!.reason!, /^2 items wait: .*code\.measure/);
  assert.deepEqual(run.start(), []);
  assert.deepEqual(viewRun(run.refold()), viewRun(run.state));
});

Deno.test("assignNext() lets other tasks of the same kind start before one that nobody takes", () => {
  const other = { ...MEASURE, id: "other", with: { n: 2 } };
  const assigner = new ListedAssigner({ "code.measure": ["a"] }, refusesOdd);
  const run = submitted([{ ...MEASURE, with: { n: 1 } }, other], assigner);
  assert.deepEqual(run.start(), ["other#1@a"]);
});

Deno.test("assignNext() fails a thousand items that nobody takes, some at a time", () => {
  const task = { ...EACH, continueOnError: true, assign: { waitMs: 1_000 } };
  const items = Array.from({ length: 1_000 }, () => 1);
  const run = submitted(task, new ListedAssigner({ "code.measure": ["a"] }, refusesOdd), { items });
  for (let turn = 0; turn < 100 && run.state.status === "running"; turn++) {
    assert.ok(run.whenStarted().length <= 100);
    run.pass(turn === 0 ? 1_000 : 250);
  }
  assert.equal(run.state.status, "completed");
  assert.equal(run.state.tasks[0]!.failed, 1_000);
});

Deno.test("assignNext() wakes the run when it is worth asking again", () => {
  const run = submitted(MEASURE, ab());
  const busy: Abstention = { code: "BEST_BUSY", excluded: [], agent: "a", askAgainAt: 5_000 };
  run.assigner = {
    hasRoom: () => true,
    isGone: () => false,
    choose: () => ({ agent: null, why: busy }),
    invite: () => [],
    reuse: () => null,
  };
  assert.deepEqual(run.whenStarted(), []);
  run.whenStarted();
  assert.deepEqual([...run.state.timers].map(({ at, kind }) => [at, kind]), [[5_000, "ask"]]);
});

Deno.test("assignNext() fails a task whose input cannot be rendered, before anybody is asked", () => {
  const run = submitted({ ...MEASURE, with: { x: "${{ input.missing.deep }}" } }, ab());
  assert.deepEqual(typesOf(run.whenStarted()), ["TaskFailed", "RunFailed"]);
  assert.equal((run.assigner as ListedAssigner).requests.length, 0);
});

Deno.test("assignNext() tells how long the work could have begun, for each attempt anew", () => {
  const run = submitted(MEASURE, ab());
  const { requests } = run.assigner as ListedAssigner;
  run.capacity.set("a", 1).set("b", 1);
  run.pass(3_000);
  run.start();
  assert.equal(requests.at(-1)!.waitedMs, 3_000);
  run.fail("m", "UNAVAILABLE");
  run.pass(60_000);
  run.start();
  const { waitedMs } = requests.at(-1)!;
  assert.ok(waitedMs < 60_000, `${waitedMs} ms`);
});

Deno.test("assignNext() is not woken at once, and again, for an instant that has passed", () => {
  const assigner = ab();
  assigner.choose = (request) => {
    assigner.requests.push(request);
    return { agent: null, why: { code: "NOBODY_CAN", excluded: [], askAgainAt: request.at } };
  };
  const run = submitted(MEASURE, assigner);
  run.whenStarted();
  const at = nextWakeAt(run.state)!;
  assert.ok(at > assigner.requests[0]!.at, "it would be asked without end");
});

Deno.test("assignNext() lets nobody wait for a fallback that is busy with others", () => {
  const task = { ...EACH, fallback: { agent: "b" }, continueOnError: true };
  const assigner = new ListedAssigner({ "code.measure": ["a"] });
  const run = submitted(task, assigner, { items: Array.from({ length: 401 }, (_, at) => at) });
  run.capacity.set("a", 401).set("b", 0);
  run.whenStarted();
  for (let index = 0; index < 400; index++) run.fail("m", "BROKEN", index, false);
  run.fail("m", "UNAVAILABLE", 400);
  run.pass(60_000);
  run.whenStarted();
  run.pass(1_000);
  run.whenStarted();
  assert.equal(run.state.tasks[0]!.instances[400]!.status, "running");
});
