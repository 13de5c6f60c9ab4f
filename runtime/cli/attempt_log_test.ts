import assert from "node:assert/strict";
import type { AssignmentRecord } from "../../core/assignment.ts";
import { definitionOf, type ShortTask, TestRun } from "../../tests/decider_kit.ts";
import { ListedAssigner } from "../../tests/listed_assigner.ts";
import { type RunEvent, viewRun } from "../../workflows/mod.ts";
import { AttemptLog } from "./attempt_log.ts";

function textOf(run: TestRun, now = run.at): string[] {
  const log = new AttemptLog();
  for (const event of run.events) log.add(event);
  return log.text(viewRun(run.state), now).split("\n");
}

function asked(task: Partial<ShortTask>, agents: string[]): TestRun {
  const target = { type: "capability", capability: "c" } as const;
  const run = new TestRun(definitionOf([{ id: "m", target, ...task }]));
  run.assigner = new ListedAssigner({ c: agents });
  for (const agent of agents) run.capacity.set(agent, 100);
  return run;
}

const RETRY = {
  maxAttempts: 2,
  backoff: { initialMs: 100, factor: 1, maxMs: 100, jitter: "none" },
} as const;

Deno.test("AttemptLog tells each attempt with agent, end, time and error, also those before the last", () => {
  const run = new TestRun(definitionOf([
    { id: "m", forEach: "[1, 2]", retry: RETRY, fallback: { agent: "b" } },
  ]));
  run.submit();
  run.start();
  run.at += 20;
  run.fail("m", "UNAVAILABLE", 0);
  run.complete("m", 1, 1);
  run.pass(100);
  run.start();
  run.at += 30;
  run.fail("m", "UNAVAILABLE", 0);
  run.pass(0);
  run.start();
  run.at += 1_500;
  assert.deepEqual(textOf(run, run.at), [
    "attempts:",
    "  m[0], attempt 1: a failed after 20ms: UNAVAILABLE It is UNAVAILABLE",
    "      named by the workflow",
    "  m[0], attempt 2: a failed after 30ms: UNAVAILABLE It is UNAVAILABLE",
    "      named by the workflow",
    "  m[0], attempt 3: b runs for 1.5s",
    "      the fallback, as the workflow names it",
    "  m[1], attempt 1: a completed after 20ms",
    "      named by the workflow",
    "",
  ]);
});

Deno.test("AttemptLog names contenders, and who judges", () => {
  const run = asked({ assign: { waitMs: 1_000, judge: { of: 2, by: "b" } } }, ["a", "d"]);
  run.submit();
  run.whenStarted();
  run.complete("m", 5, 1);
  run.complete("m", 6, 2);
  run.whenStarted();
  const heads = textOf(run).filter((line) => /^ {2}\S/.test(line));
  assert.deepEqual(heads, [
    "  m, contender 1, attempt 1: a completed after 0ms",
    "  m, contender 2, attempt 1: d completed after 0ms",
    "  m, judge, attempt 1: b runs for 0ms",
  ]);
});

Deno.test("AttemptLog tells the contests of a retried run apart, item by item", () => {
  const assign = { waitMs: 1_000, vote: { of: 2, ties: "fail" as const } };
  const run = asked({ assign, forEach: "[1, 2]" }, ["a", "d"]);
  run.submit();
  run.whenStarted();
  for (const index of [2, 3]) run.complete("m", 5, index);
  run.complete("m", 6, 4);
  run.complete("m", 7, 5);
  run.when({ type: "RetryRun", at: run.at });
  run.whenStarted();
  const heads = textOf(run).filter((line) => /^ {2}\S/.test(line));
  assert.deepEqual(heads, [
    "  m[0], contender 1, attempt 1: a completed after 0ms",
    "  m[0], contender 2, attempt 1: d completed after 0ms",
    "  m[1], contender 1, attempt 1: a completed after 0ms",
    "  m[1], contender 2, attempt 1: d completed after 0ms",
    "  m[1], contender 1 of round 2, attempt 2: a runs for 0ms",
    "  m[1], contender 2 of round 2, attempt 2: d runs for 0ms",
  ]);
});

Deno.test("AttemptLog shows the figures of all candidates of each choice", () => {
  const figures = {
    score: 0.91,
    success: 0.9,
    low: 0.8,
    high: 0.996,
    tasks: 40,
    latencyMs: 1_500,
    costUsd: 0.002,
    load: 0.5,
  };
  const assignment: AssignmentRecord = {
    way: "evidence",
    capability: "measure",
    codeHash: "1".repeat(16),
    inputHash: "2".repeat(32),
    text: "measure a file",
    candidates: [
      { agent: "fast", ...figures },
      { agent: "other", ...figures, score: 0.4, latencyMs: null },
    ],
    considered: 5,
    excluded: [{ code: "CIRCUIT_OPEN", count: 1, agents: ["broken"] }],
  };
  const run = asked({}, ["a"]);
  run.submit();
  const started: RunEvent = {
    type: "AttemptStarted",
    at: run.at,
    task: "m",
    attempt: 1,
    agent: "fast",
    assignment,
  };
  const log = new AttemptLog();
  for (const event of [...run.events, started]) log.add(event);
  const lines = log.text(viewRun(run.state), run.at).split("\n");
  assert.match(lines[2]!, /^ {6}fast was chosen of 5 /);
  assert.match(lines[4]!, /^ {6}fast +0\.91 +90 % +80 % to 99\.6 % +40 +1\.5s +0\.002 +50 %$/);
  assert.match(lines[5]!, /^ {6}other +0\.4 .* - +0\.002/);
  assert.match(lines[6]!, /^ {6}and 3 more: the journal keeps the figures of the first/);
  assert.match(lines[7]!, /^ {6}not: .*broken/);
});

Deno.test("AttemptLog shows what each agent bid in an auction", () => {
  const assignment: AssignmentRecord = {
    way: "auction",
    capability: "measure",
    codeHash: "1".repeat(16),
    inputHash: "2".repeat(32),
    text: "measure a file",
    candidates: [],
    considered: 2,
    bids: [
      { agent: "plain", costUsd: 0, success: null, latencyMs: null },
      { agent: "boaster", costUsd: 0.002, success: 0.995, latencyMs: 1_500 },
    ],
  };
  const run = asked({}, ["a"]);
  run.submit();
  const at = run.at;
  const started: RunEvent = {
    type: "AttemptStarted",
    at,
    task: "m",
    attempt: 1,
    agent: "plain",
    assignment,
  };
  const log = new AttemptLog();
  for (const event of [...run.events, started]) log.add(event);
  const lines = log.text(viewRun(run.state), at).split("\n");
  const from = lines.findIndex((line) => line.includes("bid of"));
  assert.match(lines[from]!, /^ {6}bid of +USD +success promised +time promised$/);
  assert.match(lines[from + 1]!, /^ {6}plain +0 +- +-$/);
  assert.match(lines[from + 2]!, /^ {6}boaster +0\.002 +99\.5 % +1\.5s$/);
});

Deno.test("AttemptLog tells the last fifty of a task, and how many came before", () => {
  const run = new TestRun(definitionOf([{ id: "m", forEach: "input.many" }], { concurrency: 60 }));
  run.submit({ many: Array.from({ length: 60 }, () => 1) });
  run.start();
  const lines = textOf(run);
  assert.equal(lines[1], "  … 10 more of m before these");
  assert.equal(lines.filter((line) => line.includes(", attempt 1:")).length, 50);
});

Deno.test("AttemptLog leaves alone what steps returned", () => {
  const log = new AttemptLog();
  let reads = 0;
  const step = { type: "StepRecorded", at: 1, task: "m", stepId: "s" };
  const recorded = Object.defineProperty(step, "output", { get: () => ++reads });
  log.add(recorded as unknown as RunEvent);
  assert.equal(reads, 0);
});
