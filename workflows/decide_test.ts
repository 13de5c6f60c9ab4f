import assert from "node:assert/strict";
import type { Json } from "../core/json.ts";
import { definitionOf, type ShortTask, TestRun, typesOf } from "../tests/decider_kit.ts";
import { ACTOR_SYSTEM, decide, type RunEvent, viewRun, wantedAttempts } from "./mod.ts";

function submitted(tasks: ShortTask[], rest = {}, input = {}): TestRun {
  const run = new TestRun(definitionOf(tasks, rest));
  run.submit(input);
  return run;
}

const last = (events: readonly RunEvent[]) => events.at(-1)!;

Deno.test("decide() runs tasks in the order of their needs", () => {
  const run = submitted([{ id: "c", needs: ["b"] }, { id: "b", needs: ["a"] }, { id: "a" }]);
  assert.deepEqual(run.start(), ["a#1@a"]);
  run.complete("a");
  assert.deepEqual(run.start(), ["b#1@a"]);
  run.complete("b");
  assert.deepEqual(run.start(), ["c#1@a"]);
  assert.deepEqual(typesOf(run.complete("c")), ["TaskCompleted", "RunCompleted"]);
  assert.equal(run.state.status, "completed");
});

Deno.test("decide() releases dependents in the decision that records the result", () => {
  const run = submitted([{ id: "a" }, { id: "b", needs: ["a"] }, { id: "c", needs: ["a", "b"] }]);
  run.start();
  assert.deepEqual(typesOf(run.complete("a")), ["TaskCompleted", "TaskScheduled"]);
});

Deno.test("decide() starts the longest way first", () => {
  const tasks = [{ id: "x" }, { id: "a" }, { id: "b", needs: ["a"] }, { id: "c", needs: ["b"] }];
  const run = submitted(tasks);
  assert.deepEqual(run.start(), ["a#1@a", "x#1@a"]);
});

Deno.test("decide() starts no more than the agent has room for", () => {
  const run = submitted(["p", "q", "r"].map((id) => ({ id })));
  run.capacity.set("a", 2);
  assert.deepEqual(run.start(), ["p#1@a", "q#1@a"]);
  run.capacity.set("a", 0);
  assert.deepEqual(run.start(), []);
});

Deno.test("decide() starts no more than the run's concurrency", () => {
  const run = submitted(["p", "q", "r"].map((id) => ({ id })), { concurrency: 2 });
  assert.equal(run.start().length, 2);
  run.complete("p");
  assert.deepEqual(run.start(), ["r#1@a"]);
});

Deno.test("decide() hands an agent its rendered input", () => {
  const run = submitted(
    [{ id: "a", with: { path: "${{ input.path }}" } }],
    {},
    { path: "/data" },
  );
  run.start();
  assert.deepEqual(run.state.tasks[0]!.instances[0]!.input, { path: "/data" });
});

Deno.test("decide() fails a task whose input cannot be rendered, before an attempt", () => {
  const run = submitted([{ id: "a" }, {
    id: "b",
    needs: ["a"],
    with: { x: "${{ tasks.a.output.missing.deep }}" },
  }]);
  run.start();
  run.complete("a", {});
  const events = run.when({ type: "StartAttempts", at: run.at, capacity: run.capacity });
  assert.deepEqual(typesOf(events), ["TaskFailed", "RunFailed"]);
  assert.equal(run.state.error?.code, "EXPRESSION_FAILED");
});

Deno.test("decide() skips a task whose condition is false, and what needs it", () => {
  const run = submitted([{ id: "a", if: "input.go" }, { id: "b", needs: ["a"] }], {}, {
    go: false,
  });
  assert.deepEqual(run.statuses, { a: "skipped", b: "skipped" });
  assert.equal(run.state.status, "completed");
});

Deno.test("decide() fails a task whose condition is no truth value", () => {
  const run = submitted([{ id: "a", if: "input.go" }], {}, { go: "yes" });
  assert.equal(run.state.error?.code, "EXPRESSION_FAILED");
  assert.match(run.state.error!.message, /must be true or false/);
});

Deno.test("decide() runs clean-up after a failure, and the run has still failed", () => {
  const run = submitted([
    { id: "work" },
    { id: "next", needs: ["work"] },
    { id: "report", needs: ["next"], if: "failure()" },
    { id: "always", needs: ["work"], if: "always()" },
  ]);
  run.start();
  run.fail("work", "FAILED");
  assert.deepEqual(run.start().sort(), ["always#1@a", "report#1@a"]);
  run.complete("report");
  assert.equal(last(run.complete("always")).type, "RunFailed");
  assert.deepEqual(run.statuses.next, "skipped");
});

Deno.test("decide() keeps failure() false when all went well", () => {
  const run = submitted([{ id: "a" }, { id: "b", needs: ["a"], if: "failure()" }]);
  run.start();
  run.complete("a");
  assert.deepEqual(run.statuses, { a: "completed", b: "skipped" });
});

Deno.test("decide() computes value tasks at once", () => {
  const run = submitted([
    { id: "a" },
    {
      id: "sum",
      needs: ["a"],
      target: { type: "value", value: { n: "${{ tasks.a.output.n + 1 }}" } },
    },
  ], { output: "${{ tasks.sum.output.n }}" });
  run.start();
  assert.deepEqual(typesOf(run.complete("a", { n: 4 })), [
    "TaskCompleted",
    "TaskCompleted",
    "RunCompleted",
  ]);
  assert.equal(run.state.output, 5);
});

const FAN: ShortTask[] = [
  { id: "list" },
  {
    id: "each",
    needs: ["list"],
    forEach: "tasks.list.output",
    with: { item: "${{ item }}", at: "${{ index }}" },
  },
  { id: "join", needs: ["each"], target: { type: "value", value: "${{ tasks.each.output }}" } },
];

Deno.test("decide() makes one instance per item and joins outputs in item order", () => {
  const run = submitted(FAN, { output: "${{ tasks.join.output }}" });
  run.start();
  run.complete("list", ["x", "y", "z"]);
  assert.deepEqual(run.start(), ["each[0]#1@a", "each[1]#1@a", "each[2]#1@a"]);
  assert.deepEqual(run.state.tasks[1]!.instances[2]!.input, { item: "z", at: 2 });
  run.complete("each", "Z", 2);
  run.complete("each", "X", 0);
  run.complete("each", "Y", 1);
  assert.deepEqual(run.state.output, ["X", "Y", "Z"]);
});

Deno.test("decide() completes a forEach over nothing", () => {
  const run = submitted(FAN, { output: "${{ tasks.join.output }}" });
  run.start();
  run.complete("list", []);
  assert.equal(run.state.status, "completed");
  assert.deepEqual(run.state.output, []);
});

Deno.test("decide() refuses to fan out over something that is no list", () => {
  const run = submitted(FAN);
  run.start();
  run.complete("list", { not: "a list" });
  assert.match(run.state.error!.message, /"forEach" must be a list/);
});

Deno.test("decide() keeps maxParallel", () => {
  const run = submitted(FAN.map((task) => task.id === "each" ? { ...task, maxParallel: 2 } : task));
  run.start();
  run.complete("list", [1, 2, 3, 4]);
  assert.deepEqual(run.start(), ["each[0]#1@a", "each[1]#1@a"]);
  assert.deepEqual(run.start(), []);
  run.complete("each", null, 1);
  assert.deepEqual(run.start(), ["each[2]#1@a"]);
});

Deno.test("decide() lets a failed item fail the forEach and starts no further item", () => {
  const run = submitted(FAN.map((task) => task.id === "each" ? { ...task, maxParallel: 2 } : task));
  run.start();
  run.complete("list", [1, 2, 3, 4]);
  run.start();
  run.fail("each", "BROKEN", 0);
  assert.deepEqual(run.start(), []);
  assert.equal(last(run.complete("each", null, 1)).type, "RunFailed");
  assert.equal(run.state.error?.code, "BROKEN");
});

Deno.test("decide() gives null for items that were allowed to fail", () => {
  const tasks = FAN.map((task) => task.id === "each" ? { ...task, continueOnError: true } : task);
  const run = submitted(tasks, { output: "${{ tasks.join.output }}" });
  run.start();
  run.complete("list", [1, 2, 3]);
  run.start();
  run.complete("each", "one", 0);
  run.fail("each", "BROKEN", 1);
  run.complete("each", "three", 2);
  assert.equal(run.state.status, "completed");
  assert.deepEqual(run.state.output, ["one", null, "three"]);
});

Deno.test("decide() retries transient failures after a delay, then fails", () => {
  const run = submitted([{ id: "a" }]);
  run.start();
  const [failed] = run.fail("a", "TIMEOUT");
  assert.deepEqual(failed, {
    type: "AttemptFailed",
    at: 1_000,
    task: "a",
    attempt: 1,
    error: { code: "TIMEOUT", message: "It is TIMEOUT", retryable: undefined },
    retryAt: 1_100,
  });
  assert.deepEqual(run.start(), []);
  run.pass(100);
  assert.deepEqual(run.start(), ["a#2@a"]);
  run.fail("a", "CRASHED");
  run.pass(200);
  assert.deepEqual(run.start(), ["a#3@a"]);
  assert.deepEqual(typesOf(run.fail("a", "TIMEOUT")), ["AttemptFailed", "TaskFailed", "RunFailed"]);
});

Deno.test("decide() does not retry what another attempt cannot mend", () => {
  for (const code of ["INVALID_INPUT", "INVALID_OUTPUT", "PERMISSION_DENIED", "FAILED", "MY_OWN"]) {
    const run = submitted([{ id: "a" }]);
    run.start();
    assert.equal(last(run.fail("a", code)).type, "RunFailed", code);
  }
});

Deno.test("decide() retries an error of the agent's own that says it is retryable", () => {
  const run = submitted([{ id: "a" }]);
  run.start();
  assert.deepEqual(typesOf(run.fail("a", "MY_OWN", 0, true)), ["AttemptFailed"]);
});

Deno.test("decide() hands over to the fallback once attempts are spent", () => {
  const run = submitted([{ id: "a", fallback: { agent: "b" } }]);
  run.start();
  assert.equal((run.fail("a", "FAILED")[0] as { fallback?: string }).fallback, "b");
  run.pass(0);
  assert.deepEqual(run.start(), ["a#2@b"]);
  run.complete("a", 1);
  assert.equal(run.state.status, "completed");
  assert.match(viewRun(run.state).tasks[0]!.reason!, /fallback/);
});

Deno.test("decide() fails when the fallback fails as well", () => {
  const run = submitted([{ id: "a", fallback: { agent: "b" } }]);
  run.start();
  run.fail("a", "FAILED");
  run.pass(0);
  run.start();
  assert.equal(last(run.fail("a", "FAILED")).type, "RunFailed");
});

Deno.test("decide() goes on after a failure that is allowed", () => {
  const run = submitted([
    { id: "a", continueOnError: true },
    { id: "b", needs: ["a"], with: { why: "${{ tasks.a.error.code }}" } },
  ]);
  run.start();
  run.fail("a", "FAILED");
  assert.deepEqual(run.start(), ["b#1@a"]);
  assert.deepEqual(run.state.tasks[1]!.instances[0]!.input, { why: "FAILED" });
  assert.equal(last(run.complete("b")).type, "RunCompleted");
});

Deno.test("decide() rejects a result of an older attempt", () => {
  const run = submitted([{ id: "a" }]);
  run.start();
  run.fail("a", "TIMEOUT");
  run.pass(100);
  run.start();
  const before = JSON.stringify(viewRun(run.state));
  const late = {
    type: "FinishAttempt",
    at: run.at,
    task: "a",
    index: 0,
    attempt: 1,
    outcome: { status: "completed", output: "late" },
    random: 0,
  } as const;
  assert.equal(decide(late, run.state).rejection?.code, "STALE_ATTEMPT");
  assert.equal(JSON.stringify(viewRun(run.state)), before);
});

Deno.test("decide() rejects results of tasks and items that do not exist", () => {
  const run = submitted([{ id: "a" }]);
  run.start();
  for (const [task, index] of [["nope", 0], ["a", 7], ["__proto__", 0]] as const) {
    const outcome = { status: "completed", output: null } as const;
    const command = {
      type: "FinishAttempt",
      at: 1,
      task,
      index,
      attempt: 1,
      outcome,
      random: 0,
    } as const;
    assert.equal(decide(command, run.state).rejection?.code, "STALE_ATTEMPT");
  }
});

Deno.test("decide() fails a task that used up its total time, whatever it is doing", () => {
  const timeout = { attemptMs: 60_000, heartbeatMs: 5_000, totalMs: 500 };
  const run = submitted([{ id: "a", timeout }]);
  run.start();
  assert.deepEqual(typesOf(run.pass(500)), ["TaskFailed", "RunFailed"]);
  assert.equal(run.state.error?.code, "TIMEOUT");
  assert.deepEqual(wantedAttempts(run.state), []);
});

Deno.test("decide() ends a run that used up its time, after its attempts have ended", () => {
  const run = submitted([{ id: "a" }, { id: "b", needs: ["a"] }], { timeoutMs: 300 });
  run.start();
  assert.deepEqual(typesOf(run.pass(300)), ["RunCancelRequested"]);
  assert.equal(wantedAttempts(run.state)[0]!.isStopping, true);
  run.fail("a", "CANCELLED");
  assert.equal(run.state.status, "failed");
  assert.equal(run.state.error?.code, "TIMEOUT");
});

Deno.test("decide() names a missed deadline", () => {
  const run = submitted([{ id: "a" }], { deadlineMs: 300 });
  run.pass(300);
  assert.equal(run.state.error?.code, "DEADLINE_EXCEEDED");
});

Deno.test("decide() cancels: what waits is given up, what runs is asked to end", () => {
  const run = submitted([{ id: "a" }, { id: "b" }, { id: "c", needs: ["a"] }]);
  run.capacity.set("a", 1);
  run.start();
  run.when({ type: "CancelRun", at: run.at, reason: "enough" });
  assert.deepEqual(run.statuses, { a: "running", b: "cancelled", c: "pending" });
  run.fail("a", "CANCELLED");
  assert.deepEqual(run.statuses, { a: "cancelled", b: "cancelled", c: "cancelled" });
  assert.equal(run.state.status, "cancelled");
});

Deno.test("decide() takes a result that arrives while the run is being cancelled", () => {
  const run = submitted([{ id: "a" }, { id: "b", needs: ["a"] }]);
  run.start();
  run.when({ type: "CancelRun", at: run.at, reason: "enough" });
  run.complete("a", 1);
  assert.deepEqual(run.statuses, { a: "completed", b: "cancelled" });
});

Deno.test("decide() runs clean-up tasks of a cancelled run", () => {
  const run = submitted([
    { id: "a" },
    { id: "tidy", needs: ["a"], if: "cancelled()" },
    { id: "b", needs: ["a"] },
  ]);
  run.start();
  run.when({ type: "CancelRun", at: run.at, reason: "enough" });
  run.fail("a", "CANCELLED");
  assert.deepEqual(run.start(), ["tidy#1@a"]);
  run.complete("tidy");
  assert.deepEqual(run.statuses, { a: "cancelled", tidy: "completed", b: "cancelled" });
  assert.equal(run.state.status, "cancelled");
});

Deno.test("decide() cancels items of a forEach that have not begun", () => {
  const run = submitted(FAN);
  run.start();
  run.complete("list", [1, 2, 3]);
  run.capacity.set("a", 1);
  run.start();
  const events = run.when({ type: "CancelRun", at: run.at, reason: "enough" });
  assert.deepEqual(typesOf(events), ["RunCancelRequested", "TaskCancelled", "TaskCancelled"]);
  run.fail("each", "CANCELLED", 0);
  assert.equal(run.state.status, "cancelled");
});

Deno.test("decide() starts nothing of a paused run, and goes on afterwards", () => {
  const run = submitted([{ id: "a" }, { id: "b", needs: ["a"] }]);
  run.start();
  run.when({ type: "PauseRun", at: run.at });
  run.complete("a");
  assert.deepEqual(run.start(), []);
  assert.equal(viewRun(run.state).status, "paused");
  run.when({ type: "ResumeRun", at: run.at });
  assert.deepEqual(run.start(), ["b#1@a"]);
});

Deno.test("decide() loses the attempts of a node that died without counting them as failures", () => {
  const run = submitted([{
    id: "a",
    retry: { maxAttempts: 1, backoff: { initialMs: 1, factor: 1, maxMs: 1, jitter: "none" } },
  }]);
  run.start();
  run.state = run.refold();
  run.when({ type: "RecoverRun", at: run.at });
  run.pass(0);
  assert.deepEqual(run.start(), ["a#2@a"]);
  run.complete("a");
  assert.equal(run.state.status, "completed");
});

Deno.test("decide() adopts the attempts of nodes that live when a run changes hands", () => {
  const run = submitted([{ id: "a" }, { id: "b" }]);
  const start = (agent: string, node: string) =>
    run.when({ type: "StartAttempts", at: run.at, capacity: new Map([[agent, 1]]), node });
  start("a", "n1/x");
  start("a", "n2/y");
  run.state = run.refold();
  const events = run.when({ type: "RecoverRun", at: run.at, alive: new Set(["n2/y", "n3/z"]) });
  assert.deepEqual(typesOf(events), ["AttemptFailed"]);
  assert.deepEqual(wantedAttempts(run.state).map(({ task, node }) => [task, node]), [[
    "b",
    "n2/y",
  ]]);
  run.complete("b");
  run.pass(0);
  assert.deepEqual(run.start(), ["a#2@a"]);
  run.complete("a");
  assert.equal(run.state.status, "completed");
});

const SIGNALLED: ShortTask[] = [
  { id: "go", target: { type: "waitSignal", signal: "go", timeoutMs: 1_000 } },
  { id: "more", needs: ["go"], target: { type: "waitSignal", signal: "go" } },
];

function signal(run: TestRun, name: string, payload: Json, signalId = `${name} ${payload}`) {
  return run.when({ type: "SignalRun", at: run.at, name, payload, signalId });
}

Deno.test("decide() gives each signal to the first task that waits for it", () => {
  const run = submitted(SIGNALLED, { output: "${{ tasks }}" });
  assert.equal(viewRun(run.state).tasks[0]!.reason?.startsWith('waits for signal "go"'), true);
  signal(run, "other", 0);
  signal(run, "go", 1);
  assert.deepEqual(run.statuses, { go: "completed", more: "waiting" });
  assert.equal(viewRun(run.state).tasks[0]!.reason, null);
  assert.deepEqual(signal(run, "go", 1), [], "it came before");
  signal(run, "go", 2);
  assert.equal(run.state.status, "completed");
  assert.deepEqual(run.state.tasks.map(({ result }) => result.output), [1, 2]);
  assert.throws(() => signal(run, "go", 3), /RUN_CLOSED/);
});

Deno.test("decide() keeps a signal that comes before anybody waits for it", () => {
  const run = submitted(SIGNALLED);
  signal(run, "go", 1);
  signal(run, "other", 2);
  run.pass(5_000);
  run.state = run.refold();
  signal(run, "go", 3);
  assert.equal(run.state.status, "completed");
  const early = submitted([{ id: "a" }, { ...SIGNALLED[0]!, needs: ["a"] }]);
  signal(early, "go", 1);
  early.start();
  early.complete("a");
  assert.equal(early.state.status, "completed");
  assert.deepEqual(early.state.signals, []);
});

Deno.test("decide() gives up a signal that does not come in time", () => {
  const run = submitted(SIGNALLED);
  run.pass(1_000);
  assert.equal(run.state.status, "failed");
  assert.equal(run.state.error?.code, "TIMEOUT");
});

Deno.test("decide() refuses signals that nobody takes beyond a limit", () => {
  const run = submitted([{ id: "a" }]);
  for (let n = 0; n < 1_000; n++) signal(run, "x", n);
  assert.throws(() => signal(run, "x", 1_000), /SIGNALS_FULL/);
});

Deno.test("decide() ends a run as failed that cannot be worked on", () => {
  const run = submitted([{ id: "a" }]);
  const error = { code: "INVALID_PERMISSION", message: "Cannot read that" };
  run.when({ type: "FailRun", at: run.at, error });
  assert.equal(run.state.status, "failed");
  assert.equal(run.state.error?.code, "INVALID_PERMISSION");
});

Deno.test("decide() loses only attempts that are still in flight", () => {
  const run = submitted([{ id: "a" }]);
  run.start();
  const lose = (attempt: number) =>
    run.when({ type: "LoseAttempts", at: run.at, attempts: [{ task: "a", index: 0, attempt }] });
  assert.deepEqual(lose(2), []);
  assert.deepEqual(typesOf(lose(1)), ["AttemptFailed"]);
  assert.deepEqual(lose(1), []);
  run.pass(0);
  assert.deepEqual(run.start(), ["a#2@a"]);
  assert.deepEqual(lose(1), []);
});

Deno.test("decide() goes on after a crash between two commits of one decision", () => {
  const run = submitted([{ id: "a" }]);
  run.start();
  run.fail("a", "FAILED");
  while (run.events.at(-1)!.type !== "AttemptFailed") run.events.pop();
  run.state = run.refold();
  assert.deepEqual(typesOf(run.when({ type: "RecoverRun", at: run.at })), [
    "TaskFailed",
    "RunFailed",
  ]);
});

Deno.test("decide() retries a failed run from what did not complete", () => {
  const run = submitted([{ id: "a" }, { id: "b", needs: ["a"] }, { id: "c", needs: ["b"] }]);
  run.start();
  run.complete("a", 1);
  run.start();
  run.fail("b", "FAILED");
  assert.equal(run.state.status, "failed");
  run.when({ type: "RetryRun", at: run.at });
  assert.deepEqual(run.start(), ["b#2@a"]);
  run.complete("b", 2);
  run.start();
  run.complete("c", 3);
  assert.equal(run.state.status, "completed");
});

Deno.test("decide() keeps the items that completed when it retries a forEach", () => {
  const run = submitted(FAN, { output: "${{ tasks.join.output }}" });
  run.start();
  run.complete("list", ["x", "y", "z"]);
  run.start();
  run.complete("each", "X", 0);
  run.fail("each", "BROKEN", 1);
  run.complete("each", "Z", 2);
  assert.equal(run.state.status, "failed");
  run.when({ type: "RetryRun", at: run.at });
  run.state = run.refold();
  assert.deepEqual(run.start(), ["each[1]#2@a"]);
  run.complete("each", "Y", 1);
  assert.deepEqual(run.state.output, ["X", "Y", "Z"]);
});

Deno.test("decide() refuses to retry a completed run", () => {
  const run = submitted([]);
  assert.equal(run.state.status, "completed");
  assert.equal(decide({ type: "RetryRun", at: 1 }, run.state).rejection?.code, "RUN_NOT_RETRYABLE");
});

Deno.test("decide() waits for time to pass", () => {
  const run = submitted([
    { id: "pause", target: { type: "wait", forMs: 500 } },
    { id: "until", target: { type: "waitUntil", until: "1970-01-01T00:00:03Z" } },
  ]);
  assert.equal(viewRun(run.state).status, "waiting");
  run.pass(500);
  assert.deepEqual(run.statuses, { pause: "completed", until: "waiting" });
  run.pass(1_500);
  assert.equal(run.state.status, "completed");
});

Deno.test("decide() repeats a task until its condition holds", () => {
  const repeat = { until: "output.ready", everyMs: 100, timesMax: 3 };
  const run = submitted([{ id: "poll", repeat }]);
  run.start();
  assert.deepEqual(typesOf(run.complete("poll", { ready: false })), ["TaskRepeated"]);
  run.pass(100);
  assert.deepEqual(run.start(), ["poll#2@a"]);
  run.complete("poll", { ready: true });
  assert.equal(run.state.status, "completed");
});

Deno.test("decide() fails a task whose repeats are spent", () => {
  const repeat = { until: "output.ready", everyMs: 100, timesMax: 1 };
  const run = submitted([{ id: "poll", repeat }]);
  run.start();
  run.complete("poll", { ready: false });
  assert.equal(run.state.error?.code, "REPEAT_EXHAUSTED");
});

Deno.test("decide() lets the actor system publish what an emit task renders", () => {
  const target = {
    type: "emit" as const,
    topic: "sums.${{ input.name }}",
    payload: { n: "${{ item }}" },
  };
  const run = new TestRun(definitionOf([{ id: "a", target, forEach: "[1, 2]" }]));
  run.submit({ name: "x" });
  assert.deepEqual(run.start(), []);
  run.capacity.set(ACTOR_SYSTEM, 1);
  assert.deepEqual(run.start(), ["a[0]#1@actor system"]);
  assert.deepEqual(run.state.tasks[0]!.instances[0]!.input, { topic: "sums.x", payload: { n: 1 } });
  run.fail("a", "UNAVAILABLE");
  run.pass(60_000);
  assert.deepEqual(run.start(), ["a[0]#2@actor system"]);
  run.complete("a", { id: "1" });
  assert.deepEqual(run.start(), ["a[1]#1@actor system"]);
  run.complete("a", { id: "2" }, 1);
  assert.equal(run.state.status, "completed");
  assert.deepEqual(viewRun(run.refold()), viewRun(run.state));
});

Deno.test("decide() refuses to resume a run that closed while it was paused", () => {
  const run = submitted([{ id: "a" }]);
  run.start();
  run.when({ type: "PauseRun", at: run.at });
  run.complete("a");
  assert.equal(run.state.status, "completed");
  const { rejection } = decide({ type: "ResumeRun", at: run.at }, run.state);
  assert.equal(rejection?.code, "RUN_NOT_PAUSED");
  assert.equal(run.state.status, "completed");
});

Deno.test("decide() gives a capability to the agent that offers it", () => {
  const task: ShortTask = { id: "a", target: { type: "capability", capability: "code.measure" } };
  const run = new TestRun(definitionOf([task]), { a: ["other"], b: ["code.measure"] });
  run.submit();
  assert.deepEqual(run.start(), ["a#1@b"]);
});

Deno.test("decide() says when nobody offers a capability", () => {
  const run = submitted([{ id: "a", target: { type: "capability", capability: "code.measure" } }]);
  run.start();
  assert.equal(run.state.error?.code, "NO_AGENT");
});

Deno.test("decide() hands finished steps to the next attempt", () => {
  const run = submitted([{ id: "a" }]);
  run.start();
  const step = { task: "a", index: 0, attempt: 1, stepId: "fetch", output: [1] };
  run.when({ type: "RecordStep", at: run.at, ...step });
  run.fail("a", "CRASHED");
  assert.deepEqual({ ...run.state.tasks[0]!.instances[0]!.steps }, { fetch: [1] });
});

const cancelling = (run: TestRun, task: string, index?: number) =>
  run.when({
    type: "CancelTask",
    at: run.at,
    task,
    reason: "enough",
    ...(index === undefined ? {} : { index }),
  });

Deno.test("decide() cancels a running task: its run fails, and nobody waits for the attempt", () => {
  const run = submitted([{ id: "a" }, { id: "b", needs: ["a"] }, {
    id: "report",
    needs: ["b"],
    if: "failure()",
  }]);
  run.start();
  assert.deepEqual(typesOf(cancelling(run, "a")), ["TaskFailed", "TaskSkipped", "TaskScheduled"]);
  assert.deepEqual(wantedAttempts(run.state), []);
  assert.throws(() => run.complete("a"), /STALE_ATTEMPT/);
  assert.deepEqual(run.start(), ["report#1@a"]);
  assert.equal(last(run.complete("report")).type, "RunFailed");
  assert.equal(run.state.error?.code, "CANCELLED");
  assert.match(run.state.error!.message, /"a" was cancelled: enough/);
  assert.deepEqual(viewRun(run.refold()), viewRun(run.state));
});

Deno.test("decide() cancels a task that has no worker yet, and starts it no more", () => {
  const run = submitted([{ id: "a" }, { id: "b" }]);
  cancelling(run, "a");
  assert.deepEqual(run.start(), ["b#1@a"]);
  assert.equal(last(run.complete("b")).type, "RunFailed");
});

Deno.test("decide() cancels a task whose needs have not ended, and does not begin it when they do", () => {
  const run = submitted([{ id: "a" }, { id: "b", needs: ["a"] }, { id: "c", needs: ["b"] }]);
  run.start();
  assert.deepEqual(typesOf(cancelling(run, "b")), ["TaskFailed", "TaskSkipped"]);
  assert.deepEqual(typesOf(run.complete("a")), ["TaskCompleted", "RunFailed"]);
  assert.deepEqual(run.statuses, { a: "completed", b: "failed", c: "skipped" });
});

Deno.test("decide() cancels tasks that wait for time, a signal or their next attempt", () => {
  const run = submitted([
    { id: "pause", target: { type: "wait", forMs: 500 } },
    { id: "news", target: { type: "waitSignal", signal: "go" } },
    { id: "again" },
  ]);
  run.start();
  run.fail("again", "CRASHED");
  for (const id of ["pause", "news", "again"]) {
    assert.equal(cancelling(run, id)[0]!.type, "TaskFailed", id);
  }
  assert.equal(run.state.status, "failed");
  assert.deepEqual(run.pass(600_000), []);
});

Deno.test("decide() cancels one item of a forEach, and the others as its failure would", () => {
  const run = submitted([{ id: "e", forEach: "[1, 2, 3]", continueOnError: true }, {
    id: "join",
    needs: ["e"],
    target: { type: "value", value: "${{ tasks.e.output }}" },
  }], { output: "${{ tasks.join.output }}" });
  run.capacity.set("a", 1);
  run.start();
  assert.deepEqual(typesOf(cancelling(run, "e", 0)), ["TaskFailed"]);
  assert.deepEqual(typesOf(cancelling(run, "e", 2)), ["TaskFailed"]);
  assert.deepEqual(run.start(), ["e[1]#1@a"]);
  run.complete("e", "two", 1);
  assert.deepEqual(run.state.output, [null, "two", null]);
});

Deno.test("decide() cancels a forEach as a whole, also before it has items", () => {
  const run = submitted([{ id: "list" }, {
    id: "e",
    needs: ["list"],
    forEach: "tasks.list.output",
  }]);
  run.start();
  cancelling(run, "e");
  assert.deepEqual(typesOf(run.complete("list", [1, 2])), ["TaskCompleted", "RunFailed"]);
  run.when({ type: "RetryRun", at: run.at });
  assert.deepEqual(run.start(), ["e[0]#1@a", "e[1]#1@a"]);
  assert.deepEqual(typesOf(cancelling(run, "e")), ["TaskFailed", "RunFailed"]);
  assert.deepEqual(wantedAttempts(run.state), []);
  assert.deepEqual(viewRun(run.refold()), viewRun(run.state));
});

Deno.test("decide() does a cancelled task again when its run is retried", () => {
  const run = submitted([{ id: "a" }, { id: "b", needs: ["a"] }]);
  run.start();
  cancelling(run, "a");
  assert.equal(run.state.status, "failed");
  run.when({ type: "RetryRun", at: run.at });
  assert.deepEqual(run.start(), ["a#2@a"]);
  run.complete("a");
  run.start();
  assert.equal(last(run.complete("b")).type, "RunCompleted");
});

Deno.test("decide() lets a run go on whose cancelled task may fail", () => {
  const run = submitted([{ id: "a", continueOnError: true }, { id: "b", needs: ["a"] }]);
  run.start();
  cancelling(run, "a");
  assert.deepEqual(run.start(), ["b#1@a"]);
  assert.equal(last(run.complete("b")).type, "RunCompleted");
});

Deno.test("decide() cancels a task of a paused run", () => {
  const run = submitted([{ id: "a" }, { id: "b" }]);
  run.when({ type: "PauseRun", at: run.at });
  cancelling(run, "a");
  assert.equal(run.state.status, "paused");
  run.when({ type: "ResumeRun", at: run.at });
  assert.deepEqual(run.start(), ["b#1@a"]);
});

Deno.test("decide() names the plain task also when it is cancelled as its first item", () => {
  const run = submitted([{ id: "a" }, { id: "b" }]);
  run.start();
  const [failed] = cancelling(run, "a", 0);
  assert.equal(failed!.type === "TaskFailed" && failed.index, undefined);
  assert.deepEqual(run.statuses, { a: "failed", b: "running" });
});

Deno.test("decide() refuses to cancel what is not there, or has ended", () => {
  const run = submitted([{ id: "a" }, { id: "b", needs: ["a"] }, { id: "e", forEach: "[1]" }]);
  const refusal = (task: string, index?: number) =>
    decide({ type: "CancelTask", at: run.at, task, index, reason: "" }, run.state).rejection?.code;
  run.start();
  run.complete("a");
  assert.equal(refusal("none"), "TASK_NOT_FOUND");
  assert.equal(refusal("e", 1), "TASK_NOT_FOUND");
  assert.equal(refusal("b", 3), "TASK_NOT_FOUND");
  assert.equal(refusal("a"), "TASK_CLOSED");
  run.complete("e", null, 0);
  assert.equal(refusal("e", 0), "TASK_CLOSED");
  run.start();
  run.complete("b");
  assert.equal(refusal("b"), "RUN_CLOSED");
});
