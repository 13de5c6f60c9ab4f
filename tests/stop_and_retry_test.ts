/** Corners of stopping, retrying and starting that a review of the decider found. */
import assert from "node:assert/strict";
import { definitionOf, type ShortTask, TestRun, typesOf } from "./decider_kit.ts";
import { viewRun, wantedAttempts } from "../workflows/mod.ts";

function submitted(tasks: ShortTask[], input = {}): TestRun {
  const run = new TestRun(definitionOf(tasks));
  run.submit(input);
  return run;
}

function cancel(run: TestRun): void {
  run.when({ type: "CancelRun", at: run.at, reason: "enough" });
}

const TOTAL = { attemptMs: 60_000, heartbeatMs: 5_000, totalMs: 1_000 };

Deno.test("decide() starts what stands behind a forEach that was given up", () => {
  const run = submitted([
    { id: "x", forEach: "input.l", timeout: TOTAL, continueOnError: true },
    { id: "x2", needs: ["x"], target: { type: "value", value: 1 } },
    { id: "y" },
  ], { l: [1, 2, 3] });
  run.capacity.set("a", 1);
  assert.deepEqual(run.start(), ["x[0]#1@a"]);
  run.pass(1_000);
  assert.deepEqual(run.start(), ["y#1@a"]);
});

Deno.test("decide() does not repeat a task of a cancelled run", () => {
  const run = submitted([
    { id: "p", repeat: { until: "output.ready", everyMs: 10_000, timesMax: 60 } },
  ]);
  run.start();
  cancel(run);
  assert.deepEqual(typesOf(run.complete("p", { ready: false })), ["TaskCancelled", "RunCancelled"]);
});

Deno.test("decide() runs the clean-up of a run that was paused when it was cancelled", () => {
  const run = submitted([{ id: "w" }, { id: "c", needs: ["w"], if: "always()" }]);
  run.when({ type: "PauseRun", at: run.at });
  cancel(run);
  assert.deepEqual(run.start(), ["c#1@a"]);
  run.when({ type: "PauseRun", at: run.at });
  assert.equal(viewRun(run.state).status, "running");
});

Deno.test("decide() takes only what runs despite a cancel for clean-up", () => {
  const run = submitted([{ id: "w", if: "success() && input.x" }, { id: "c", if: "always()" }], {
    x: true,
  });
  run.start();
  cancel(run);
  const stopping = wantedAttempts(run.state).map(({ task, isStopping }) => [task, isStopping]);
  assert.deepEqual(stopping, [["w", true], ["c", false]]);
});

Deno.test("decide() cancels a waiting retry whose condition was success()", () => {
  const run = submitted([{ id: "w", if: "success()" }]);
  run.start();
  run.fail("w", "UNAVAILABLE");
  cancel(run);
  assert.equal(run.state.status, "cancelled");
});

Deno.test("decide() gives up the clean-up of a run that is cancelled twice", () => {
  const wait = { type: "wait", forMs: 7 * 86_400_000 } as const;
  const run = submitted([{ id: "w" }, { id: "c", needs: ["w"], if: "always()", target: wait }]);
  run.start();
  cancel(run);
  run.fail("w", "CANCELLED");
  assert.equal(viewRun(run.state).status, "waiting");
  cancel(run);
  assert.equal(run.state.status, "cancelled");
});

Deno.test("decide() counts the total time of a forEach anew when the run is retried", () => {
  const run = submitted([{ id: "x", forEach: "input.l", timeout: TOTAL }], { l: [1, 2] });
  run.start();
  run.complete("x", 1, 0);
  run.fail("x", "FAILED", 1);
  // A retry begins after the end.
  run.at++;
  run.when({ type: "RetryRun", at: run.at });
  run.start();
  run.pass(1_000);
  assert.equal(run.state.error?.code, "TIMEOUT");
});

Deno.test("decide() does not retry items of a forEach that has failed already", () => {
  const run = submitted([{ id: "x", forEach: "input.l" }], { l: [1, 2] });
  run.start();
  run.fail("x", "FAILED", 0);
  run.fail("x", "UNAVAILABLE", 1);
  assert.equal(run.state.status, "failed");
});

Deno.test("decide() gives a capability to a free agent while another task waits for a full one", () => {
  const target = { type: "capability", capability: "k" } as const;
  const tasks = [{ id: "p" }, { id: "p2", needs: ["p"] }, { id: "q", target }];
  const run = new TestRun(definitionOf(tasks), { a: ["k"], b: ["k"] });
  run.submit();
  run.capacity.set("a", 0);
  assert.deepEqual(run.start(), ["q#1@b"]);
});

Deno.test("viewRun() shows a run whose journal was cut behind AttemptFailed", () => {
  const run = submitted([{ id: "w" }]);
  run.start();
  run.fail("w", "FAILED");
  run.events.length = run.events.findIndex((event) => event.type === "AttemptFailed") + 1;
  assert.equal(viewRun(run.refold()).tasks[0]!.error?.code, "FAILED");
});

Deno.test("decide() fails a task whose value would fill the memory", () => {
  const doubled = (id: string, before: string): ShortTask => {
    const value = [`\${{ tasks.${before}.output }}`, `\${{ tasks.${before}.output }}`];
    return { id, needs: [before], target: { type: "value", value } };
  };
  const tasks: ShortTask[] = [{ id: "t0", target: { type: "value", value: "x" } }];
  for (let n = 1; n <= 40; n++) tasks.push(doubled(`t${n}`, `t${n - 1}`));
  const run = submitted(tasks);
  assert.equal(run.state.error?.code, "VALUE_TOO_LARGE");
});
