import assert from "node:assert/strict";
import { definitionOf, type ShortTask, TestRun, typesOf } from "../tests/decider_kit.ts";
import { ListedAssigner } from "../tests/listed_assigner.ts";
import type { AssignmentRequest } from "./mod.ts";

const WAIT_MS = 3_000;
const EACH: ShortTask = {
  id: "m",
  target: { type: "capability", capability: "x" },
  forEach: "input.items",
  with: { n: "${{ item }}" },
  maxParallel: 1,
  continueOnError: true,
  assign: { waitMs: WAIT_MS },
};

/** Its agents are gone as soon as a contest is opened. */
class Vanishing extends ListedAssigner {
  override invite(request: AssignmentRequest): string[] {
    const invited = super.invite(request);
    delete this.agents.x;
    return invited;
  }
}

function submitted(task: ShortTask, assigner: ListedAssigner, count: number): TestRun {
  const run = new TestRun(definitionOf([task]));
  run.assigner = assigner;
  run.submit({ items: Array.from({ length: count }, (_, at) => at) });
  return run;
}

/** What is decided on starts until nothing more is: indexes of the items that begin to wait. */
function deferredOf(run: TestRun): number[] {
  const found: number[] = [];
  for (let turn = 0; turn < 50; turn++) {
    const events = run.whenStarted();
    if (events.length === 0) return found;
    for (const event of events) {
      if (event.type === "AssignmentDeferred") found.push(event.index ?? 0);
    }
  }
  throw new Error("It never ends");
}

Deno.test("isHeldBack() lets an outage cost one item when one may run at once", () => {
  const agents: Record<string, string[]> = {};
  const run = submitted(EACH, new ListedAssigner(agents), 20);
  assert.deepEqual(deferredOf(run), [0]);
  run.pass(WAIT_MS - 1);
  assert.deepEqual(deferredOf(run), []);
  assert.deepEqual(typesOf(run.pass(1)), ["TaskFailed"]);
  assert.deepEqual(deferredOf(run), [1]);
  run.state = run.refold();
  run.pass(WAIT_MS - 1);
  agents.x = ["a"];
  for (let index = 1; index < 20; index++) {
    assert.deepEqual(run.start(), [`m[${index}]#1@a`]);
    run.complete("m", null, index);
  }
  assert.equal(run.state.status, "completed");
  assert.equal(run.state.tasks[0]!.failed, 1);
});

Deno.test("isHeldBack() counts what runs, and holds back what is to be tried again", () => {
  const agents: Record<string, string[]> = { x: ["a"] };
  const run = submitted({ ...EACH, maxParallel: 3 }, new ListedAssigner(agents), 9);
  assert.equal(run.start().length, 3);
  agents.x = [];
  run.fail("m", "UNAVAILABLE", 0);
  run.fail("m", "UNAVAILABLE", 1);
  assert.deepEqual(deferredOf(run), [3, 4]);
  run.pass(1_500);
  assert.deepEqual(deferredOf(run), []);
});

Deno.test("isHeldBack() does not let an item whose input nobody takes hold up the others", () => {
  const refusesFirst = ({ index }: AssignmentRequest) => index === 0;
  const run = submitted(EACH, new ListedAssigner({ x: ["a"] }, refusesFirst), 3);
  assert.deepEqual(run.start(), ["m[1]#1@a"]);
});

Deno.test("sharedGiveUpAt() gives up all at one time when there is no maxParallel", () => {
  const { maxParallel: _, ...free } = EACH;
  const run = submitted(free, new ListedAssigner({}), 5);
  assert.deepEqual(deferredOf(run), [0, 1, 2, 3, 4]);
  assert.equal(run.pass(WAIT_MS).filter(({ type }) => type === "TaskFailed").length, 5);
});

Deno.test("sharedGiveUpAt() gives up the contenders for one item at one time", () => {
  const assign = { waitMs: WAIT_MS, vote: { of: 2, ties: "fail" as const } };
  const run = submitted({ ...EACH, assign }, new Vanishing({ x: ["a", "b"] }), 2);
  const waiting = new Set<number>();
  for (let turn = 0; turn < 5; turn++) {
    for (const index of deferredOf(run)) waiting.add(index);
    run.pass(WAIT_MS / 10);
  }
  assert.deepEqual([...waiting], [2, 3]);
  run.pass(WAIT_MS / 2);
  run.whenStarted();
  assert.equal(run.state.tasks[0]!.instances[0]!.status, "failed");
});

/** Two items for which there is nobody, beside a task that takes all the room that the run has. */
function withFullRun(): { run: TestRun; agents: Record<string, string[]> } {
  const agents: Record<string, string[]> = {};
  const { maxParallel: _, ...each } = EACH;
  const tasks = [each, { id: "long", needs: ["pause"] }, {
    id: "pause",
    target: { type: "wait", forMs: 1_000 } as const,
  }];
  const run = new TestRun(definitionOf(tasks, { concurrency: 1 }));
  run.assigner = new ListedAssigner(agents);
  run.submit({ items: [0, 1] });
  assert.deepEqual(deferredOf(run), [0, 1]);
  run.pass(1_000);
  assert.deepEqual(run.start(), ["long#1@a"]);
  agents.x = ["b"];
  return { run, agents };
}

Deno.test("isHeldUp() gives up nothing while the run itself has no room for it", () => {
  const { run } = withFullRun();
  assert.deepEqual(run.pass(2 * WAIT_MS), []);
  run.complete("long");
  // Somebody asks only after it.
  assert.deepEqual(run.pass(1), []);
  assert.deepEqual(run.start(), ["m[1]#1@b"]);
  run.complete("m", null, 1);
  assert.deepEqual(run.start(), ["m[0]#1@b"]);
});

Deno.test("isHeldUp() gives up at once what nobody can do when there is room again", () => {
  const { run, agents } = withFullRun();
  delete agents.x;
  run.pass(2 * WAIT_MS);
  run.state = run.refold();
  run.complete("long");
  run.pass(1);
  const events = [...run.whenStarted(), ...run.whenStarted()];
  assert.equal(events.filter(({ type }) => type === "TaskFailed").length, 2);
});

Deno.test("isHeldUp() gives up nothing of a run that is paused", () => {
  const agents: Record<string, string[]> = {};
  const run = submitted(EACH, new ListedAssigner(agents), 1);
  deferredOf(run);
  run.when({ type: "PauseRun", at: run.at });
  assert.deepEqual(run.pass(2 * WAIT_MS), []);
  agents.x = ["a"];
  run.when({ type: "ResumeRun", at: run.at });
  assert.deepEqual(run.pass(1), []);
  assert.deepEqual(run.start(), ["m[0]#1@a"]);
});
