import assert from "node:assert/strict";
import { breakerState, retryAt } from "./breaker.ts";
import { FailureRun } from "./failure_run.ts";
import { readOutcome } from "./outcome.ts";

/** One attempt each second, each of 100 ms. */
function factsOf(outcomes: string, level: number, steady = (_failures: number) => level) {
  const run = new FailureRun();
  [...outcomes].forEach((one, i) => {
    const finishedAt = (i + 1) * 1_000;
    run.learn(
      readOutcome({
        runId: `run-${i}`,
        task: "t",
        index: 0,
        attempt: 1,
        workflow: "w",
        tenant: null,
        agent: "a",
        capability: "c",
        codeHash: null,
        text: "",
        inputHash: null,
        startedAt: finishedAt - 100,
        finishedAt,
        outcome: one === "1" ? "completed" : "failed",
        code: null,
        costUsd: 0,
        output: null,
        bid: null,
      })!,
      level,
      steady(i),
    );
  });
  return run.facts();
}

Deno.test("FailureRun opens after failures that the agent's own rate does not explain", () => {
  assert.equal(factsOf("11100", 0.95).openedAt, null);
  assert.notEqual(factsOf("1110000", 0.95).openedAt, null);
  assert.equal(factsOf("0000", 0.3).openedAt, null);
  assert.notEqual(factsOf("0".repeat(30), 0.3).openedAt, null);
});

Deno.test("FailureRun opens late for one that is not known: its work may be hard", () => {
  const ofNew = (failures: number) => 0.5 / (failures + 1);
  assert.equal(factsOf("0".repeat(20), 0.5, ofNew).openedAt, null);
  assert.notEqual(factsOf("0".repeat(40), 0.5, ofNew).openedAt, null);
});

Deno.test("FailureRun closes with one success", () => {
  assert.equal(factsOf("11100000001", 0.95).openedAt, null);
});

Deno.test("retryAt() waits twice as long after each probe that failed, up to a bound", () => {
  const waits = [0, 1, 2, 9].map((probes) => {
    const facts = factsOf("000" + "0".repeat(probes), 0.95);
    return retryAt(facts, 100, false)! - facts.lastFailedAt;
  });
  assert.deepEqual(waits, [800, 1_600, 3_200, 25_600]);
});

Deno.test("retryAt() waits less for an agent without which nobody can", () => {
  const facts = factsOf("0000", 0.95);
  assert.ok(retryAt(facts, 60_000, true)! < retryAt(facts, 60_000, false)!);
});

Deno.test("breakerState() is half-open from the instant of the retry", () => {
  assert.equal(breakerState(null, 5), "closed");
  assert.equal(breakerState(10, 9), "open");
  assert.equal(breakerState(10, 10), "half-open");
});
