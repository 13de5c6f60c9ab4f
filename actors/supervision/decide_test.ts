import assert from "node:assert/strict";
import { crash, TestTree } from "../../tests/supervision_kit.ts";
import { completeActorChild, type SupervisorInput, viewTree } from "./mod.ts";

/** Actors `a`, `b`, … in short. */
const actors = (ids: string, rest = {}) =>
  [...ids].map((id) => ({ actor: "x", key: id, id, ...rest }));

function tree(input: Partial<SupervisorInput> & Pick<SupervisorInput, "children">): TestTree {
  return new TestTree({ name: "top", ...input });
}

function running(input: Partial<SupervisorInput> & Pick<SupervisorInput, "children">): TestTree {
  const it = tree(input);
  it.start();
  return it;
}

const nested = (restarts: number, rest: Partial<SupervisorInput> = {}) => ({
  intensity: { restarts },
  children: [
    ...actors("a"),
    { supervisor: { name: "pool", intensity: { restarts: 1 }, children: actors("bc"), ...rest } },
    ...actors("d"),
  ],
});

Deno.test("decide() starts left to right, each child after the one before it runs", () => {
  const it = tree(nested(3));
  assert.deepEqual(it.when({ type: "Start" }), ["start top", "start a"]);
  assert.deepEqual(it.started("a"), ["a runs", "start pool", "start b"]);
  assert.deepEqual(it.started("b"), ["b runs", "start c"]);
  assert.deepEqual(it.started("c"), ["c runs", "pool runs", "start d"]);
  assert.deepEqual(it.started("d"), ["d runs", "top runs"]);
});

Deno.test("decide() stops right to left, one at a time", () => {
  const it = running(nested(3));
  assert.deepEqual(it.when({ type: "Stop" }), ["stop top", "stop d, kill after 5000"]);
  assert.deepEqual(it.exited("d"), ["d is down", "stop pool", "stop c, kill after 5000"]);
  assert.deepEqual(it.exited("c"), ["c is down", "stop b, kill after 5000"]);
  assert.deepEqual(it.exited("b"), ["b is down", "pool is down", "stop a, kill after 5000"]);
  assert.deepEqual(it.exited("a"), ["a is down", "top ended: stopped"]);
  assert.deepEqual(it.ending, { type: "stopped", at: 0 });
});

Deno.test("decide() refuses to stop or to fire what does not run", () => {
  const it = tree({ children: actors("a") });
  assert.equal(it.try({ type: "Stop" }).rejection?.code, "SUPERVISION_STOPPED");
  assert.deepEqual(it.when({ type: "FireTimers" }), []);
  it.start();
  assert.equal(it.try({ type: "Start" }).rejection?.code, "SUPERVISION_RUNNING");
});

Deno.test("decide() starts a tree again after it ended", () => {
  const it = running({ children: actors("a") });
  it.when({ type: "Stop" });
  it.settle();
  assert.deepEqual(it.start(), ["start top", "start a", "a runs", "top runs"]);
  assert.equal(it.ending, null);
});

Deno.test("decide() stops without waiting for what is starting", () => {
  const it = tree({ children: actors("abc") });
  it.when({ type: "Start" });
  it.started("a");
  assert.deepEqual(it.when({ type: "Stop" }), ["stop top", "stop b, kill after 5000"]);
  assert.equal(
    it.try({ type: "ReportStarted", id: "b", incarnation: it.incarnationOf("b") }).rejection?.code,
    "STALE_REPORT",
  );
  assert.deepEqual(it.startFails("b"), ["b is down", "stop a, kill after 5000"]);
  assert.deepEqual(it.exited("a"), ["a is down", "top ended: stopped"]);
});

Deno.test("decide() stops without waiting for a restart delay", () => {
  const it = running({ delay: { initialMs: 1_000 }, children: actors("a") });
  it.crashed("a");
  assert.deepEqual(it.when({ type: "Stop" }), ["stop top", "top ended: stopped"]);
  assert.deepEqual(it.pass(10_000), []);
});

Deno.test("decide() ends a start with the first child that fails, and terminates those before it", () => {
  const it = tree({ children: [...actors("ab"), { actor: "y", id: "c" }] });
  it.when({ type: "Start" });
  it.started("a");
  it.started("b");
  assert.deepEqual(it.startFails("c"), [
    "c does not start: BOOM",
    "top gives up: c, BOOM",
    "stop b, kill after 5000",
  ]);
  it.settle();
  const error = { code: "BOOM", message: "boom" };
  assert.deepEqual(it.ending, { type: "start_failed", at: 0, child: "c", error });
});

Deno.test("decide() takes an exit before the start was reported for a failed start", () => {
  const it = tree({ children: actors("a") });
  it.when({ type: "Start" });
  assert.deepEqual(it.exited("a", { type: "normal" }), [
    "a does not start: CRASHED",
    "top gives up: a, CRASHED",
    "top ended: start_failed",
  ]);
});

Deno.test("decide() fails the start of the tree when one deep below fails", () => {
  const it = tree(nested(3));
  it.when({ type: "Start" });
  it.started("a");
  it.started("b");
  assert.deepEqual([...it.startFails("c"), ...it.settle()], [
    "c does not start: BOOM",
    "pool gives up: c, BOOM",
    "stop b, kill after 5000",
    "b is down",
    "pool does not start: BOOM",
    "top gives up: pool, BOOM",
    "stop a, kill after 5000",
    "a is down",
    "top ended: start_failed",
  ]);
});

Deno.test("decide() counts a start that fails during a restart as another restart", () => {
  const it = running({ intensity: { restarts: 2 }, children: actors("a") });
  assert.deepEqual(it.crashed("a"), ["a exits: BOOM", "restart a", "start a"]);
  assert.deepEqual(it.startFails("a"), ["a does not start: BOOM", "restart a", "start a"]);
  assert.deepEqual(it.startFails("a"), [
    "a does not start: BOOM",
    "top gives up: a, RESTART_INTENSITY",
    "top ended: gave_up",
  ]);
});

Deno.test("decide() restarts a transient child whose restart did not start", () => {
  const it = running({ children: actors("a", { restart: "transient" }) });
  it.crashed("a");
  assert.deepEqual(it.exited("a", { type: "normal" }), [
    "a does not start: CRASHED",
    "restart a",
    "start a",
  ]);
});

Deno.test("decide() forgets restarts that are older than the period", () => {
  const it = running({ intensity: { restarts: 1, periodMs: 100 }, children: actors("a") });
  it.crashed("a");
  it.started("a");
  it.at = 101;
  assert.deepEqual(it.crashed("a"), ["a exits: BOOM", "restart a", "start a"]);
  it.started("a");
  it.at = 201;
  assert.match(it.crashed("a")[1]!, /gives up/);
});

Deno.test("decide() deletes temporary siblings that a group restart terminates", () => {
  const children = [...actors("a"), ...actors("t", { restart: "temporary" }), ...actors("b")];
  for (const [strategy, from] of [["one_for_all", "b"], ["rest_for_one", "a"]] as const) {
    const it = running({ strategy, children });
    it.crashed(from);
    it.settle();
    assert.deepEqual(it.statuses, { top: "running", a: "running", b: "running" });
  }
});

Deno.test("decide() deletes a temporary sibling that had ended before a group restart", () => {
  const children = [...actors("a"), ...actors("t", { restart: "temporary" }), ...actors("b")];
  const it = running({ strategy: "rest_for_one", children });
  it.crashed("b");
  it.crashed("a");
  it.crashed("t");
  assert.deepEqual(it.settle(), [
    "b runs",
    "restart a t b",
    "stop b, kill after 5000",
    "b is down",
    "start a",
    "a runs",
    "start b",
    "b runs",
  ]);
  assert.deepEqual(it.statuses, { top: "running", a: "running", b: "running" });
});

Deno.test("decide() starts all children of a group, also one that had ended well", () => {
  const it = running({
    strategy: "one_for_all",
    children: [...actors("a", { restart: "transient" }), ...actors("b")],
  });
  it.exited("a", { type: "normal" });
  assert.equal(it.statuses.a, "stopped");
  it.crashed("b");
  it.settle();
  assert.equal(it.statuses.a, "running");
});

Deno.test("decide() escalates over two levels", () => {
  const it = running({
    intensity: { restarts: 0 },
    children: [
      ...actors("a"),
      {
        supervisor: {
          name: "mid",
          intensity: { restarts: 1 },
          children: [{
            supervisor: { name: "low", intensity: { restarts: 0 }, children: actors("bc") },
          }],
        },
      },
    ],
  });
  assert.deepEqual([...it.crashed("b"), ...it.settle()], [
    "b exits: BOOM",
    "low gives up: b, RESTART_INTENSITY",
    "stop c, kill after 5000",
    "c is down",
    "low exits: shutdown",
    "restart low",
    "start low",
    "start b",
    "b runs",
    "start c",
    "c runs",
    "low runs",
  ]);
  assert.deepEqual([...it.crashed("c"), ...it.settle()], [
    "c exits: BOOM",
    "low gives up: c, RESTART_INTENSITY",
    "stop b, kill after 5000",
    "b is down",
    "low exits: shutdown",
    "mid gives up: low, RESTART_INTENSITY",
    "mid exits: shutdown",
    "top gives up: mid, RESTART_INTENSITY",
    "stop a, kill after 5000",
    "a is down",
    "top ended: gave_up",
  ]);
});

Deno.test("decide() leaves a transient supervisor down that gave up: its reason is shutdown", () => {
  const it = running({
    children: [{
      supervisor: { name: "pool", intensity: { restarts: 0 }, children: actors("a") },
      restart: "transient",
    }],
  });
  assert.deepEqual(it.crashed("a").slice(-2), ["pool exits: shutdown", "leave pool"]);
});

Deno.test("decide() starts a supervisor anew as specified", () => {
  const it = running(nested(3, { intensity: { restarts: 0 } }));
  it.when({
    type: "StartChild",
    supervisor: "pool",
    child: completeActorChild({ actor: "x", key: "n", id: "n" }),
  });
  it.settle();
  assert.equal(it.statuses.n, "running");
  it.crashed("b");
  it.settle();
  assert.equal(it.statuses.n, undefined);
  assert.equal(it.state.nodes.has("n"), false);
  assert.equal(it.statuses.b, "running");
});

Deno.test("decide() lets exits wait while the supervisor is busy", () => {
  const it = running({ strategy: "rest_for_one", children: actors("abc") });
  assert.deepEqual(it.crashed("b").slice(1), ["restart b c", "stop c, kill after 5000"]);
  assert.deepEqual(it.crashed("a"), ["a exits: BOOM"]);
  assert.deepEqual(it.exited("c"), ["c is down", "start b"]);
  assert.deepEqual(it.started("b"), ["b runs", "start c"]);
  assert.deepEqual(it.started("c"), ["c runs", "restart a b c", "stop c, kill after 5000"]);
});

Deno.test("decide() does not ask a member of a group to stop that ended meanwhile", () => {
  const it = running({ strategy: "one_for_all", children: actors("abc") });
  it.crashed("b");
  assert.deepEqual(it.crashed("a"), ["a exits: BOOM"]);
  assert.deepEqual(it.exited("c"), ["c is down", "start a"]);
});

Deno.test("decide() refuses reports of an older incarnation", () => {
  const it = running({ children: actors("a") });
  const old = it.incarnationOf("a");
  it.crashed("a");
  const late = { id: "a", incarnation: old } as const;
  for (
    const command of [
      { type: "ReportStarted", ...late },
      { type: "ReportExited", ...late, reason: crash() },
      { type: "ReportStartFailed", ...late, error: { code: "BOOM", message: "late" } },
      { type: "ReportStarted", id: "nobody", incarnation: 1 },
      { type: "ReportStarted", id: "top", incarnation: 1 },
    ] as const
  ) assert.equal(it.try(command).rejection?.code, "STALE_REPORT");
  it.started("a");
  const report = { type: "ReportStarted", id: "a", incarnation: it.incarnationOf("a") } as const;
  assert.equal(it.try(report).rejection?.code, "STALE_REPORT");
});

Deno.test("decide() delays restarts longer with each failure, up to a limit", () => {
  const delay = { initialMs: 100, factor: 3, maxMs: 1_000 };
  const it = running({
    intensity: { restarts: 9, periodMs: 60_000 },
    delay,
    children: actors("a"),
  });
  const delays = [75, 225, 675, 750].map((delayMs) => {
    assert.deepEqual(it.crashed("a"), ["a exits: BOOM", `restart a after ${delayMs}`]);
    assert.deepEqual(it.pass(delayMs - 1), []);
    assert.deepEqual(it.pass(1), ["start a"]);
    it.started("a");
    return delayMs;
  });
  assert.equal(delays.length, 4);
  it.at += 60_001;
  assert.deepEqual(it.crashed("a"), ["a exits: BOOM", "restart a after 75"]);
});

Deno.test("decide() jitters a delay between its half and the whole", () => {
  for (const [random, delayMs] of [[0, 500], [0.999999, 1_000]] as const) {
    const it = running({ delay: { initialMs: 1_000 }, children: actors("a") });
    const [, line] = it.when({
      type: "ReportExited",
      id: "a",
      incarnation: it.incarnationOf("a"),
      reason: crash(),
      random,
    });
    assert.equal(line, `restart a after ${delayMs}`);
  }
});

Deno.test("decide() terminates a group at once and starts it after the delay", () => {
  const it = running({
    strategy: "one_for_all",
    delay: { initialMs: 1_000, maxMs: 1_000 },
    children: actors("abc"),
  });
  assert.deepEqual(it.crashed("b").slice(1), [
    "restart a b c after 750",
    "stop c, kill after 5000",
  ]);
  it.at = 100;
  assert.deepEqual(it.settle(), ["c is down", "stop a, kill after 5000", "a is down"]);
  assert.deepEqual(it.statuses, { top: "running", a: "waiting", b: "waiting", c: "waiting" });
  assert.deepEqual(it.pass(650), ["start a"]);
  assert.deepEqual(it.settle(), ["a runs", "start b", "b runs", "start c", "c runs"]);
});

Deno.test("decide() does not start a member of a group before its own delay is over", () => {
  const it = running({
    strategy: "rest_for_one",
    delay: { initialMs: 1_000, maxMs: 1_000 },
    children: actors("ab"),
  });
  it.when({
    type: "ReportExited",
    id: "b",
    incarnation: it.incarnationOf("b"),
    reason: crash(),
    random: 0.999999,
  });
  assert.equal(it.crashed("a")[1], "restart a b after 1000");
});

Deno.test("decide() takes an earlier instant for the last one", () => {
  const it = running({ delay: { initialMs: 100 }, children: actors("ab") });
  it.at = 1_000;
  it.crashed("a");
  it.at = 0;
  it.crashed("b");
  assert.deepEqual(it.events.slice(-2).map(({ at }) => at), [1_000, 1_000]);
  it.at = 1_075;
  assert.deepEqual(it.pass(0), ["start a"]);
  assert.deepEqual(it.settle(), ["a runs", "start b", "b runs"]);
});

Deno.test("decide() terminates a child on request, and keeps it down", () => {
  const it = running({ children: actors("ab") });
  assert.deepEqual(it.when({ type: "TerminateChild", id: "a" }), [
    "terminate a",
    "stop a, kill after 5000",
  ]);
  assert.equal(it.try({ type: "DeleteChild", id: "b" }).rejection?.code, "SUPERVISOR_BUSY");
  assert.deepEqual(it.exited("a", crash()), ["a is down"]);
  assert.equal(it.statuses.a, "stopped");
  assert.deepEqual(it.when({ type: "TerminateChild", id: "a" }), []);
  assert.deepEqual(it.when({ type: "RestartChild", id: "a" }), ["asked to start a", "start a"]);
  it.settle();
  assert.equal(it.try({ type: "RestartChild", id: "a" }).rejection?.code, "CHILD_RUNNING");
});

Deno.test("decide() deletes a temporary child that is terminated", () => {
  const it = running({ children: actors("a", { restart: "temporary" }) });
  it.when({ type: "TerminateChild", id: "a" });
  it.settle();
  assert.equal(it.try({ type: "RestartChild", id: "a" }).rejection?.code, "CHILD_NOT_FOUND");
});

Deno.test("decide() leaves a child down whose requested start fails", () => {
  const it = running({ children: actors("a") });
  it.when({ type: "TerminateChild", id: "a" });
  it.settle();
  it.when({ type: "RestartChild", id: "a" });
  assert.deepEqual(it.startFails("a"), ["a does not start: BOOM"]);
  assert.equal(it.statuses.a, "stopped");
});

Deno.test("decide() ends a delay on request", () => {
  const it = running({ delay: { initialMs: 1_000 }, children: actors("a") });
  it.crashed("a");
  assert.equal(it.try({ type: "RestartChild", id: "a" }).rejection?.code, "CHILD_RESTARTING");
  assert.equal(it.try({ type: "DeleteChild", id: "a" }).rejection?.code, "CHILD_RESTARTING");
  assert.deepEqual(it.when({ type: "TerminateChild", id: "a" }), ["terminate a"]);
  assert.deepEqual(it.pass(5_000), []);
  assert.deepEqual(it.when({ type: "DeleteChild", id: "a" }), ["delete a"]);
  assert.deepEqual(it.statuses, { top: "running" });
});

Deno.test("decide() terminates a whole supervisor on request, and starts it again", () => {
  const it = running(nested(3));
  assert.deepEqual([...it.when({ type: "TerminateChild", id: "pool" }), ...it.settle()], [
    "terminate pool",
    "stop pool",
    "stop c, kill after 5000",
    "c is down",
    "stop b, kill after 5000",
    "b is down",
    "pool is down",
  ]);
  assert.equal(it.try({ type: "RestartChild", id: "b" }).rejection?.code, "SUPERVISION_STOPPED");
  it.when({ type: "RestartChild", id: "pool" });
  assert.deepEqual(it.settle(), ["b runs", "start c", "c runs", "pool runs"]);
});

Deno.test("decide() adds a child to the right of the others", () => {
  const it = running({ strategy: "rest_for_one", children: actors("a") });
  const child = completeActorChild({ actor: "x", key: "n", id: "n" });
  const start = { type: "StartChild", supervisor: "top", child } as const;
  assert.deepEqual(it.when(start), ["add n to top", "start n"]);
  it.settle();
  assert.equal(it.try(start).rejection?.code, "CHILD_EXISTS");
  assert.equal(it.crashed("a")[1], "restart a n");
});

Deno.test("decide() forgets an added child that does not start", () => {
  const it = running({ children: actors("a") });
  const child = completeActorChild({ actor: "x", key: "n", id: "n" });
  it.when({ type: "StartChild", supervisor: "top", child });
  assert.deepEqual(it.startFails("n"), ["n does not start: BOOM"]);
  assert.deepEqual(it.statuses, { top: "running", a: "running" });
});

Deno.test("decide() refuses children whose id or address is taken or spoken for", () => {
  const it = running(nested(3));
  const add = (supervisor: string, key: string, id: string) =>
    it.try({
      type: "StartChild",
      supervisor,
      child: completeActorChild({ actor: "x", key, id }),
    }).rejection?.code;
  assert.equal(add("top", "a", "other"), "CHILD_EXISTS");
  assert.equal(add("top", "other", "pool"), "CHILD_EXISTS");
  assert.equal(add("a", "other", "other"), "CHILD_NOT_FOUND");
  assert.equal(add("nobody", "other", "other"), "CHILD_NOT_FOUND");
  it.when({ type: "TerminateChild", id: "b" });
  it.settle();
  it.when({ type: "DeleteChild", id: "b" });
  // A restart of "pool" brings "b" back.
  assert.equal(add("top", "b", "b"), "CHILD_EXISTS");
  assert.equal(add("pool", "b", "b"), undefined);
});

Deno.test("decide() starts what is added to a waiting group with the group", () => {
  const it = running({
    strategy: "one_for_all",
    delay: { initialMs: 1_000 },
    children: actors("a"),
  });
  it.crashed("a");
  const child = completeActorChild({ actor: "x", key: "n", id: "n" });
  assert.deepEqual(it.when({ type: "StartChild", supervisor: "top", child }), ["add n to top"]);
  assert.deepEqual(it.pass(750), ["start a"]);
  assert.deepEqual(it.settle(), ["a runs", "start n", "n runs"]);
});

Deno.test("decide() gives children that were restarted with their supervisor their history", () => {
  const it = running(nested(3, { intensity: { restarts: 0 } }));
  it.crashed("b", "WORSE");
  it.settle();
  const [, pool] = viewTree(it.state).children;
  const [b, c] = pool!.children;
  assert.equal(pool!.restarts, 1);
  assert.deepEqual(b!.lastExit!.reason, crash("WORSE"));
  assert.deepEqual([b!.restarts, c!.restarts], [1, 1]);
});
