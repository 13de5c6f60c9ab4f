import assert from "node:assert/strict";
import { definitionOf, type ShortTask, TestRun } from "../../tests/decider_kit.ts";
import { ListedAssigner } from "../../tests/listed_assigner.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import { ActivityTally, type GroupReport } from "./activity_tally.ts";
import { figuresOf } from "./latency_histogram.ts";

const HOUR = 3_600_000;

/** A run whose events so far go to a tally, at their own time. */
class Told {
  readonly run: TestRun;
  #told = 0;

  constructor(readonly tally: ActivityTally, readonly id: string, tasks: ShortTask[]) {
    this.run = new TestRun(definitionOf(tasks));
    this.run.submit();
    this.tell();
  }

  tell(): void {
    for (const event of this.run.events.slice(this.#told)) {
      this.tally.add(this.id, event, this.run.at);
    }
    this.#told = this.run.events.length;
  }
}

function only(reports: GroupReport[]): GroupReport {
  assert.equal(reports.length, 1);
  return reports[0]!;
}

Deno.test("ActivityTally counts open runs by what they do", () => {
  const tally = new ActivityTally();
  const busy = new Told(tally, "r1", [{ id: "a" }, { id: "b" }]);
  new Told(tally, "r2", [{ id: "w", target: { type: "wait", forMs: 1_000 } }]);
  const held = new Told(tally, "r3", [{ id: "a" }]);
  held.run.when({ type: "PauseRun", at: held.run.at });
  held.tell();
  let { running, waiting, paused, queued } = only(tally.report(1_000));
  assert.deepEqual({ running, waiting, paused, queued }, {
    running: 1,
    waiting: 1,
    paused: 1,
    queued: 2,
  });
  busy.run.capacity.set("a", 1);
  busy.run.start();
  busy.tell();
  ({ queued } = only(tally.report(1_000)));
  assert.equal(queued, 1);
});

Deno.test("ActivityTally counts ends, durations and failures of the last hour", () => {
  const tally = new ActivityTally();
  const told = new Told(tally, "r1", [{ id: "a" }]);
  const { run } = told;
  run.start();
  run.at += 40;
  run.fail("a", "CRASHED");
  told.tell();
  run.pass(60_000);
  run.start();
  run.at += 100;
  run.complete("a");
  told.tell();
  const now = run.at;
  const report = only(tally.report(now));
  assert.deepEqual(report.ends, [[0, 1, 0, 0]]);
  assert.equal(report.running, 0);
  assert.equal(figuresOf(report.tasks[0]!.latency).maxMs, 100);
  const { agent, attempts, failures } = report.agents[0]!;
  assert.deepEqual({ agent, attempts, failures }, { agent: "a", attempts: 2, failures: 1 });
  assert.deepEqual(
    report.failures.map(({ code, task, count, runId }) => [code, task, count, runId]),
    [
      ["CRASHED", "a", 1, "r1"],
    ],
  );
  assert.equal(tally.knows("r1"), false);
  const later = only(tally.report(now + 30_000));
  assert.equal(later.ends[0]![0], 3);
  assert.deepEqual(tally.report(now + 2 * HOUR), []);
});

Deno.test("ActivityTally goes on with runs that it adopts", () => {
  const tally = new ActivityTally();
  const run = new TestRun(definitionOf([{ id: "e", forEach: "[1, 2, 3]" }]));
  run.submit();
  run.capacity.set("a", 1);
  run.start();
  const event: RunEvent = { type: "RunPaused", at: run.at };
  assert.equal(tally.add("r1", event, run.at), false);
  tally.adopt("r1", { workflow: "test", tags: ["x"], tenant: "t" }, run.state, run.at);
  const report = only(tally.report(run.at));
  assert.deepEqual(report.labels, { workflow: "test", tags: ["x"], tenant: "t" });
  assert.deepEqual([report.running, report.queued], [1, 2]);
  tally.keep(() => false);
  assert.equal(tally.knows("r1"), false);
});

Deno.test("ActivityTally forgets the work of a forEach that ends at once", () => {
  const tally = new ActivityTally();
  const told = new Told(tally, "r1", [{ id: "e", forEach: "[1, 2, 3]" }, {
    id: "w",
    target: { type: "wait", forMs: 9_000 },
  }]);
  told.run.capacity.set("a", 2);
  told.run.start();
  told.run.when({ type: "CancelTask", at: told.run.at, task: "e", reason: "enough" });
  told.tell();
  const { running, waiting, queued } = only(tally.report(told.run.at));
  assert.deepEqual({ running, waiting, queued }, { running: 0, waiting: 1, queued: 0 });
});

Deno.test("ActivityTally counts what is beyond its groups without labels", () => {
  const tally = new ActivityTally();
  for (let n = 0; n < 400; n++) {
    const event: RunEvent = {
      type: "RunSubmitted",
      at: 0,
      workflow: "w",
      version: null,
      packageHash: "h",
      workDir: "/",
      input: {},
      origin: { tags: [`t${n}`] },
    };
    tally.add(`r${n}`, event, 0);
  }
  const reports = tally.report(0);
  assert.ok(reports.length <= 301, `${reports.length}`);
  assert.equal(reports.reduce((sum, { running }) => sum + running, 0), 400);
  assert.equal(reports.filter(({ labels }) => labels === null).length, 1);
});

Deno.test("ActivityTally counts work that several agents contend for once", () => {
  const tally = new ActivityTally();
  const target = { type: "capability", capability: "measure" } as const;
  const run = new TestRun(definitionOf([
    {
      id: "m",
      target,
      assign: { waitMs: 1_000, vote: { of: 3, ties: "evidence" } },
      forEach: "[1, 2, 3, 4]",
    },
  ]));
  run.assigner = new ListedAssigner({ measure: ["a", "b", "c"] });
  for (const agent of ["a", "b", "c"]) run.capacity.set(agent, 1);
  run.submit();
  let told = 0;
  const tell = () => {
    for (const event of run.events.slice(told)) tally.add("r1", event, run.at);
    told = run.events.length;
  };
  const count = () => {
    const { running, waiting, queued } = only(tally.report(run.at));
    return { running, waiting, queued };
  };
  tell();
  assert.deepEqual(count(), { running: 1, waiting: 0, queued: 4 });
  const adopted = new ActivityTally();
  const labels = { workflow: "test", tags: [], tenant: null };
  const inFlight = run.start();
  tell();
  const contested = run.state.tasks[0]!.contested.size;
  assert.ok(contested > 0 && inFlight.length === 3);
  assert.deepEqual(count(), { running: 1, waiting: 0, queued: 4 - contested });
  adopted.adopt("r1", labels, run.state, run.at);
  assert.equal(only(adopted.report(run.at)).queued, 4 - contested);
  const [first, second] = [4, 5];
  run.complete("m", 1, first);
  tell();
  assert.equal(count().queued, 4 - contested, "one of three results ends nothing");
  run.complete("m", 1, second);
  tell();
  assert.equal(count().queued, 4 - contested, "one item ended, and was at work");
});
