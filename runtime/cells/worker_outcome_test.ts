import assert from "node:assert/strict";
import { ITEM } from "../../actors/frames.ts";
import { toOutcome } from "./worker_outcome.ts";

const WORK = { timeoutMs: 1_000, heartbeatMs: 1_000 };
const LATE = { code: "TIMEOUT", message: "It took too long" };

Deno.test("toOutcome() lets a verdict stand, whatever the worker says after it", () => {
  const flight = { work: WORK, verdict: LATE };
  const failed = { status: "failed", error: LATE };
  assert.deepEqual(toOutcome(flight, [ITEM.COMPLETED, 1, "done"]), failed);
  assert.deepEqual(toOutcome(flight, [ITEM.FAILED, 1, "FAILED", "no", null, null]), failed);
});

Deno.test("toOutcome() takes a late answer where it changed a state, but no late failure", () => {
  const flight = { work: { ...WORK, isLateGood: true }, verdict: LATE };
  assert.deepEqual(toOutcome(flight, [ITEM.COMPLETED, 1, "done"]), {
    status: "completed",
    output: "done",
  });
  const outcome = toOutcome(flight, [ITEM.FAILED, 1, "FAILED", "no", null, null]);
  assert.deepEqual(outcome, { status: "failed", error: LATE });
});

Deno.test("toOutcome() keeps details of a failure only as far as they are small", () => {
  const flight = { work: WORK, verdict: null };
  const fail = (details: Record<string, string>) =>
    toOutcome(flight, [ITEM.FAILED, 1, "NO_DISK", "no", true, details]);
  const error = { code: "NO_DISK", message: "no", retryable: true };
  assert.deepEqual(fail({ at: "x" }), {
    status: "failed",
    error: { ...error, details: { at: "x" } },
  });
  assert.deepEqual(fail({ at: "x".repeat(70_000) }), { status: "failed", error });
});
