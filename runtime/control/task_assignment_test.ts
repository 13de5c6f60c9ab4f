import assert from "node:assert/strict";
import { definitionOf, type ShortTask, TestRun } from "../../tests/decider_kit.ts";
import { ListedAssigner } from "../../tests/listed_assigner.ts";
import { explainAbstention, explainChoice } from "../../core/explain_assignment.ts";
import { assignmentOf, firstAssignmentOf } from "./task_assignment.ts";
import { TaskLogs } from "./task_logs.ts";

const CAPABILITY = { type: "capability", capability: "c" } as const;

function begun(task: Partial<ShortTask>, assigner?: ListedAssigner): TestRun {
  const run = new TestRun(definitionOf([{ id: "x", ...task }]));
  run.assigner = assigner;
  run.submit();
  run.whenStarted();
  return run;
}

function shown(run: TestRun, index = 0) {
  const logs = new TaskLogs();
  for (const event of run.events) logs.add(event);
  return assignmentOf({ task: run.state.tasks[0]!, index, log: logs.of("x") });
}

Deno.test("assignmentOf() says who named the agent, where the file did", () => {
  const named = shown(begun({}));
  assert.equal(named?.agent, "a");
  assert.equal(named?.text, "named by the workflow");
  assert.equal(named?.record, null);
  const rescued = begun({ fallback: { agent: "b" } });
  rescued.fail("x", "FAILED");
  rescued.pass(0);
  rescued.start();
  assert.equal(shown(rescued)?.agent, "b");
  assert.equal(shown(rescued)?.text, 'named as the fallback, after "a" had no attempts left');
});

Deno.test("assignmentOf() gives the record of the newest choice, and its words", () => {
  const run = begun({ target: CAPABILITY }, new ListedAssigner({ c: ["a", "b"] }));
  const first = shown(run)!;
  assert.equal(first.agent, "a");
  assert.equal(first.record?.way, "evidence");
  assert.equal(first.text, explainChoice(first.record!, "a"));
  run.fail("x", "UNAVAILABLE");
  run.pass(60_000);
  run.start();
  const second = shown(run)!;
  assert.equal(second.agent, "b");
  assert.equal(second.record!.candidates[0]!.agent, "b");
});

Deno.test("assignmentOf() says why nobody does it, and until when it waits", () => {
  const agents: Record<string, string[]> = {};
  const run = begun({ target: CAPABILITY }, new ListedAssigner(agents));
  const none = shown(run)!;
  assert.equal(none.agent, null);
  assert.equal(none.text, explainAbstention({ code: "NOBODY_OFFERS", excluded: [] }, "c"));
  assert.equal(none.deferred?.why.code, "NOBODY_OFFERS");
  assert.equal(none.deferred?.at, new Date(run.at).toISOString());
  assert.ok(Date.parse(none.deferred!.giveUpAt) > run.at);
  agents.c = ["b"];
  run.start();
  assert.equal(shown(run)?.agent, "b");
  assert.equal(shown(run)?.deferred, null);
});

Deno.test("assignmentOf() tells of an auction while it is open, and of its bids after", () => {
  const spec = { waitMs: 60_000, auction: { bidTimeoutMs: 2_000 } };
  const run = begun({ target: CAPABILITY, assign: spec }, new ListedAssigner({ c: ["a", "b"] }));
  const open = shown(run)!;
  assert.deepEqual(open.auction?.agents, ["a", "b"]);
  assert.equal(open.auction?.bids, null);
  assert.equal(open.agent, null);
  assert.match(open.text, /asked for bids until 1970-01-01T00:00:03/);
  const bids = [{ agent: "b", costUsd: 0.1, success: 0.9, latencyMs: null }];
  run.when({ type: "CloseAuction", at: run.at, task: "x", index: 0, attempt: 1, bids });
  run.start();
  const awarded = shown(run)!;
  assert.equal(awarded.agent, "b");
  assert.deepEqual(awarded.auction?.bids, bids);
  assert.equal(awarded.record?.way, "auction");
});

Deno.test("assignmentOf() says whose earlier result stands for the work", () => {
  const assigner = new ListedAssigner({ c: ["a"] });
  assigner.results.set("{}", {
    output: 7,
    source: { runId: "r0", task: "t", index: 2, agent: "w/a", madeAt: 0, similarity: 1 },
  });
  const run = begun({ target: CAPABILITY, reuse: { maxAgeMs: 1e12, minSimilarity: 1 } }, assigner);
  const reused = shown(run)!;
  assert.equal(reused.agent, null);
  assert.equal(reused.reused?.runId, "r0");
  assert.match(reused.text, /w\/a at "t\[2\]" of run r0, made 1970-01-01.*for the same input/);
});

Deno.test("firstAssignmentOf() takes the first item of which anything is known", () => {
  const run = begun(
    { target: CAPABILITY, forEach: "[1, 2, 3]", maxParallel: 1 },
    new ListedAssigner({ c: ["b"] }),
  );
  const logs = new TaskLogs();
  for (const event of run.events) logs.add(event);
  assert.equal(firstAssignmentOf(run.state.tasks[0]!, logs.of("x"))?.agent, "b");
  assert.equal(shown(run, 1), null);
  const waiting = new TestRun(definitionOf([{ id: "x", forEach: "[]" }]));
  waiting.submit();
  assert.equal(firstAssignmentOf(waiting.state.tasks[0]!, new TaskLogs().of("x")), null);
});
