import assert from "node:assert/strict";
import { ITEM } from "../../actors/frames.ts";
import { toFailedStep, toReport } from "./worker_report.ts";

Deno.test("toReport() makes text of workers plain", () => {
  const progress = toReport([ITEM.PROGRESS, 1, 0.5, "half \u001b[31mdone"], () => {});
  assert.deepEqual(Object.keys(progress!), ["type", "fraction", "message"]);
  assert.ok(progress?.type === "progress" && !progress.message!.includes("\u001b"));
  assert.deepEqual(toReport([ITEM.LOG, 1, 1, "hello", null], () => {}), {
    type: "log",
    level: "info",
    message: "hello",
  });
});

Deno.test("toReport() acknowledges a step by the token that came with it", () => {
  const tokens: number[] = [];
  const report = toReport([ITEM.STEP, 1, 42, "fetch", { a: 1 }, [5, 6]], (token) => {
    tokens.push(token);
  });
  assert.ok(report?.type === "step");
  assert.deepEqual(report.times, { stepId: "fetch", startedAt: 5, endedAt: 6 });
  report.acknowledge();
  assert.deepEqual(tokens, [42]);
});

Deno.test("steps with names beyond all measure are not told", () => {
  const name = "x".repeat(257);
  assert.equal(toReport([ITEM.STEP, 1, 42, name, null, null], () => {}), null);
  assert.equal(toFailedStep([ITEM.STEP_FAILED, 1, name, "FAILED", [1, 2]]), null);
  assert.deepEqual(toFailedStep([ITEM.STEP_FAILED, 1, "fetch", "NO_DISK", [1, 2]]), {
    stepId: "fetch",
    startedAt: 1,
    endedAt: 2,
    errorCode: "NO_DISK",
  });
});
