/**
 * Supervision with real cells. What each strategy does in which order is told in full by the
 * decider's own tests; here is shown that the cells obey.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TreeView } from "../../actors/supervision/mod.ts";
import { type ActorSources, SystemHarness, until } from "./system_harness.ts";

/** Tells a log of its own when it starts and stops. */
const CHILD = `export default defineActor({
  name: "child",
  onStart: (ctx) => ctx.log.info("start " + ctx.key),
  onStop: async (ctx, reason) => {
    if (ctx.options.hang) await new Promise(() => {});
    ctx.log.info("stop " + ctx.key + " " + reason);
  },
  on: {
    ping: () => "pong",
    crash: () => { throw new Error("crashed on purpose"); },
    end: (_payload, ctx) => ctx.stop(),
  },
});`;

const ACTORS: ActorSources = { child: { source: CHILD } };
const KEYS = ["a", "b", "c"];

function children(extra: Record<string, unknown> = {}) {
  return KEYS.map((key) => ({ actor: "child", key, ...extra }));
}

function logOf(harness: SystemHarness): string[] {
  return harness.newsOf("log").map(({ message }) => message);
}

function statusOf(view: TreeView): Record<string, string> {
  return Object.fromEntries(view.children.map(({ id, status }) => [id, status]));
}

const CASES = [
  { strategy: "one_for_one", restarted: ["start b"] },
  { strategy: "rest_for_one", restarted: ["stop c shutdown", "start b", "start c"] },
  {
    strategy: "one_for_all",
    restarted: ["stop c shutdown", "stop a shutdown", "start a", "start b", "start c"],
  },
] as const;

for (const { strategy, restarted } of CASES) {
  Deno.test(`${strategy} restarts real actors in order`, async () => {
    const supervisor = { strategy, children: children() };
    await using harness = await SystemHarness.start(ACTORS, { supervisor });
    assert.deepEqual(logOf(harness), ["start a", "start b", "start c"]);
    assert.equal(await harness.codeOf("actor://child/b", "crash"), "ACTOR_CRASHED");
    await until(() => logOf(harness).length === 3 + restarted.length, "the restarts");
    assert.deepEqual(logOf(harness).slice(3), restarted);
    for (const key of KEYS) {
      assert.equal(await harness.system.ask(`actor://child/${key}`, "ping"), "pong");
    }
    const [, b] = harness.system.tree().children;
    assert.equal(b!.restarts, 1);
    assert.equal(b!.lastExit!.reason.type, "crash");
    await harness.close();
    assert.deepEqual(
      logOf(harness).slice(-3),
      KEYS.toReversed().map((key) => `stop ${key} shutdown`),
    );
  });
}

Deno.test("permanent, transient and temporary children end and come back as OTP has it", async () => {
  const supervisor = {
    intensity: { restarts: 20, within: "5s" },
    children: KEYS.map((key, at) => ({
      actor: "child",
      key,
      restart: (["permanent", "transient", "temporary"] as const)[at],
    })),
  };
  await using harness = await SystemHarness.start(ACTORS, { supervisor });
  for (const key of KEYS) await harness.system.ask(`actor://child/${key}`, "end");
  await until(() => logOf(harness).filter((line) => line === "start a").length === 2);
  await until(() => logOf(harness).includes("stop c normal"));
  assert.deepEqual(statusOf(harness.system.tree()), { "child/a": "running", "child/b": "stopped" });
  assert.equal(await harness.codeOf("actor://child/b", "ping"), "NO_ACTOR");
  assert.equal(await harness.codeOf("actor://child/c", "ping"), "NO_ACTOR");
  harness.system.restartChild("child/b");
  await until(() => harness.system.tree().children[1]!.status === "running");
  assert.equal(await harness.system.ask("actor://child/b", "ping"), "pong");
});

Deno.test("too many restarts escalate, and the root's end is the system's", async () => {
  const supervisor = {
    intensity: { restarts: 0, within: "5s" },
    children: [
      { actor: "child", key: "a" },
      {
        supervisor: "pool",
        intensity: { restarts: 1, within: "1m" },
        children: [{ actor: "child", key: "b" }, { actor: "child", key: "c" }],
      },
    ],
  };
  await using harness = await SystemHarness.start(ACTORS, { supervisor });
  await harness.codeOf("actor://child/b", "crash");
  await until(() => logOf(harness).filter((line) => line === "start b").length === 2);
  await harness.codeOf("actor://child/c", "crash");
  const ending = await harness.system.ended;
  assert.equal(ending.type, "gave_up");
  assert.deepEqual(logOf(harness).slice(-2), ["stop b shutdown", "stop a shutdown"]);
});

Deno.test("a child that does not stop in time is killed, and takes nobody along", async () => {
  const actors = { ...ACTORS, slow: { source: CHILD, with: { hang: true } } };
  const supervisor = {
    children: [{ actor: "child", key: "a" }, { actor: "slow", key: "s", shutdown: "200ms" }],
  };
  await using harness = await SystemHarness.start(actors, { supervisor });
  harness.system.terminateChild("slow/s");
  await until(() => harness.system.tree().children[1]!.status === "stopped");
  assert.equal(await harness.system.ask("actor://child/a", "ping"), "pong");
  assert.deepEqual(logOf(harness), ["start a", "start s"]);
});

Deno.test("mail waits for a child that is being restarted", async () => {
  const supervisor = {
    delay: { initial: "300ms" },
    children: [{ actor: "child", key: "a" }],
  };
  await using harness = await SystemHarness.start(ACTORS, { supervisor });
  await harness.codeOf("actor://child/a", "crash");
  assert.equal(await harness.system.ask("actor://child/a", "ping"), "pong");
  assert.deepEqual(logOf(harness), ["start a", "start a"]);
});

Deno.test("a child that cannot start ends the system, with the reason", async () => {
  const broken = CHILD.replace(
    `ctx.log.info("start " + ctx.key)`,
    `{ throw new Error("cannot"); }`,
  );
  await using harness = await SystemHarness.start(
    { ...ACTORS, broken: { source: broken } },
    { supervisor: { children: [{ actor: "child", key: "a" }, { actor: "broken" }] } },
  );
  const ending = await harness.system.ended;
  assert.equal(ending.type, "start_failed");
  assert.deepEqual(logOf(harness), ["start a", "stop a shutdown"]);
});

Deno.test("a killed cell is a crash of the child that worked in it", async () => {
  const actors = { child: { source: CHILD, isolation: "own", replicas: { max: 3 } } };
  await using harness = await SystemHarness.start(actors, { supervisor: { children: children() } });
  const pids = harness.pidsOf("child");
  for (const pid of pids) Deno.kill(pid, "SIGKILL");
  await until(() => !harness.pidsOf("child").some((pid) => pids.includes(pid)));
  for (const key of KEYS) {
    assert.equal(await harness.system.ask(`actor://child/${key}`, "ping"), "pong");
  }
});
