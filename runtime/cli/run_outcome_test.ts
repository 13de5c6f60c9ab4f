import assert from "node:assert/strict";
import type { Failure } from "../../core/failure_patterns.ts";
import type { RunView, TaskView } from "../../workflows/view.ts";
import { outcomeText } from "./run_outcome.ts";

const PLAIN = { color: false };

function task(id: string, over: Partial<TaskView> = {}): TaskView {
  return {
    id,
    status: "completed",
    attempts: 1,
    agent: "worker",
    reason: null,
    startedAt: null,
    finishedAt: null,
    error: null,
    ...over,
  };
}

function run(status: RunView["status"], tasks: TaskView[], over: Partial<RunView> = {}): RunView {
  return {
    runId: "01KAJ",
    workflow: "flow",
    version: null,
    status,
    input: {},
    output: null,
    error: null,
    startedAt: "2026-01-01T00:00:00.000Z",
    finishedAt: "2026-01-01T00:00:01.500Z",
    tasks,
    ...over,
  };
}

Deno.test("outcomeText() of a completed run is one line, and how to look at it", () => {
  const items = { total: 3, completed: 3, failed: 0, running: 0 };
  const view = run("completed", [task("a"), task("m", { items }), task("m[0]"), task("m[1]")]);
  assert.equal(
    outcomeText(view, [], PLAIN),
    "✓ flow completed after 1.5s · 2 tasks, 3 items\n" +
      "look:   deno task denizen runs show 01KAJ\n",
  );
});

Deno.test("outcomeText() marks a completed run in which items failed, and tells why", () => {
  const items = { total: 3, completed: 0, failed: 3, running: 0 };
  const failed = (index: number, code: string) =>
    task(`go[${index}]`, { status: "failed", error: { code, message: "It broke" } });
  const view = run("completed", [
    task("go", { items }),
    failed(0, "RARE"),
    failed(1, "OUT_OF_MEMORY"),
    failed(2, "OUT_OF_MEMORY"),
  ]);
  const lines = outcomeText(view, [], PLAIN).split("\n");
  assert.deepEqual(lines.slice(0, 4), [
    "! flow completed after 1.5s · 1 task, 3 items, 3 failed",
    "  go[1] and 1 more: OUT_OF_MEMORY It broke (1 attempt, agent worker)",
    "    hint: Raise `memoryMb` of the agent, or give each attempt less work.",
    "  go[0]: RARE It broke (1 attempt, agent worker)",
  ]);
});

Deno.test("outcomeText() names runs resume only where nobody works on the run", () => {
  const view = run("running", [task("a", { status: "running" })]);
  assert.doesNotMatch(outcomeText(view, [], PLAIN), /resume/);
  assert.match(outcomeText(view, [], { ...PLAIN, mayResume: true }), /runs resume 01KAJ/);
});

Deno.test("outcomeText() of a failed run tells failures once, patterns, and what to do", () => {
  const error = { code: "OUT_OF_MEMORY", message: "Used more than 64 MB" };
  const failed = (index: number) =>
    task(`m[${index}]`, { status: "failed", attempts: 2, agent: "eater", error });
  const failures: Failure[] = [0, 1].flatMap((index) =>
    [1, 2].map((attempt) => ({ task: "m", index, agent: "eater", attempt, error }))
  );
  const view = run("failed", [task("m", { status: "failed", error }), failed(0), failed(1)], {
    error: { code: "TASK_FAILED", message: 'Task "m" failed' },
  });
  assert.equal(
    outcomeText(view, failures, PLAIN),
    '✗ flow failed after 1.5s: TASK_FAILED Task "m" failed\n' +
      "  m[0] and 1 more: OUT_OF_MEMORY Used more than 64 MB (2 attempts, agent eater)\n" +
      "    hint: Raise `memoryMb` of the agent, or give each attempt less work.\n" +
      '  pattern: Agent "eater" ran out of memory in every attempt of 2 items of task "m"\n' +
      '    suggestion: Raise "memoryMb" of the agent, or give it smaller items\n' +
      "look:   deno task denizen runs show 01KAJ\n" +
      "again:  deno task denizen runs retry 01KAJ\n",
  );
});

Deno.test("outcomeText() bounds the failures it tells and strips control characters", () => {
  const tasks = Array.from({ length: 500 }, (_, i) => {
    const error = { code: "FAILED", message: `\x1b[2J reason ${"x".repeat(i)}` };
    return task(`t${i}`, { status: "failed", error });
  });
  const text = outcomeText(run("failed", tasks), [], PLAIN);
  assert.ok(text.split("\n").length < 30);
  assert.match(text, /… and 490 other failures/);
  assert.ok(!text.includes("\x1b"));
});
