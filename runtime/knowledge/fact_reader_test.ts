import assert from "node:assert/strict";
import type { AssignmentRecord } from "../../core/assignment.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { AttemptStarted, RunEvent } from "../../workflows/mod.ts";
import { FactReader } from "./fact_reader.ts";

const submitted: RunEvent = {
  type: "RunSubmitted",
  at: 1,
  workflow: "audit",
  version: null,
  packageHash: "00",
  workDir: "/",
  input: {},
  origin: { tenant: "acme" },
};

const assignment: AssignmentRecord = {
  way: "auction",
  capability: "code.measure",
  codeHash: "c0de",
  inputHash: "f00d",
  text: "code measure",
  costUsd: 0.25,
  candidates: [],
  considered: 2,
  bids: [
    { agent: "quick", costUsd: 0.2, success: 0.9, latencyMs: null },
    { agent: "slow", costUsd: 0.1, success: null, latencyMs: 9 },
  ],
};

const started = (at: number, more: Partial<AttemptStarted> = {}): AttemptStarted => ({
  type: "AttemptStarted",
  at,
  task: "measure",
  attempt: 1,
  agent: "quick",
  ...more,
});
const error = (code: string): ErrorData => ({ code, message: code });
const failed = (
  at: number,
  code: string,
  more: { lost?: true; index?: number } = {},
): RunEvent => ({
  type: "AttemptFailed",
  at,
  task: "measure",
  attempt: 1,
  error: error(code),
  ...more,
});
const cancelRun: RunEvent = { type: "RunCancelRequested", at: 3, reason: "enough" };

/** Outcome and code of each attempt of a run. */
function outcomes(...events: RunEvent[]): string[] {
  return new FactReader().read("r", [submitted, ...events]).facts
    .map(({ outcome, code }) => code === null ? outcome : `${outcome} ${code}`);
}

Deno.test("FactReader tells everything of an attempt that was assigned", () => {
  const { facts, reuses } = new FactReader().read("r", [
    submitted,
    started(2, { index: 7, attempt: 3, assignment }),
    { type: "TaskCompleted", at: 5, task: "measure", index: 7, output: { lines: 1 } },
  ]);
  assert.deepEqual(reuses, []);
  assert.deepEqual(facts, [{
    runId: "r",
    task: "measure",
    index: 7,
    attempt: 3,
    workflow: "audit",
    tenant: "acme",
    agent: "acme:audit/quick",
    capability: "code.measure",
    codeHash: "c0de",
    text: "code measure",
    inputHash: "f00d",
    startedAt: 2,
    finishedAt: 5,
    outcome: "completed",
    code: null,
    costUsd: 0.25,
    output: { lines: 1 },
    bid: assignment.bids![0],
  }]);
});

Deno.test("FactReader takes workflow and task for the words of an attempt that was not assigned", () => {
  const { facts: [fact] } = new FactReader().read("r", [
    submitted,
    started(2, { agent: "lint@1.2.0" }),
    { type: "TaskCompleted", at: 5, task: "measure", output: null },
  ]);
  const { agent, capability, text, codeHash, inputHash, costUsd, bid, index } = fact!;
  assert.deepEqual(
    { agent, capability, text, codeHash, inputHash, costUsd, bid, index },
    {
      agent: "acme:lint@1.2.0",
      capability: null,
      text: "audit measure",
      codeHash: null,
      inputHash: null,
      costUsd: 0,
      bid: null,
      index: 0,
    },
  );
});

Deno.test("FactReader blames an agent for what it did, and for nothing else", () => {
  assert.deepEqual(outcomes(started(2), failed(3, "CRASHED")), ["failed CRASHED"]);
  assert.deepEqual(outcomes(started(2), failed(3, "NODE_LOST", { lost: true })), [
    "neutral NODE_LOST",
  ]);
  assert.deepEqual(outcomes(started(2), cancelRun, failed(4, "CANCELLED")), ["neutral CANCELLED"]);
  // It said so of itself: nobody had asked for it.
  assert.deepEqual(outcomes(started(2), failed(3, "CANCELLED")), ["failed CANCELLED"]);
  const itemFailed: RunEvent = {
    type: "TaskFailed",
    at: 3,
    task: "measure",
    index: 1,
    error: error("FAILED"),
  };
  assert.deepEqual(
    outcomes(started(2, { index: 0 }), itemFailed, failed(4, "CANCELLED", { index: 0 })),
    ["neutral CANCELLED"],
  );
});

Deno.test("FactReader reads what ends a task while an attempt of it is in flight", () => {
  const taskFailed = (code: string): RunEvent => ({
    type: "TaskFailed",
    at: 4,
    task: "measure",
    error: error(code),
  });
  assert.deepEqual(outcomes(started(2), taskFailed("TIMEOUT")), ["failed TIMEOUT"]);
  assert.deepEqual(outcomes(started(2), taskFailed("CANCELLED")), ["neutral CANCELLED"]);
  assert.deepEqual(outcomes(started(2), taskFailed("REPEAT_EXHAUSTED")), ["completed"]);
  assert.deepEqual(outcomes(started(2), { type: "TaskCancelled", at: 4, task: "measure" }), [
    "neutral CANCELLED",
  ]);
  const items = [started(2, { index: 0 }), started(2, { index: 1 })];
  assert.deepEqual(outcomes(...items, taskFailed("TIMEOUT")), [
    "neutral TIMEOUT",
    "neutral TIMEOUT",
  ]);
});

Deno.test("FactReader lets nobody use a round of a repeated task again: its output is not kept", () => {
  const { facts } = new FactReader().read("r", [
    submitted,
    started(2, { assignment }),
    { type: "TaskRepeated", at: 3, task: "measure", nextAt: 4 },
    started(5, { attempt: 2, assignment }),
    { type: "TaskCompleted", at: 6, task: "measure", output: 1 },
  ]);
  assert.deepEqual(
    facts.map(({ outcome, attempt, codeHash }) => ({ outcome, attempt, codeHash })),
    [{ outcome: "completed", attempt: 1, codeHash: null }, {
      outcome: "completed",
      attempt: 2,
      codeHash: "c0de",
    }],
  );
});

/** Three contenders for a task, of which the third has not ended. */
const contest: RunEvent[] = [
  { type: "ContestOpened", at: 2, task: "measure", way: "vote", first: 1, of: 3 },
  ...[1, 2, 3].map((index) => started(2, { index, agent: `agent-${index}`, assignment })),
  { type: "TaskCompleted", at: 3, task: "measure", index: 1, output: "one" },
  { type: "TaskCompleted", at: 4, task: "measure", index: 2, output: "two" },
];

type Settled = Extract<RunEvent, { type: "ContestSettled" }>;

const settled = (more: Pick<Settled, "way" | "winner" | "losers"> & Partial<Settled>): Settled => ({
  type: "ContestSettled",
  at: 5,
  task: "measure",
  reason: "",
  ...more,
});

Deno.test("FactReader waits for the end of a contest: who was outvoted has failed", () => {
  assert.deepEqual(outcomes(...contest), []);
  const fourth: RunEvent[] = [
    { type: "ContestOpened", at: 2, task: "measure", way: "vote", first: 1, of: 4 },
    ...contest.slice(1),
    started(2, { index: 4, agent: "agent-4", assignment }),
    { type: "TaskCompleted", at: 5, task: "measure", index: 4, output: "two" },
  ];
  const { facts } = new FactReader().read("r", [
    submitted,
    ...fourth,
    settled({ way: "vote", winner: 2, losers: [1], votes: [2, 1] }),
    { type: "TaskFailed", at: 5, task: "measure", index: 3, error: error("CANCELLED") },
    { type: "TaskCompleted", at: 5, task: "measure", output: "two" },
  ]);
  assert.deepEqual(
    facts.map(({ agent, index, outcome, code, finishedAt }) => [
      `${agent} ${index}`,
      outcome,
      code,
      finishedAt,
    ]),
    [
      ["acme:audit/agent-1 1", "failed", "OUTVOTED", 3],
      ["acme:audit/agent-2 2", "completed", null, 4],
      ["acme:audit/agent-4 4", "completed", null, 5],
      ["acme:audit/agent-3 3", "neutral", "CANCELLED", 5],
    ],
  );
});

Deno.test("FactReader blames a contender that a judge chose against", () => {
  assert.deepEqual(outcomes(...contest, settled({ way: "judge", winner: 1, losers: [2] })), [
    "completed",
    "failed OUTVOTED",
  ]);
});

Deno.test("FactReader blames nobody where nobody decided, and lets nobody use what lost again", () => {
  const undecided: Settled[] = [
    settled({ way: "evidence", winner: 2, losers: [1], votes: [1, 1] }),
    // The judge failed.
    settled({ way: "evidence", winner: 2, losers: [1] }),
    // Most votes, and yet no more than half of them.
    settled({ way: "vote", winner: 2, losers: [1], votes: [2, 1, 1] }),
  ];
  for (const event of undecided) {
    const { facts } = new FactReader().read("r", [submitted, ...contest, event]);
    assert.deepEqual(
      facts.map(({ index, outcome, code, codeHash }) => [index, outcome, code, codeHash]),
      [[1, "completed", null, null], [2, "completed", null, "c0de"]],
    );
  }
});

Deno.test("FactReader blames no contender of a contest that was not decided", () => {
  const lost: RunEvent = {
    type: "TaskFailed",
    at: 5,
    task: "measure",
    index: 3,
    error: error("FAILED"),
  };
  const undecided = (code: string): RunEvent => ({
    type: "TaskFailed",
    at: 6,
    task: "measure",
    error: error(code),
  });
  assert.deepEqual(
    outcomes(...contest, failed(5, "FAILED", { index: 3 }), lost, undecided("NO_MAJORITY")),
    ["failed FAILED", "neutral NO_MAJORITY", "neutral NO_MAJORITY"],
  );
  const closed: RunEvent = { type: "RunCancelled", at: 6, reason: "enough" };
  assert.deepEqual(outcomes(...contest, closed), ["neutral CANCELLED", "neutral CANCELLED"]);
});

Deno.test("FactReader tells of results that were used again, and counts no attempt for them", () => {
  const reused = { runId: "q", task: "m", agent: "quick", madeAt: 1, similarity: 1 };
  const { facts, reuses } = new FactReader().read("r", [
    submitted,
    { type: "TaskCompleted", at: 4, task: "measure", index: 2, output: 1, reused },
  ]);
  assert.deepEqual(facts, []);
  assert.deepEqual(reuses, [{ ...reused, at: 4, by: { runId: "r", task: "measure", index: 2 } }]);
});

Deno.test("FactReader keeps nothing in flight of closed runs, and goes on with a retried one", () => {
  const reader = new FactReader();
  const closed: RunEvent = { type: "RunFailed", at: 4, error: error("FAILED") };
  const again: RunEvent[] = [
    { type: "RunRetried", at: 5 },
    started(6, { attempt: 2 }),
    { type: "TaskCompleted", at: 7, task: "measure", output: 1 },
  ];
  const { facts } = reader.read("r", [submitted, started(2), closed, ...again]);
  assert.deepEqual(facts.map(({ attempt, tenant }) => [attempt, tenant]), [[2, "acme"]]);
  assert.equal(reader.read("r", [closed]).facts.length + reader.size, 0);
  for (let at = 0; at < 1_000; at++) reader.read(`other-${at}`, [submitted, closed]);
  assert.equal(reader.knows("r"), false);
  reader.resume("r", { workflow: "audit", tenant: null });
  assert.deepEqual(
    reader.read("r", again).facts.map(({ attempt, tenant }) => [attempt, tenant]),
    [[2, null]],
  );
});
