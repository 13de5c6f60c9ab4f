import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import type { TaskStatus } from "../../workflows/status.ts";
import type { RunView, TaskView } from "../../workflows/view.ts";
import { renderTree, type TaskProgress, type TreeOptions } from "./live_tree.ts";
import { widthOf } from "./text_width.ts";
import { processorTimeMs } from "../../tests/processor_time.ts";

const STARTED_AT = Date.parse("2026-01-01T00:00:00Z");
const WIDE: TreeOptions = { width: 80, height: 24, now: STARTED_AT + 12_300, color: false };

function task(id: string, status: TaskStatus, over: Partial<TaskView> = {}): TaskView {
  const isStarted = status !== "pending" && status !== "skipped";
  return {
    id,
    status,
    attempts: isStarted ? 1 : 0,
    agent: "worker",
    reason: null,
    startedAt: isStarted ? new Date(STARTED_AT).toISOString() : null,
    finishedAt: ["completed", "failed"].includes(status)
      ? new Date(STARTED_AT + 400).toISOString()
      : null,
    error: null,
    ...over,
  };
}

function run(tasks: TaskView[], over: Partial<RunView> = {}): RunView {
  return {
    runId: "01KAJ",
    workflow: "repo-audit",
    version: null,
    status: "running",
    input: {},
    output: null,
    error: null,
    startedAt: new Date(STARTED_AT).toISOString(),
    finishedAt: null,
    tasks,
    ...over,
  };
}

function progress(fraction: number | null, message: string): TaskProgress {
  return { fraction, message, startedAt: STARTED_AT + 10_000 };
}

Deno.test("renderTree() says why a task waits that could begin", () => {
  const view = run([
    task("busy", "running"),
    task("next", "pending", { reason: "waits for a free worker" }),
    task("last", "pending"),
  ]);
  assert.deepEqual(renderTree(view, new Map(), WIDE).slice(1), [
    "▶ busy                                                                  12.3s",
    "· next     waits for a free worker",
    "· last",
  ]);
});

Deno.test("renderTree() shows states, durations, items and progress", () => {
  const view = run([
    task("list", "completed"),
    task("measure", "running", { items: { total: 100, completed: 59, failed: 2, running: 2 } }),
    task("secrets", "running"),
    task("broken", "failed", { error: { code: "TIMEOUT", message: "Took over 30s" } }),
    task("report", "pending"),
    task("publish", "skipped", { reason: "`if` was false" }),
  ]);
  const lines = renderTree(
    view,
    new Map([
      ["measure[61]", progress(0.4, "parsing a.ts")],
      ["measure[62]", progress(null, "")],
      ["secrets", progress(0.5, "half way")],
    ]),
    WIDE,
  );
  assert.deepEqual(lines, [
    "▶ repo-audit ██████████████░░░░░░ 68% 3/6 tasks 12.3s",
    "✓ list                                                                  400ms",
    "▶ measure  ██████░░░░ 61/100 · 2 failed · 2 running                     12.3s",
    "    measure[61]  40% parsing a.ts 2.3s",
    "    measure[62] 2.3s",
    "▶ secrets  50% half way                                                 12.3s",
    "✗ broken   TIMEOUT Took over 30s                                        400ms",
    "· report",
    "↷ publish  `if` was false",
  ]);
});

Deno.test("renderTree() folds finished tasks first and keeps what runs and failed", () => {
  const view = run([
    ...Array.from({ length: 30 }, (_, i) => task(`done${i}`, "completed")),
    task("failed", "failed", { error: { code: "FAILED", message: "m" } }),
    task("active", "running"),
    ...Array.from({ length: 30 }, (_, i) => task(`later${i}`, "pending")),
  ]);
  const lines = renderTree(view, new Map(), { ...WIDE, height: 6 });
  assert.equal(lines.length, 6);
  assert.match(lines[1]!, /^… 30 done, 28 not started$/);
  assert.ok(lines.some((line) => line.startsWith("✗ failed")));
  assert.ok(lines.some((line) => line.startsWith("▶ active")));
});

Deno.test("renderTree() strips what an agent could do to the terminal", () => {
  const evil = "\x1b[2J\x1b]0;title\x07a\nb\r\x9b31mc\u202ed";
  const view = run([
    task("t", "running"),
    task("u", "failed", { error: { code: "FAILED", message: evil } }),
  ]);
  const text = renderTree(view, new Map([["t", progress(0.5, evil)]]), WIDE).join("");
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text, /[\u0000-\u001f\u007f-\u009f\u202e]/);
  assert.match(text, /50% a b/);
});

Deno.test("renderTree() fits any size, whatever the run looks like", () => {
  const words = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("日本語テキスト", "x".repeat(300)),
  );
  const error = fc.record({ code: fc.constant("FAILED"), message: words });
  const items = fc.record({
    total: fc.nat(5_000),
    completed: fc.nat(5_000),
    failed: fc.nat(50),
    running: fc.nat(50),
  }).filter((one) => one.completed + one.failed <= one.total);
  const tasks = fc.array(
    fc.tuple(
      fc.stringMatching(/^[a-z][a-z0-9-]{0,50}$/),
      fc.constantFrom<TaskStatus>(
        "pending",
        "running",
        "waiting",
        "completed",
        "failed",
        "skipped",
      ),
      fc.option(error),
      fc.option(items, { nil: undefined }),
      words,
    ),
    { maxLength: 40 },
  );
  fc.assert(fc.property(
    tasks,
    fc.integer({ min: 10, max: 200 }),
    fc.integer({ min: 1, max: 60 }),
    (specs, width, height) => {
      const view = run(
        specs.map(([id, status, error, items, reason]) =>
          task(id, status, { error, items, reason })
        ),
      );
      const live = new Map(specs.flatMap(([id, , , items, message], i) => [
        [items === undefined ? id : `${id}[${i}]`, progress(0.3, message)] as const,
      ]));
      const plain = renderTree(view, live, { ...WIDE, width, height });
      assert.ok(plain.length <= height, `${plain.length} lines in ${height} rows`);
      for (const line of plain) assert.ok(widthOf(line) <= width, `${width}: ${line}`);
      const painted = renderTree(view, live, { ...WIDE, width, height, color: true });
      assert.deepEqual(painted.map((line) => stripVTControlCharacters(line).trimEnd()), plain);
    },
  ));
});

Deno.test("renderTree() of 10,000 running items takes milliseconds", () => {
  const live = new Map(Array.from({ length: 10_000 }, (_, i) => [`m[${i}]`, progress(0, "x")]));
  const items = { total: 10_000, completed: 0, failed: 0, running: 10_000 };
  const beforeMs = processorTimeMs();
  const lines = renderTree(run([task("m", "running", { items })]), live, WIDE);
  assert.ok(processorTimeMs() - beforeMs < 500);
  assert.equal(lines.at(-1), "    … 9992 more running");
});

Deno.test("renderTree() warns of a completed forEach with failures, and cuts nothing that is whole", () => {
  const message = "x".repeat(300);
  const view = run([
    task("go", "completed", { items: { total: 20, completed: 0, failed: 20, running: 0 } }),
    task("a".repeat(40), "failed", { error: { code: "FAILED", message } }),
  ]);
  const [head, go, failed] = renderTree({ ...view, status: "completed" }, new Map(), {
    ...WIDE,
    isWhole: true,
  });
  assert.match(head!, /^! /);
  assert.match(go!, /^! go .*0 of 20 · 20 failed/);
  assert.match(failed!, new RegExp(`^✗ a{40} FAILED x{300} `));
  assert.match(renderTree(view, new Map(), WIDE)[2]!, /x…/);
});
