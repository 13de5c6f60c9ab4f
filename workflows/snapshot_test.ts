import assert from "node:assert/strict";
import type { Json } from "../core/json.ts";
import { simulateRun } from "../tests/sim/run/run_simulation.ts";
import { definitionOf, TestRun } from "../tests/decider_kit.ts";
import { SeededRandom } from "../tests/seeded_random.ts";
import {
  compilePlan,
  createRunState,
  decide,
  evolve,
  hasEnded,
  hasReadyWork,
  nextWakeAt,
  type RunCommand,
  type RunEvent,
  type RunState,
  viewRun,
  wantedAttempts,
} from "./mod.ts";
import { drawOutcome, drawWorkflow } from "../tests/sim/run/random_workflow.ts";
import { restoreRun, snapshotRun } from "./snapshot.ts";

/** Through text, as it is stored. */
function pass(state: RunState): RunState {
  const text = JSON.stringify(snapshotRun(state));
  return restoreRun(state.runId, JSON.parse(text), state.plan)!;
}

/** All that anybody can see of a state, and the order in which it goes on. */
function look(state: RunState): unknown {
  return {
    view: viewRun(state, { items: true }),
    wanted: wantedAttempts(state),
    wakeAt: nextWakeAt(state),
    hasReadyWork: hasReadyWork(state),
    eventCount: state.eventCount,
  };
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

Deno.test("restoreRun() folds on to the same state from a random place in 300 drawn runs", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const events = simulateRun(seed, { crashes: seed % 3 > 0, users: seed % 2 > 0 });
    const definition = drawWorkflow(new SeededRandom(seed));
    const plan = compilePlan(definition, { packageHash: "hash" });
    const whole = events.reduce(evolve, createRunState("run-1", plan));
    const cut = new SeededRandom(seed * 31).int(0, events.length);
    const start = events.slice(0, cut).reduce(evolve, createRunState("run-1", plan));
    const restored = events.slice(cut).reduce(evolve, pass(start));
    assert.deepEqual(plain(look(restored)), plain(look(whole)), `seed ${seed}, cut at ${cut}`);
    assert.deepEqual(plain(snapshotRun(restored)), plain(snapshotRun(whole)), `seed ${seed}`);
  }
});

Deno.test("restoreRun() decides as the state itself does, whatever is asked of it", () => {
  for (let seed = 1; seed <= 120; seed++) {
    const random = new SeededRandom(seed);
    const run = new TestRun(drawWorkflow(random));
    run.submit({ yes: random.chance(0.5), many: [1, 2, 3] });
    let copy = pass(run.state);
    for (let step = 0; step < 80; step++) {
      const command = drawCommand(run, random, seed);
      assert.deepEqual(decide(command, copy), decide(command, run.state), `seed ${seed}`);
      assert.deepEqual(plain(look(copy)), plain(look(run.state)), `seed ${seed}`);
      if (random.chance(0.3)) copy = pass(copy);
    }
  }
});

function drawCommand(run: TestRun, random: SeededRandom, seed: number): RunCommand {
  run.at += random.int(0, 60);
  const { at, state } = run;
  if (hasEnded(state.status)) return { type: "RetryRun", at };
  if (random.chance(0.02)) return { type: "CancelRun", at, reason: "a user" };
  if (random.chance(0.04)) return { type: state.isPaused ? "ResumeRun" : "PauseRun", at };
  const wanted = wantedAttempts(state);
  if (wanted.length === 0 || random.chance(0.3)) {
    const capacity = new Map([["a", random.int(0, 4)], ["b", 1]]);
    return random.chance(0.5)
      ? { type: "StartAttempts", at, capacity }
      : { type: "FireTimers", at };
  }
  const { task, index, attempt } = random.pick(wanted);
  if (random.chance(0.2)) {
    const stepId = random.pick(["one", "__proto__"]);
    return { type: "RecordStep", at, task, index, attempt, stepId, output: at };
  }
  const outcome = drawOutcome(seed, { task, index, attempt });
  return { type: "FinishAttempt", at, task, index, attempt, outcome, random: random.next() };
}

Deno.test("snapshotRun() is not changed by what the state does next", () => {
  const run = new TestRun(definitionOf([{ id: "list", forEach: "[1, 2]" }]));
  run.submit();
  run.start();
  const record = (stepId: string) =>
    run.when({ type: "RecordStep", at: 1, task: "list", index: 0, attempt: 1, stepId, output: 1 });
  record("one");
  const snapshot = snapshotRun(run.state);
  const before = JSON.stringify(snapshot);
  record("two");
  run.complete("list", { n: 1 });
  run.complete("list", { n: 2 }, 1);
  assert.equal(run.state.status, "completed");
  assert.equal(JSON.stringify(snapshot), before);
});

Deno.test("snapshotRun() keeps an output once, however often it shows", () => {
  const run = new TestRun(definitionOf([{ id: "list", forEach: "[1, 2]" }, { id: "sole" }]));
  run.submit();
  run.start();
  run.complete("list", "first-output");
  run.complete("list", "second-output", 1);
  run.complete("sole", "third-output");
  const text = JSON.stringify(snapshotRun(run.state));
  for (const output of ["first-output", "second-output", "third-output"]) {
    assert.equal(text.split(output).length, 2, output);
  }
});

Deno.test("snapshotRun() knows every field of a run, a task and an instance", () => {
  const run = new TestRun(definitionOf([{ id: "sole" }]));
  run.submit();
  const [task] = run.state.tasks;
  const [instance] = task!.instances;
  const SETS = ["again", "deferred", "contested", "bidding"];
  const leave = (fields: object, ...others: string[]) =>
    Object.keys(fields).filter((field) => !others.includes(field));
  for (const field of leave(task!, "plan", "result", "items", "instances", ...SETS)) {
    Object.assign(task!, { [field]: `changed ${field}` });
  }
  for (const field of leave(instance!, "input")) {
    Object.assign(instance!, { [field]: `changed ${field}` });
  }
  const text = JSON.stringify(snapshotRun(run.state));
  const places = { ...task!, ...instance! };
  for (const field of leave(places, "plan", "result", "items", "instances", "input", ...SETS)) {
    assert.ok(text.includes(`changed ${field}`), `${field} is left out`);
  }
  const apart = [
    "due",
    "runId",
    "plan",
    "tasks",
    "lanes",
    "timers",
    "released",
    "results",
    "bindings",
  ];
  for (const field of leave(run.state, ...apart)) assert.ok(text.includes(`"${field}"`), field);
});

Deno.test("restoreRun() refuses another format and another plan", () => {
  const run = new TestRun(definitionOf([{ id: "sole" }]));
  run.submit();
  const snapshot = snapshotRun(run.state) as Record<string, Json>;
  const { plan } = run.state;
  assert.equal(restoreRun("run-1", { ...snapshot, format: 2 }, plan), null);
  assert.equal(restoreRun("run-1", null, plan), null);
  assert.equal(restoreRun("run-1", snapshot, { ...plan, packageHash: "other" }), null);
  assert.notEqual(restoreRun("run-1", snapshot, plan), null);
});

Deno.test("restoreRun() is much faster than the fold of 100,000 items", () => {
  const count = 100_000;
  const definition = definitionOf([{ id: "list", forEach: "input.many" }], { concurrency: count });
  const run = new TestRun(definition);
  run.capacity.set("a", count);
  run.submit({ many: Array.from({ length: count }, (_, n) => n) });
  run.start();
  for (let index = 0; index < count - 1; index++) {
    run.complete("list", { text: `what came of item ${index}`, n: index }, index);
  }
  const journal = run.events.map((event) => JSON.stringify(event));
  const { plan } = run.state;
  const foldMs = timeOf(() =>
    journal.map((text): RunEvent => JSON.parse(text)).reduce(evolve, createRunState("r", plan))
  );
  const text = JSON.stringify(snapshotRun(run.state));
  const restoreMs = timeOf(() => restoreRun("r", JSON.parse(text), plan));
  const sizes = `${journal.join("").length} → ${text.length} characters`;
  assert.ok(2 * restoreMs < foldMs, `restored in ${restoreMs} ms, folded in ${foldMs} ms`);
  assert.ok(4 * text.length < journal.join("").length, sizes);
});

/** The least of three: others share the machine. */
function timeOf(work: () => unknown): number {
  const times = Array.from({ length: 3 }, () => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  });
  return Math.min(...times);
}
