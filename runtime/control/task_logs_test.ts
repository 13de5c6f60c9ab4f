import assert from "node:assert/strict";
import { definitionOf, TestRun } from "../../tests/decider_kit.ts";
import { TaskLogs } from "./task_logs.ts";

function logsOf(run: TestRun): TaskLogs {
  const logs = new TaskLogs();
  for (const event of run.events) logs.add(event);
  return logs;
}

Deno.test("TaskLogs keeps every attempt with how it ended", () => {
  const run = new TestRun(definitionOf([{ id: "a" }, { id: "b", needs: ["a"] }]));
  run.submit();
  run.start();
  run.at += 10;
  run.fail("a", "CRASHED");
  run.pass(60_000);
  run.start();
  run.when({
    type: "RecordStep",
    at: run.at,
    task: "a",
    index: 0,
    attempt: 2,
    stepId: "s",
    output: 1,
  });
  const denial = { task: "a", index: 0, attempt: 2, permission: "net", value: "x" };
  run.when({ type: "RecordDenial", at: run.at, ...denial });
  run.when({ type: "LoseAttempts", at: run.at, attempts: [{ task: "a", index: 0, attempt: 2 }] });
  run.pass(0);
  run.start();
  run.complete("a", 5);
  run.start();
  const logs = logsOf(run);
  assert.deepEqual(
    logs.of("a").attempts.map(({ attempt, status, error }) => [attempt, status, error?.code]),
    [[1, "failed", "CRASHED"], [2, "lost", "NODE_LOST"], [3, "completed", undefined]],
  );
  assert.equal(logs.of("a").attempts[0]!.finishedAt, 1_010);
  assert.deepEqual(logs.of("a").steps.map(({ stepId, output }) => [stepId, output]), [["s", 1]]);
  assert.equal(logs.of("a").denials.length, 1);
  assert.equal(logs.of("b").attempts[0]!.status, "running");
  assert.deepEqual(logs.of("c").attempts, []);
});

Deno.test("TaskLogs ends all items in flight when their task ends", () => {
  const run = new TestRun(definitionOf([{ id: "e", forEach: "[1, 2, 3]" }]));
  run.submit();
  run.start();
  run.complete("e", null, 1);
  run.when({ type: "CancelTask", at: run.at, task: "e", reason: "enough" });
  const { attempts, open } = logsOf(run).of("e");
  assert.deepEqual(attempts.map(({ status }) => status), ["cancelled", "completed", "cancelled"]);
  assert.equal(open.size, 0);
});
