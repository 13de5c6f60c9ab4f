import assert from "node:assert/strict";
import type { Json } from "../core/json.ts";
import { definitionOf, type ShortTask, TestRun, typesOf } from "../tests/decider_kit.ts";
import { ListedAssigner } from "../tests/listed_assigner.ts";
import type { AssignSpec, RunEvent } from "./mod.ts";
import { askedCapability, viewRun, wantedAttempts } from "./mod.ts";

const AGENTS = ["a", "b", "c", "d"];

function contest(
  assign: Partial<AssignSpec>,
  rest: Partial<ShortTask> = {},
  agents: string[] = AGENTS,
): TestRun {
  const target = { type: "capability", capability: "measure" } as const;
  const task = { id: "m", target, assign: { waitMs: 1_000, ...assign }, ...rest };
  const run = new TestRun(definitionOf([task], { output: "${{ tasks.m.output }}" }));
  run.assigner = new ListedAssigner({ measure: agents });
  for (const agent of AGENTS) run.capacity.set(agent, 100);
  run.submit({ items: [1, 2] });
  return run;
}

const vote = (of: number, ties: "evidence" | "fail" = "evidence") => ({ vote: { of, ties } });

function settled(events: readonly RunEvent[]) {
  const event = events.find(({ type }) => type === "ContestSettled");
  assert.ok(event?.type === "ContestSettled");
  return event;
}

/** The fold of the journal is the state. */
function check(run: TestRun): TestRun {
  assert.deepEqual(viewRun(run.refold(), { items: true }), viewRun(run.state, { items: true }));
  return run;
}

Deno.test("a vote gives each contender another agent, and an attempt of its own", () => {
  const run = contest(vote(3));
  assert.deepEqual(run.start(), ["m[1]#1@a", "m[2]#1@b", "m[3]#1@c"]);
  assert.deepEqual(wantedAttempts(run.state).map(({ index }) => index), [1, 2, 3]);
  assert.equal(viewRun(run.state).tasks[0]!.status, "running");
  check(run);
});

Deno.test("a vote ends as soon as nothing can change it, and ends who is still at it", () => {
  const run = contest(vote(3));
  run.start();
  assert.deepEqual(typesOf(run.complete("m", { n: 1, m: 2 }, 2)), ["TaskCompleted"]);
  const events = run.complete("m", { m: 2, n: 1 }, 3);
  assert.deepEqual(typesOf(events), [
    "TaskCompleted",
    "ContestSettled",
    "TaskFailed",
    "TaskCompleted",
    "RunCompleted",
  ]);
  const { way, winner, losers, votes, reason } = settled(events);
  assert.deepEqual([way, winner, losers, votes], ["vote", 2, [], [2]]);
  assert.match(reason, /2 of 3 agents returned the same/);
  assert.deepEqual(run.state.output, { n: 1, m: 2 });
  assert.equal(run.state.running, 0);
  assert.equal(viewRun(run.state).tasks[0]!.agent, "b");
  check(run);
});

Deno.test("a vote names who returned something else", () => {
  const run = contest(vote(3));
  run.start();
  run.complete("m", 1, 1);
  run.complete("m", 2, 2);
  assert.deepEqual(settled(run.complete("m", 1, 3)).losers, [2]);
});

Deno.test("a vote that is tied goes to who is expected to do best", () => {
  const run = contest(vote(2));
  run.start();
  run.complete("m", 1, 1);
  const { way, winner, losers } = settled(run.complete("m", 2, 2));
  assert.deepEqual([way, winner, losers], ["evidence", 2, [1]]);
  assert.equal(run.state.output, 2);
  check(run);
});

Deno.test("a vote that is tied fails where the file says so", () => {
  const run = contest(vote(2, "fail"));
  run.start();
  run.complete("m", 1, 1);
  assert.deepEqual(
    typesOf(run.complete("m", 2, 2)),
    ["TaskFailed", "RunFailed"].toSpliced(0, 0, "TaskCompleted"),
  );
  assert.equal(run.state.error?.code, "NO_MAJORITY");
  check(run);
});

Deno.test("a contest goes on without contenders that fail, and fails without any", () => {
  const run = contest(vote(3), {
    retry: { ...definitionOf([{ id: "x" }]).tasks[0]!.retry, maxAttempts: 1 },
  });
  run.start();
  run.fail("m", "FAILED", 1);
  run.fail("m", "FAILED", 2);
  const { way, winner } = settled(run.complete("m", 7, 3));
  assert.deepEqual([way, winner], ["only", 3]);
  assert.equal(run.state.output, 7);

  const none = contest(vote(2));
  none.start();
  none.fail("m", "FAILED", 1);
  none.fail("m", "FAILED", 2);
  assert.equal(none.state.error?.code, "FAILED");
  check(none);
});

Deno.test("a contender that fails in passing is tried again, by an agent that no other has", () => {
  const run = contest(vote(2), {}, ["a", "b", "c"]);
  run.start();
  run.fail("m", "UNAVAILABLE", 1);
  run.pass(60_000);
  assert.deepEqual(run.start(), ["m[1]#2@c"]);
});

Deno.test("a contest goes on with those who can, and says so", () => {
  const run = contest(vote(3), {}, ["a", "b"]);
  assert.deepEqual(run.start(), ["m[1]#1@a", "m[2]#1@b"]);
  run.complete("m", 1, 1);
  assert.match(settled(run.complete("m", 1, 2)).reason, /only 2 of 3 agents could do it/);
  const alone = contest(vote(3), {}, ["b"]);
  assert.deepEqual(alone.start(), ["m[1]#1@b"]);
  alone.complete("m", 4, 1);
  assert.equal(alone.state.output, 4);
});

Deno.test("a contest waits like any task when nobody can do it", () => {
  const run = contest(vote(3), {}, []);
  assert.deepEqual(typesOf(run.whenStarted()), ["AssignmentDeferred"]);
  run.pass(1_000);
  assert.equal(run.state.error?.code, "NOBODY_CAN");
});

Deno.test("a judge gets results without names, and says whose counts", () => {
  const run = contest({ judge: { of: 2, by: "d" } }, { with: { file: "x" } });
  assert.deepEqual(run.start(), ["m[1]#1@a", "m[2]#1@b"]);
  run.complete("m", "of a", 1);
  assert.deepEqual(run.start(), []);
  run.complete("m", "of b", 2);
  assert.deepEqual(run.start(), ["m[3]#1@d"]);
  const { input, results } = run.state.tasks[0]!.instances[3]!.input as {
    input: Json;
    results: { contender: number; output: string }[];
  };
  assert.deepEqual(input, { file: "x" });
  assert.deepEqual(results.map(({ contender }) => contender), [1, 2]);
  const [task] = run.state.tasks;
  assert.equal(askedCapability(task!, 3, undefined), undefined);
  assert.equal(askedCapability(task!, 1, undefined), "measure");
  const chosen = results.find(({ output }) => output === "of b")!.contender;
  const events = run.complete("m", { winner: chosen, reason: "it is longer" }, 3);
  const { way, winner, losers, reason } = settled(events);
  assert.deepEqual([way, winner, losers], ["judge", 2, [1]]);
  assert.match(reason, /d judged in favour of b: it is longer/);
  assert.equal(viewRun(run.state).tasks[0]!.attempts, 3);
  assert.equal(run.state.output, "of b");
  check(run);
});

Deno.test("a judge that says nothing of use leaves it to what is known of the agents", () => {
  for (const answer of [{ winner: 3 }, { winner: "1" }, { winner: 0.5 }, null, [1], "a"]) {
    const run = contest({ judge: { of: 2, by: "d" } });
    run.start();
    run.complete("m", "of a", 1);
    run.complete("m", "of b", 2);
    run.start();
    const { way, winner } = settled(run.complete("m", answer, 3));
    assert.deepEqual([way, winner], ["evidence", 2]);
    assert.equal(run.state.tasks[0]!.instances[3]!.error?.code, "INVALID_OUTPUT");
  }
});

Deno.test("a judge is not asked about a single result", () => {
  const run = contest({ judge: { of: 2, by: "d" } });
  run.start();
  run.fail("m", "FAILED", 1);
  assert.equal(settled(run.complete("m", 5, 2)).way, "only");
  assert.equal(run.state.output, 5);
});

Deno.test("results are merged by an agent, or by an expression", () => {
  const run = contest({ merge: { of: 2, by: "d" } });
  run.start();
  run.complete("m", 1, 1);
  run.complete("m", 2, 2);
  run.start();
  const { way, winner, losers } = settled(run.complete("m", "both", 3));
  assert.deepEqual([way, winner, losers], ["merge", null, []]);
  assert.equal(run.state.output, "both");
  check(run);

  const value = "${{ results.map(r, r + 1.0) }}";
  const other = contest({ merge: { of: 2, value } });
  other.start();
  other.complete("m", 2, 2);
  other.complete("m", 1, 1);
  assert.deepEqual(other.state.output, [2, 3]);
  check(other);
});

Deno.test("a merge says who brought no result, and why", () => {
  const value = "${{ results }}";
  const retry = { ...definitionOf([{ id: "x" }]).tasks[0]!.retry, maxAttempts: 1 };
  const run = contest({ merge: { of: 3, value } }, { retry });
  run.start();
  run.complete("m", 1, 1);
  run.fail("m", "BROKEN", 2);
  const { reason } = settled(run.complete("m", 3, 3));
  assert.equal(reason, "merged from 2 results by an expression; b brought none: BROKEN");
  assert.deepEqual(run.state.output, [1, 3]);
  check(run);
});

Deno.test("a merge that fails fails the task", () => {
  const run = contest({ merge: { of: 2, value: "${{ results.missing }}" } });
  run.start();
  run.complete("m", 2, 2);
  run.complete("m", 1, 1);
  assert.equal(run.state.error?.code, "EXPRESSION_FAILED");
  const other = contest({ merge: { of: 2, by: "d" } });
  other.start();
  other.complete("m", 1, 1);
  other.complete("m", 2, 2);
  other.start();
  other.fail("m", "BROKEN", 3);
  assert.equal(other.state.error?.code, "BROKEN");
});

Deno.test("each item of a forEach has a contest of its own", () => {
  const run = contest(vote(2), { forEach: "input.items" });
  const started = run.start();
  assert.deepEqual(started.toSorted(), ["m[2]#1@a", "m[3]#1@b", "m[4]#1@a", "m[5]#1@b"]);
  for (const index of [2, 3]) run.complete("m", "first", index);
  const [task] = viewRun(run.state, { items: true }).tasks;
  assert.deepEqual(task!.items, { total: 2, completed: 1, failed: 0, running: 1 });
  for (const index of [5, 4]) run.complete("m", "second", index);
  assert.deepEqual(run.state.output, ["first", "second"]);
  check(run);
});

Deno.test("the fallback does what no contender could", () => {
  const run = contest(vote(2), { fallback: { agent: "d" } });
  run.start();
  run.fail("m", "FAILED", 1);
  const events = run.fail("m", "FAILED", 2);
  assert.deepEqual(typesOf(events), ["AttemptFailed", "TaskFailed", "TaskFellBack"]);
  run.pass(0);
  assert.deepEqual(run.start(), ["m#1@d"]);
  run.complete("m", "rescued");
  assert.equal(run.state.output, "rescued");
  check(run);
});

Deno.test("a contest ends with its run, whatever its contenders do", () => {
  const run = contest(vote(3));
  run.capacity.set("c", 0).set("d", 0);
  run.start();
  run.when({ type: "CancelRun", at: run.at, reason: "enough" });
  run.fail("m", "CANCELLED", 1);
  run.fail("m", "CANCELLED", 2);
  assert.equal(run.state.status, "cancelled");
  check(run);
});

Deno.test("a contest is settled after a crash at any moment of its settlement", () => {
  const story = () => {
    const run = contest(vote(3));
    run.start();
    run.complete("m", 1, 2);
    run.complete("m", 1, 3);
    return run;
  };
  const { length } = story().events;
  for (let cut = length - 5; cut < length; cut++) {
    const run = story();
    run.events.splice(cut);
    run.state = run.refold();
    run.when({ type: "RecoverRun", at: run.at });
    for (let turn = 0; turn < 5 && run.state.status === "running"; turn++) {
      run.pass(0);
      run.start();
      for (const { index } of wantedAttempts(run.state)) {
        if (run.state.status === "running") run.complete("m", 1, index);
        break;
      }
    }
    assert.equal(run.state.status, "completed", `cut at ${cut} of ${length}`);
    assert.equal(run.state.output, 1);
  }
});

Deno.test("a run that is retried holds its contests anew, and repeats no number", () => {
  const run = contest(vote(2, "fail"));
  run.start();
  run.complete("m", 1, 1);
  run.complete("m", 2, 2);
  run.when({ type: "RetryRun", at: run.at });
  assert.deepEqual(run.start(), ["m[1]#2@a", "m[2]#2@b"]);
  check(run);
});

Deno.test("a large forEach opens no more contests than agents can take up", () => {
  const run = contest(vote(3), { forEach: "input.items" });
  const many = new TestRun({ ...run.state.plan.definition, concurrency: 1_000 });
  many.assigner = run.assigner;
  for (const agent of AGENTS) many.capacity.set(agent, agent === "a" ? 1_000 : 1);
  many.submit({ items: Array.from({ length: 1_000 }, () => 1) });
  const opened = many.whenStarted().filter(({ type }) => type === "ContestOpened");
  assert.ok(opened.length < 20, `opened ${opened.length} contests`);
});
