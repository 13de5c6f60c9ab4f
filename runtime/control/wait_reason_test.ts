import assert from "node:assert/strict";
import { definitionOf, type ShortTask, TestRun } from "../../tests/decider_kit.ts";
import { ListedAssigner } from "../../tests/listed_assigner.ts";
import { type RunSurroundings, waitReasonOf } from "./wait_reason.ts";

const LED: RunSurroundings = { leader: "n1", isBegun: true };

function begun(tasks: ShortTask[], rest = {}): TestRun {
  const run = new TestRun(definitionOf(tasks, rest));
  run.submit();
  run.start();
  return run;
}

function reason(run: TestRun, id: string, index: number | null = 0, around = LED) {
  const task = run.state.tasks[run.state.plan.positionOf.get(id)!]!;
  const instance = index === null ? null : task.instances[index] ?? null;
  return waitReasonOf(run.state, { task, instance }, around);
}

Deno.test("waitReasonOf() names the needs that have not ended", () => {
  const ids = ["a", "b", "c", "d", "e", "f", "g"];
  const run = begun([...ids.map((id) => ({ id })), { id: "z", needs: ids }]);
  run.complete("a");
  assert.deepEqual(reason(run, "z"), {
    kind: "needs",
    text: 'waits for "b", "c", "d", "e", "f" and 1 more to end',
    tasks: ["b", "c", "d", "e", "f", "g"],
  });
  assert.equal(reason(run, "b"), null);
  assert.equal(reason(run, "a"), null);
});

Deno.test("waitReasonOf() tells workers, the run's limit and the task's limit apart", () => {
  const busy = new TestRun(definitionOf([{ id: "a" }, { id: "b" }]));
  busy.submit();
  busy.capacity.set("a", 1);
  busy.start();
  assert.deepEqual(reason(busy, "b"), {
    kind: "worker",
    text: 'waits for a free worker of "a"',
    tasks: [],
  });
  const narrow = begun([{ id: "a" }, { id: "b" }], { concurrency: 1 });
  assert.equal(reason(narrow, "b")?.kind, "concurrency");
  const items = begun([{ id: "e", forEach: "[1, 2]", maxParallel: 1 }]);
  assert.match(reason(items, "e", 1)!.text, /^1 of its items/);
  assert.equal(reason(items, "e", null), null);
});

Deno.test("waitReasonOf() says until when a task waits, and for which signal", () => {
  const run = begun([
    { id: "nap", target: { type: "wait", forMs: 5_000 } },
    { id: "news", target: { type: "waitSignal", signal: "go" } },
    { id: "soon", target: { type: "waitSignal", signal: "go", timeoutMs: 1_000 } },
    { id: "again" },
  ]);
  run.fail("again", "CRASHED");
  assert.deepEqual(reason(run, "nap"), {
    kind: "time",
    text: "waits until 1970-01-01T00:00:06.000Z",
    tasks: [],
    until: "1970-01-01T00:00:06.000Z",
  });
  assert.equal(reason(run, "news")?.text, 'waits for the signal "go"');
  assert.equal(reason(run, "soon")?.until, "1970-01-01T00:00:02.000Z");
  assert.match(
    reason(run, "again")!.text,
    /^failed with CRASHED; waits for its next attempt until/,
  );
});

Deno.test("waitReasonOf() says first what holds up the whole run", () => {
  const run = new TestRun(definitionOf([{ id: "a" }, { id: "b", needs: ["a"] }]));
  assert.equal(reason(run, "a", 0, { leader: null, isBegun: false })?.kind, "leader");
  assert.match(
    reason(run, "a", 0, { leader: "n1", isBegun: false })!.text,
    /has not begun the run/,
  );
  run.submit();
  run.when({ type: "PauseRun", at: run.at });
  assert.deepEqual(reason(run, "b"), { kind: "paused", text: "the run is paused", tasks: [] });
  assert.equal(reason(run, "b", 0, { leader: null, isBegun: true })?.kind, "leader");
});

Deno.test("waitReasonOf() says of every item, and of a judge, that the agent is gone", () => {
  const far = "far@1.0.0";
  const without = (task: Partial<ShortTask>) => {
    const target = { type: "capability", capability: "x" } as const;
    const run = new TestRun(definitionOf([{ id: "m", target, ...task }]));
    const assigner = new ListedAssigner({ x: ["a", "b"] });
    assigner.gone.add(far);
    run.assigner = assigner;
    run.capacity.set(far, 0);
    run.submit();
    run.start();
    return run;
  };
  const items = without({ forEach: "[1, 2]", fallback: { agent: far }, continueOnError: true });
  for (const index of [0, 1]) items.fail("m", "FAILED", index);
  items.pass(2_000);
  items.start();
  for (const index of [0, 1]) assert.match(reason(items, "m", index)!.text, /not registered any/);
  const judged = without({ assign: { waitMs: 60_000, judge: { of: 2, by: far } } });
  judged.complete("m", 1, 1);
  assert.equal(reason(judged, "m"), null);
  judged.complete("m", 2, 2);
  judged.pass(2_000);
  judged.start();
  assert.match(reason(judged, "m")!.text, /not registered any/);
});
