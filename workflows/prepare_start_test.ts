import assert from "node:assert/strict";
import type { Bid } from "../core/assignment.ts";
import { definitionOf, type ShortTask, TestRun, typesOf } from "../tests/decider_kit.ts";
import { ListedAssigner } from "../tests/listed_assigner.ts";
import { decide, nextWakeAt, viewRun, wantedAuctions } from "./mod.ts";

const AUCTION: ShortTask = {
  id: "m",
  target: { type: "capability", capability: "measure" },
  with: { n: "${{ input.n }}" },
  assign: { waitMs: 1_000, auction: { bidTimeoutMs: 500 } },
};

function submitted(task: ShortTask, agents = ["a", "b"]): TestRun {
  const run = new TestRun(definitionOf([task], { concurrency: 1_000 }));
  run.assigner = new ListedAssigner({ measure: agents });
  run.submit({ n: 1 });
  return run;
}

const bidOf = (agent: string, costUsd: number): Bid => ({
  agent,
  costUsd,
  success: null,
  latencyMs: null,
});

function close(run: TestRun, bids: Bid[], attempt = 1) {
  return run.when({ type: "CloseAuction", at: run.at, task: "m", index: 0, attempt, bids });
}

Deno.test("prepare() asks for bids before an attempt, and awards it by them", () => {
  const run = submitted(AUCTION);
  const [opened] = run.whenStarted();
  assert.ok(opened?.type === "AuctionOpened");
  assert.deepEqual([opened.agents, opened.closesAt], [["a", "b"], 1_500]);
  assert.deepEqual(wantedAuctions(run.state), [{
    task: "m",
    index: 0,
    attempt: 1,
    capability: "measure",
    agents: ["a", "b"],
    closesAt: 1_500,
  }]);
  assert.match(viewRun(run.state).tasks[0]!.reason!, /asks 2 agents for bids/);
  assert.deepEqual(run.whenStarted(), []);
  assert.deepEqual(typesOf(close(run, [bidOf("a", 0.2), bidOf("b", 0.1), bidOf("z", 0)])), [
    "AuctionClosed",
  ]);
  assert.deepEqual(wantedAuctions(run.state), []);
  const [started] = run.whenStarted();
  assert.ok(started?.type === "AttemptStarted");
  assert.equal(started.agent, "b");
  assert.deepEqual(started.assignment?.bids?.map(({ agent }) => agent), ["a", "b"]);
});

Deno.test("prepare() takes bids once, and none for another attempt", () => {
  const run = submitted(AUCTION);
  run.whenStarted();
  const command = { type: "CloseAuction", at: run.at, task: "m", index: 0, bids: [] } as const;
  for (const wrong of [{ attempt: 2 }, { attempt: 1, task: "x" }, { attempt: 1, index: 4 }]) {
    const { rejection } = decide({ ...command, ...wrong, bids: [] }, run.state);
    assert.equal(rejection?.code, "STALE_ATTEMPT");
  }
  close(run, []);
  assert.equal(
    decide({ ...command, attempt: 1, bids: [] }, run.state).rejection?.code,
    "STALE_ATTEMPT",
  );
});

Deno.test("prepare() goes by what is known when nobody brings the bids", () => {
  const run = submitted(AUCTION);
  run.whenStarted();
  assert.equal(nextWakeAt(run.state), 2_500);
  assert.deepEqual(run.pass(1_499), []);
  assert.deepEqual(typesOf(run.pass(1)), ["AuctionClosed"]);
  const [started] = run.whenStarted();
  assert.ok(started?.type === "AttemptStarted");
  assert.equal(started.assignment?.way, "evidence");
});

Deno.test("prepare() wants the same auction again after a failover", () => {
  const run = submitted(AUCTION);
  run.whenStarted();
  const before = wantedAuctions(run.state);
  run.state = run.refold();
  run.when({ type: "RecoverRun", at: run.at });
  assert.deepEqual(wantedAuctions(run.state), before);
  assert.deepEqual(run.whenStarted(), []);
  close(run, [bidOf("b", 0)]);
  assert.deepEqual(run.start(), ["m#1@b"]);
});

Deno.test("prepare() holds another auction for another attempt", () => {
  const run = submitted(AUCTION);
  run.whenStarted();
  close(run, [bidOf("a", 0)]);
  run.start();
  run.fail("m", "UNAVAILABLE");
  run.pass(60_000);
  const [opened] = run.whenStarted();
  assert.ok(opened?.type === "AuctionOpened");
  assert.equal(opened.attempt, 2);
  close(run, [bidOf("a", 0), bidOf("b", 1)], 2);
  assert.deepEqual(run.start(), ["m#2@b"]);
});

Deno.test("prepare() keeps bids while their agents have no place", () => {
  const run = submitted(AUCTION, ["b"]);
  run.whenStarted();
  run.capacity.set("b", 0);
  close(run, [bidOf("b", 0)]);
  assert.deepEqual(run.whenStarted(), []);
  run.capacity.set("b", 1);
  assert.deepEqual(run.start(), ["m#1@b"]);
});

Deno.test("prepare() holds a bounded number of auctions at once, and forgets none", () => {
  const each = { ...AUCTION, forEach: "input.items" };
  const run = new TestRun(definitionOf([each], { concurrency: 1_000 }));
  run.assigner = new ListedAssigner({ measure: ["a", "b"] });
  run.submit({ n: 1, items: Array.from({ length: 100 }, (_, at) => at) });
  for (let turn = 0; turn < 100 && run.state.running < 100; turn++) {
    run.whenStarted();
    const wanted = wantedAuctions(run.state);
    assert.ok(wanted.length <= 16);
    for (const { task, index, attempt } of wanted) {
      run.when({ type: "CloseAuction", at: run.at, task, index, attempt, bids: [] });
    }
  }
  assert.equal(run.state.running, 100);
});

Deno.test("prepare() gives up an auction with its run", () => {
  const run = submitted(AUCTION);
  run.whenStarted();
  run.when({ type: "CancelRun", at: run.at, reason: "enough" });
  assert.deepEqual(wantedAuctions(run.state), []);
  assert.equal(run.state.status, "cancelled");
});

Deno.test("prepare() takes an earlier result instead of doing the work", () => {
  const reuse = { maxAgeMs: 60_000, minSimilarity: 1 };
  const { assign: _, ...plain } = AUCTION;
  const run = submitted({ ...plain, reuse, forEach: "[1, 2]", with: { n: "${{ item }}" } });
  const source = { runId: "run-0", task: "m", agent: "test/a", madeAt: 5, similarity: 1 };
  (run.assigner as ListedAssigner).results.set('{"n":2}', { output: "earlier", source });
  const events = run.whenStarted();
  assert.deepEqual(typesOf(events).toSorted(), ["AttemptStarted", "TaskCompleted"]);
  run.complete("m", "now");
  assert.deepEqual(run.state.tasks[0]!.result.output, ["now", "earlier"]);
  const view = viewRun(run.refold(), { items: true });
  assert.deepEqual(view, viewRun(run.state, { items: true }));
  assert.match(view.tasks[2]!.reason!, /reused: test\/a returned it for the same input/);
});

Deno.test("prepare() completes a plain task by an earlier result alone", () => {
  const { assign: _, ...plain } = AUCTION;
  const run = submitted({ ...plain, reuse: { maxAgeMs: 60_000, minSimilarity: 1 } });
  const source = { runId: "run-0", task: "m", agent: "test/a", madeAt: 5, similarity: 0.9 };
  (run.assigner as ListedAssigner).results.set('{"n":1}', { output: 7, source });
  assert.deepEqual(typesOf(run.whenStarted()), ["TaskCompleted", "RunCompleted"]);
  assert.deepEqual(viewRun(run.refold()), viewRun(run.state));
});
