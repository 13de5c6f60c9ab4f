import assert from "node:assert/strict";
import { type ActorSources, SystemHarness, until } from "./system_harness.ts";

const COUNTER = `export default defineActor({
  name: "counter",
  state: z.object({ count: z.number().default(0), starts: z.number().default(0) }),
  messages: { add: { input: z.object({ by: z.number().default(1) }), output: z.number() } },
  on: {
    add: ({ by }, ctx) => ctx.state.count += by,
    get: (_payload, ctx) => ctx.state,
    refuse: (_payload, ctx) => { ctx.state.count = 1e9; throw new AgentError("NO", "no"); },
    boom: (_payload, ctx) => { ctx.state.count = 1e9; throw new TypeError("boom"); },
    spoil: (_payload, ctx) => { Object.assign(ctx.state, { count: () => {} }); },
    stop: (_payload, ctx) => ctx.stop(),
    loop: () => { for (;;); },
  },
  onStart: (ctx) => { ctx.state.starts++; },
});`;

const ACTORS: ActorSources = { counter: { source: COUNTER, idle: "1s" } };

function add(harness: SystemHarness, key: string, by = 1): Promise<unknown> {
  return harness.system.ask(`actor://counter/${key}`, "add", { by });
}

Deno.test("a virtual actor keeps its state over passivation and restarts of the system", async () => {
  await using first = await SystemHarness.start(ACTORS);
  await add(first, "a", 2);
  await add(first, "b", 5);
  await until(() => first.system.stats().active === 0, "passivation");
  assert.equal(await add(first, "a", 1), 3);
  assert.deepEqual(await first.system.ask("actor://counter/a", "get"), { count: 3, starts: 2 });
  await using second = await first.restart(ACTORS);
  assert.equal(await add(second, "a", 1), 4);
  assert.equal(await add(second, "b", 1), 6);
  assert.equal(await add(second, "c", 1), 1);
});

Deno.test("an answer that is an error leaves no trace in a kept state", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  await add(harness, "a", 7);
  assert.equal(await harness.codeOf("actor://counter/a", "refuse"), "NO");
  assert.equal(await add(harness, "a", 0), 7);
  assert.deepEqual(harness.newsOf("crashed"), []);
});

Deno.test("a crash goes back to the state of the last answer, and starts anew after a while", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  await add(harness, "a", 7);
  assert.equal(await harness.codeOf("actor://counter/a", "boom"), "ACTOR_CRASHED");
  assert.equal(await add(harness, "a", 0), 7);
  const { starts } = await harness.system.ask("actor://counter/a", "get") as { starts: number };
  assert.equal(starts, 2);
  assert.match(harness.newsOf("crashed")[0]!.error.message, /TypeError: boom/);
  assert.equal(await harness.codeOf("actor://counter/a", "spoil"), "INVALID_OUTPUT");
  assert.equal(await add(harness, "a", 0), 7);
});

Deno.test("no more activations are resident than the system allows", async () => {
  await using harness = await SystemHarness.start(ACTORS, { resident: 4 });
  let most = 0;
  const watch = setInterval(() => most = Math.max(most, harness.system.stats().residents), 1);
  const keys = Array.from({ length: 60 }, (_, n) => `k${n}`);
  for (let round = 1; round <= 3; round++) {
    const counts = await Promise.all(keys.map((key) => add(harness, key)));
    assert.deepEqual(counts, keys.map(() => round));
  }
  clearInterval(watch);
  assert.ok(most <= 4, `${most} were resident`);
  await until(() => harness.system.stats().active === 0, "passivation");
});

Deno.test("an address is active once, whatever is sent to it while it comes up", async () => {
  const source = `const active = new Set<string>();
  export default defineActor({
    name: "single",
    async onStart(ctx) {
      if (active.has(ctx.key)) throw new Error("twice");
      await ctx.sleep(20);
      active.add(ctx.key);
    },
    onStop(ctx) { active.delete(ctx.key); },
    on: { ping: () => "pong", stop: (_p, ctx) => ctx.stop() },
  });`;
  await using harness = await SystemHarness.start({ single: { source } });
  for (let round = 0; round < 5; round++) {
    const asked = Array.from(
      { length: 30 },
      (_, n) => harness.system.ask("actor://single/x", n === 10 ? "stop" : "ping"),
    );
    assert.equal((await Promise.all(asked)).filter((answer) => answer === "pong").length, 29);
  }
  assert.deepEqual(harness.newsOf("crashed"), []);
});

Deno.test("a state that no longer fits its schema says so, and is not lost", async () => {
  await using first = await SystemHarness.start(ACTORS);
  await add(first, "a", 7);
  const changed = COUNTER.replace("count: z.number().default(0)", "count: z.string()");
  await using second = await first.restart({ counter: { source: changed } });
  assert.equal(await second.codeOf("actor://counter/a", "get"), "INVALID_STATE");
  await using third = await second.restart(ACTORS);
  assert.equal(await add(third, "a", 1), 8);
});

Deno.test("the end of a cell costs its bystanders nothing that is kept", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  for (const key of ["a", "b", "c"]) await add(harness, key, 3);
  const [pid] = harness.pidsOf("counter");
  Deno.kill(pid!, "SIGKILL");
  await until(() => !harness.pidsOf("counter").includes(pid!), "the end of the cell");
  assert.deepEqual(await Promise.all(["a", "b", "c"].map((key) => add(harness, key))), [4, 4, 4]);
});

Deno.test("a loop ends with its cell, its neighbours go on, the loop is to blame", async () => {
  const actors = { counter: { source: COUNTER, timeout: { heartbeat: "500ms" } } };
  await using harness = await SystemHarness.start(actors);
  for (const key of ["a", "b"]) await add(harness, key, 3);
  assert.equal(await harness.codeOf("actor://counter/a", "loop", null, 10_000), "UNRESPONSIVE");
  assert.equal(await add(harness, "b"), 4);
  assert.equal(await add(harness, "a"), 4);
  const crashed = harness.newsOf("crashed").map(({ address }) => address);
  assert.deepEqual(crashed, ["actor://counter/a"]);
});

Deno.test("isolation: own gives each activation a cell", async () => {
  const actors = {
    counter: { source: COUNTER, isolation: "own", replicas: { max: 3 } },
  };
  await using harness = await SystemHarness.start(actors);
  await Promise.all(["a", "b", "c"].map((key) => add(harness, key)));
  assert.equal(harness.pidsOf("counter").length, 3);
  // A fourth one gets the place of one that has nothing to do, and so on.
  assert.equal(await add(harness, "d"), 1);
  assert.deepEqual(await Promise.all(["a", "b", "c", "d"].map((key) => add(harness, key))), [
    2,
    2,
    2,
    2,
  ]);
  assert.ok(harness.pidsOf("counter").length <= 3);
});

Deno.test("children with isolation: own come up, however few replicas there are", async () => {
  const actors = { counter: { source: COUNTER, isolation: "own", replicas: { max: 1 } } };
  const supervisor = { children: [{ actor: "counter", count: 3 }] };
  await using harness = await SystemHarness.start(actors, { supervisor });
  assert.equal(harness.pidsOf("counter").length, 3);
  assert.equal(await add(harness, "virtual"), 1);
});

Deno.test("two processes cannot lead the same system", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  await assert.rejects(
    SystemHarness.start(ACTORS, {}, harness.folder),
    { code: "SYSTEM_TAKEN" },
  );
});

Deno.test("a module that cannot be loaded says why when the system starts", async () => {
  await assert.rejects(
    SystemHarness.start({ counter: { source: "export default 5;" } }),
    { code: "AGENT_INVALID", message: /^Cannot load actor "counter": .* no agent and no actor/ },
  );
  await assert.rejects(
    SystemHarness.start({ counter: { source: "throw new Error('at load');" } }),
    /at load/,
  );
});
