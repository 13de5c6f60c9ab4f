import assert from "node:assert/strict";
import type { AssignmentRecord, CandidateFigures, ExclusionCode } from "./assignment.ts";
import { explainAbstention, explainChoice, explainExclusion } from "./explain_assignment.ts";

const QUICK: CandidateFigures = {
  agent: "quick",
  score: 0.98,
  success: 0.97,
  low: 0.93,
  high: 0.994,
  tasks: 41.2,
  latencyMs: 120,
  costUsd: 0.002,
  load: 0.25,
};
const SLOW = { ...QUICK, agent: "slow", success: 0.81, low: 0.7, high: 0.9, latencyMs: 2_400 };
const NEW = { ...QUICK, agent: "new", success: 0.6, tasks: 0, latencyMs: null, costUsd: 0 };

function record(more: Partial<AssignmentRecord> = {}): AssignmentRecord {
  const capability = "code.measure";
  const candidates = [QUICK, SLOW];
  return {
    way: "evidence",
    codeHash: "",
    capability,
    inputHash: "",
    text: "",
    candidates,
    considered: 3,
    ...more,
  };
}

Deno.test("explainChoice() gives the figures that decided, and who came next", () => {
  assert.equal(
    explainChoice(record(), "quick"),
    'quick was chosen of 3 for "code.measure". It succeeds at 97 % of tasks like this ' +
      "(93 to 99.4 %, by 41 tasks), 120 ms each, $0.002. Next came slow with 81 % (70 to 90 %).",
  );
});

Deno.test("explainChoice() says that nothing is known of a new agent", () => {
  assert.equal(
    explainChoice(record({ candidates: [NEW, QUICK] }), "new"),
    'new was chosen of 3 for "code.measure". It is new to such tasks: nothing is known of it ' +
      "yet, 60 % is expected. Next came quick with 97 % (93 to 99.4 %).",
  );
});

Deno.test("explainChoice() says how else an agent came to the task", () => {
  const alone = { candidates: [SLOW], considered: 1 };
  const start = (more: Partial<AssignmentRecord>) =>
    explainChoice(record({ ...alone, ...more }), "slow").split(".")[0] + ".";
  assert.match(start({ way: "only" }), /^slow was the only one that could take/);
  const excluded = [{ code: "FULL" as const, count: 1, agents: ["quick"] }];
  assert.match(start({ way: "only", excluded }), /^slow was the only one with a place free/);
  assert.match(
    explainChoice(record({ ...alone, way: "pin" }), "slow"),
    /because the task pins it\./,
  );
  assert.match(
    start({ way: "probe" }),
    /^slow failed before and is tried again with this one task/,
  );
  const bids = [1, 2].map(() => ({ agent: "slow", costUsd: 0, success: null, latencyMs: null }));
  assert.match(
    explainChoice(record({ ...alone, way: "auction", bids }), "slow"),
    /^slow won the auction of "code.measure" among 2\./,
  );
});

Deno.test("explainChoice() says who did not come into question", () => {
  const excluded = [{ code: "FULL" as const, count: 5, agents: ["a", "b", "c"] }];
  assert.match(
    explainChoice(record({ excluded }), "quick"),
    /5 agents have no place free: a, b, c and 2 more\.$/,
  );
  const failed = [{ code: "FAILED_HERE" as const, count: 1, agents: ["bad"] }];
  assert.match(
    explainChoice(record({ way: "only", considered: 1, excluded: failed }), "quick"),
    /^quick was the only one that could take .* 1 agent failed at this task and makes way: bad\.$/,
  );
});

Deno.test("explainChoice() has words for a record without figures", () => {
  assert.equal(
    explainChoice(record({ candidates: [], considered: 1, way: "only" }), "quick"),
    'quick was the only one that could take "code.measure".',
  );
});

Deno.test("explainAbstention() says what to do", () => {
  assert.equal(
    explainAbstention({ code: "NOBODY_OFFERS", excluded: [] }, "code.measure"),
    'No agent offers "code.measure". Add an agent with this capability to the file, or use ' +
      '"denizen agents register".',
  );
  assert.equal(
    explainAbstention({
      code: "NOBODY_CAN",
      excluded: [{ code: "DENIED", count: 1, agents: ["slow"] }],
    }, "code.measure"),
    'No agent that offers "code.measure" may take the task now. 1 agent is denied by the task: ' +
      'slow. Take an agent off "assign.deny".',
  );
});

Deno.test("explainAbstention() advises on what excludes most, and on what is meant so last", () => {
  const excluded = (counts: Partial<Record<ExclusionCode, number>>) =>
    Object.entries(counts).map(([code, count]) => ({
      code: code as ExclusionCode,
      count,
      agents: ["a"],
    }));
  const adviceOf = (counts: Partial<Record<ExclusionCode, number>>) =>
    explainAbstention({ code: "NOBODY_CAN", excluded: excluded(counts) }, "c");
  assert.match(adviceOf({ NOT_PINNED: 9, INPUT_REFUSED: 1 }), /Mend "with"/);
  assert.match(
    adviceOf({ INPUT_REFUSED: 1, PERMISSIONS_TOO_WIDE: 2 }),
    /Widen "assign.permissions"/,
  );
  assert.match(adviceOf({ INPUT_REFUSED: 3, PERMISSIONS_TOO_WIDE: 2 }), /Mend "with"/);
});

Deno.test("explainAbstention() says when an agent that rests is tried again", () => {
  const excluded = [{ code: "CIRCUIT_OPEN" as const, count: 2, agents: ["a", "b"] }];
  assert.equal(
    explainAbstention({ code: "NOBODY_CAN", excluded, askAgainAt: 0 }, "code.measure"),
    'No agent that offers "code.measure" may take the task now. 2 agents failed too often of ' +
      "late and rest: a, b. One is tried again at 1970-01-01T00:00:00.000Z.",
  );
});

Deno.test("explainAbstention() names the agent that is waited for", () => {
  assert.match(
    explainAbstention({ code: "BEST_BUSY", excluded: [], agent: "quick" }, "code.measure"),
    /^The task waits for quick, which is busy/,
  );
});

Deno.test("explainExclusion() counts one agent as one", () => {
  assert.equal(
    explainExclusion({ code: "CIRCUIT_OPEN", count: 1, agents: ["a"] }),
    "1 agent failed too often of late and rests: a",
  );
});
