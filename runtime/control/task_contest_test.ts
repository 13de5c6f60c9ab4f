import assert from "node:assert/strict";
import { definitionOf, TestRun } from "../../tests/decider_kit.ts";
import { ListedAssigner } from "../../tests/listed_assigner.ts";
import { detailOf, placeOf } from "./task_detail.ts";
import { TaskLogs } from "./task_logs.ts";

function contested(forEach?: string): TestRun {
  const target = { type: "capability", capability: "c" } as const;
  const assign = { waitMs: 1_000, vote: { of: 3, ties: "evidence" as const } };
  const run = new TestRun(
    definitionOf([{ id: "m", target, assign, ...(forEach === undefined ? {} : { forEach }) }]),
  );
  run.assigner = new ListedAssigner({ c: ["a", "b", "d"] });
  for (const agent of ["a", "b", "d"]) run.capacity.set(agent, 100);
  run.submit();
  run.whenStarted();
  return run;
}

function detailed(run: TestRun, id = "m") {
  const logs = new TaskLogs();
  for (const event of run.events) logs.add(event);
  const place = placeOf({ state: run.state, runId: "run-1" }, id);
  return detailOf({ state: run.state, logs }, place, { leader: "n1", isBegun: true });
}

Deno.test("contestOf() shows who contends, as long as it is not settled", () => {
  const run = contested();
  const { status, attempts, assignment, waitingFor } = detailed(run);
  assert.equal(status, "running");
  assert.equal(waitingFor, null);
  assert.deepEqual(
    attempts.map(({ agent, contender, index }) => [agent, contender, index]),
    [["a", 0, undefined], ["b", 1, undefined], ["d", 2, undefined]],
  );
  const contest = assignment!.contest!;
  assert.equal(contest.isSettled, false);
  assert.equal(contest.votes, null);
  assert.deepEqual(
    contest.contenders.map(({ contender, role, agent, status, isWinner }) => [
      contender,
      role,
      agent,
      status,
      isWinner,
    ]),
    [["a", 0], ["b", 1], ["d", 2]].map(([agent, at]) => [at, "contender", agent, "running", false]),
  );
  assert.ok(contest.contenders.every(({ text }) => text !== null));
});

Deno.test("contestOf() says how it was settled, whose result counts, and what others made", () => {
  const run = contested();
  run.complete("m", 5, 1);
  run.complete("m", 6, 2);
  run.complete("m", 6, 3);
  const { status, output, assignment } = detailed(run);
  assert.deepEqual([status, output?.value], ["completed", 6]);
  const contest = assignment!.contest!;
  assert.equal(contest.isSettled, true);
  assert.deepEqual(contest.votes, [2, 1]);
  assert.match(contest.text, /2 of 3/);
  assert.equal(assignment!.text, contest.text);
  assert.equal(assignment!.agent, "b");
  assert.deepEqual(
    contest.contenders.map(({ isWinner, output }) => [isWinner, output?.value]),
    [[false, 5], [true, 6], [false, 6]],
  );
});

Deno.test("contestOf() says failed of one whose next attempt nobody waited for", () => {
  const run = contested();
  run.fail("m", "CRASHED", 3, true);
  run.complete("m", 6, 1);
  run.complete("m", 6, 2);
  assert.equal(run.state.tasks[0]!.instances[3]!.status, "cancelled");
  const { contenders } = detailed(run).assignment!.contest!;
  assert.deepEqual(
    contenders.map(({ status, error }) => [status, error?.code]),
    [["completed", undefined], ["completed", undefined], ["failed", "CRASHED"]],
  );
});

Deno.test("contenders of an item are told with the item, and are no items themselves", () => {
  const run = contested("[1, 2]");
  const whole = detailed(run);
  assert.deepEqual([whole.items?.total, whole.items?.running], [2, 2]);
  assert.equal(whole.attempts.length, 6);
  const second = detailed(run, "m[1]");
  assert.deepEqual(
    second.attempts.map(({ index, contender }) => [index, contender]),
    [[1, 0], [1, 1], [1, 2]],
  );
  assert.throws(() => detailed(run, "m[2]"), { code: "TASK_NOT_FOUND" });
});

Deno.test("contenders keep what they did for an item when the run is retried", () => {
  const target = { type: "capability", capability: "c" } as const;
  const assign = { waitMs: 1_000, vote: { of: 2, ties: "fail" as const } };
  const run = new TestRun(definitionOf([{ id: "m", target, assign, forEach: "[1, 2]" }]));
  run.assigner = new ListedAssigner({ c: ["a", "b"] });
  run.submit();
  run.whenStarted();
  for (const index of [2, 3]) run.complete("m", 5, index);
  run.complete("m", 6, 4);
  run.complete("m", 7, 5);
  assert.equal(run.state.status, "failed");
  run.when({ type: "RetryRun", at: run.at });
  run.whenStarted();
  const told = (id: string) =>
    detailed(run, id).attempts.map(({ index, contender, round, attempt }) => [
      index,
      contender,
      round,
      attempt,
    ]);
  assert.deepEqual(told("m[0]"), [[0, 0, 1, 1], [0, 1, 1, 1]]);
  assert.deepEqual(told("m[1]"), [[1, 0, 1, 1], [1, 1, 1, 1], [1, 0, 2, 2], [1, 1, 2, 2]]);
  const before = detailed(run, "m[0]").assignment!.contest!;
  assert.deepEqual(before.contenders.map(({ agent, output }) => [agent, output?.value]), [
    ["a", 5],
    ["b", 5],
  ]);
  const { contest } = detailed(run, "m[1]").assignment!;
  assert.deepEqual(contest!.contenders.map(({ output }) => output), [null, null]);
  assert.equal(contest!.votes, null);
});
