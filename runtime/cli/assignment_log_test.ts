import assert from "node:assert/strict";
import type { AssignmentRecord } from "../../core/assignment.ts";
import { explainChoice } from "../../core/explain_assignment.ts";
import type { RunEvent, RunView } from "../../workflows/mod.ts";
import { AssignmentLog } from "./assignment_log.ts";

const at = Date.UTC(2026, 10, 22, 12);

function recordOf(agent: string): AssignmentRecord {
  const candidate = {
    agent,
    score: 0.91,
    success: 0.9,
    low: 0.8,
    high: 0.96,
    tasks: 40,
    latencyMs: 1_500,
    costUsd: 0.002,
    load: 0.5,
  };
  return {
    way: "evidence",
    capability: "measure",
    codeHash: "1".repeat(16),
    inputHash: "2".repeat(32),
    text: "measure a file",
    candidates: [candidate, { ...candidate, agent: "other", score: 0.4, latencyMs: null }],
    considered: 5,
    excluded: [{ code: "CIRCUIT_OPEN", count: 1, agents: ["broken"] }],
  };
}

function started(agent: string, index?: number, attempt = 1): RunEvent {
  const place = index === undefined ? {} : { index };
  const assignment = recordOf(agent);
  return { type: "AttemptStarted", at, task: "m", attempt, agent, assignment, ...place };
}

function viewOf(task: Partial<RunView["tasks"][number]> = {}): RunView {
  const whole = {
    id: "m",
    status: "completed" as const,
    attempts: 1,
    agent: null,
    reason: null,
    startedAt: null,
    finishedAt: null,
    error: null,
    ...task,
  };
  return {
    runId: "r",
    workflow: "w",
    version: null,
    status: "running",
    input: {},
    output: null,
    error: null,
    startedAt: null,
    finishedAt: null,
    tasks: [whole],
  };
}

function textOf(events: readonly RunEvent[], view = viewOf(), withChoices = true): string {
  const log = new AssignmentLog();
  for (const event of events) log.add(event);
  return log.text(view, { withChoices });
}

Deno.test("AssignmentLog tells the newest choice of each piece of work, gathered by agent", () => {
  const why = (agent: string) => explainChoice(recordOf(agent), agent);
  assert.equal(
    textOf([started("slow", 0), started("fast", 0, 2), started("fast", 1), started("slow", 2)]),
    `why these agents:\n  m (2 of 3 choices): ${why("fast")}\n  m (1 of 3 choices): ${
      why("slow")
    }\n`,
  );
  assert.equal(textOf([started("fast")]), `why these agents:\n  m: ${why("fast")}\n`);
  const named: RunEvent = { type: "AttemptStarted", at, task: "m", attempt: 1, agent: "a" };
  assert.equal(textOf([named]), "");
});

Deno.test("AssignmentLog tells why nobody does it, as long as nobody does", () => {
  const deferred: RunEvent = {
    type: "AssignmentDeferred",
    at,
    task: "m",
    giveUpAt: at + 1,
    why: { code: "NOBODY_OFFERS", excluded: [] },
  };
  const waiting = viewOf({ status: "pending", reason: "No agent offers it" });
  assert.equal(textOf([deferred], waiting), "why these agents:\n  m: No agent offers it\n");
  assert.doesNotMatch(textOf([deferred, started("fast")], waiting), /No agent offers it/);
  assert.equal(textOf([deferred], viewOf({ reason: "No agent offers it" })), "");
});

Deno.test("AssignmentLog tells how contests were settled, also without the choices", () => {
  const settled: RunEvent = {
    type: "ContestSettled",
    at,
    task: "m",
    way: "judge",
    winner: 2,
    losers: [1],
    reason: "the judge took the second",
  };
  const events = [started("a", 1), started("b", 2), started("j", 3), settled];
  assert.equal(
    textOf(events, viewOf(), false),
    "why these agents:\n  m: the judge took the second\n",
  );
});

Deno.test("AssignmentLog names contenders, and says which of them failed", () => {
  const opened: RunEvent = { type: "ContestOpened", at, task: "m", way: "merge", first: 1, of: 3 };
  const failed = (index: number, code: string): RunEvent => ({
    type: "TaskFailed",
    at,
    task: "m",
    index,
    error: { code, message: "no" },
  });
  const events = [opened, started("a", 1), started("b", 2), started("c", 3)];
  const why = (agent: string) => explainChoice(recordOf(agent), agent);
  assert.equal(
    textOf([...events, failed(2, "UNAVAILABLE"), failed(3, "CANCELLED")]),
    `why these agents:\n  m, contender 1: ${why("a")}\n` +
      `  m, contender 2: ${why("b")} It failed: UNAVAILABLE.\n  m, contender 3: ${why("c")}\n`,
  );
});
