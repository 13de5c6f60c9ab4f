import assert from "node:assert/strict";
import { type ActorSources, SystemHarness, until } from "./system_harness.ts";

const WORKER = `export default defineActor({
  name: "worker",
  state: z.object({ count: z.number().default(0) }),
  async onStart(ctx) {
    ctx.log.info("start " + ctx.key);
    if (ctx.key === "deadly") { await ctx.sleep(50); Deno.kill(Deno.pid, "SIGKILL"); }
    await ctx.sleep(100);
  },
  on: {
    add: (_payload, ctx) => ++ctx.state.count,
    slow: async (ms: any, ctx) => { ctx.log.info("slow"); await ctx.sleep(ms); return "done"; },
    stop: (_payload, ctx) => ctx.stop(),
    boom: () => { throw new Error("boom"); },
    // Waits for another actor, and breaks meanwhile.
    askAndBoom: (to: any, ctx) => {
      void ctx.ask(to, "slow", 3_000).catch(() => {});
      throw new Error("boom");
    },
    askBack: async (to: any, ctx) => { await ctx.sleep(500); return await ctx.ask(to, "add"); },
    fillSelf: async (_payload, ctx) => {
      for (let n = 0; n < 700; n++) await ctx.tell(ctx.self, "add");
      return "filled";
    },
  },
});`;

function workers(rest: Record<string, unknown> = {}): ActorSources {
  return { worker: { source: WORKER, ...rest } };
}
const CHILD = { intensity: { restarts: 1_000, within: "1s" }, children: ["worker"] };
const at = (key: string) => `actor://worker/${key}`;

Deno.test("an actor that kills its cell as it starts is found among those that start with it", async () => {
  await using harness = await SystemHarness.start(workers());
  const asked = ["a", "b", "deadly", "c"].map((key) => harness.codeOf(at(key), "add"));
  const codes = await Promise.all(asked);
  assert.deepEqual([codes[0], codes[1], codes[3]], [null, null, null]);
  assert.notEqual(codes[2], null);
  assert.notEqual(codes[2], "TIMEOUT");
  // The first time nobody knows who it was: that is told of the definition.
  const blamed = harness.newsOf("crashed").map(({ address }) => address);
  assert.deepEqual(blamed, [at("*"), at("deadly")]);
});

Deno.test("a child that breaks comes back with the state that it last answered with", async () => {
  await using harness = await SystemHarness.start(workers(), {
    supervisor: CHILD,
  });
  const { system } = harness;
  for (let round = 1; round <= 5; round++) {
    // The answer and the crash are in one line: the state is not durable when the child restarts.
    const [count] = await Promise.allSettled([
      system.ask(at("main"), "add"),
      system.ask(at("main"), "boom"),
    ]);
    assert.deepEqual(count, { status: "fulfilled", value: round });
  }
  assert.equal(await system.ask(at("main"), "add"), 6);
});

Deno.test("who stops in order has its time when its turn comes, not while it waits", async () => {
  await using harness = await SystemHarness.start(workers({ timeout: { handle: "2s" } }));
  const { system } = harness;
  const asked = [system.ask(at("a"), "stop")];
  // Together they take longer than one of them may.
  for (let n = 0; n < 4; n++) asked.push(system.ask(at("a"), "slow", 700));
  assert.deepEqual(await Promise.all(asked), [null, "done", "done", "done", "done"]);
  assert.deepEqual(harness.newsOf("crashed"), []);
  assert.equal(harness.newsOf("log").filter(({ message }) => message === "slow").length, 4);
});

Deno.test("an ask of an actor that broke is over: it counts in no circle", async () => {
  await using harness = await SystemHarness.start(workers(), { supervisor: CHILD });
  const { system } = harness;
  const asked = system.ask(at("b"), "askBack", at("main"));
  await until(() => harness.newsOf("log").some(({ message }) => message === "start b"));
  assert.equal(await harness.codeOf(at("main"), "askAndBoom", at("b")), "ACTOR_CRASHED");
  assert.equal(await asked, 1);
});

Deno.test("an actor that fills its own mailbox does not wait for itself", async () => {
  await using harness = await SystemHarness.start(workers({ mailbox: { messages: 600 } }));
  assert.equal(await harness.system.ask(at("a"), "fillSelf"), "filled");
  await until(async () => await harness.system.ask(at("a"), "add") as number > 700);
});

const AGENT = `export default defineAgent({
  name: "hand",
  capabilities: { wait: { input: z.number() }, stick: {} },
  async run(ms: any, ctx) {
    ctx.log.info(ctx.capability + " " + ms);
    if (ctx.capability === "stick") await new Promise(() => {});
    await ctx.sleep(ms);
    return ms;
  },
});`;

Deno.test("an agent that does not end its work loses its cell, and nobody's work is done twice", async () => {
  const actors = { hand: { source: AGENT, timeout: { handle: "500ms" }, replicas: { max: 1 } } };
  await using harness = await SystemHarness.start(actors);
  const { system } = harness;
  const [pid] = harness.pidsOf("hand");
  const stuck = harness.codeOf("actor://hand", "stick");
  await until(() => harness.newsOf("log").length === 1);
  assert.equal(await stuck, "TIMEOUT");
  await until(() => !harness.pidsOf("hand").includes(pid!), "the end of the cell");
  assert.equal(await system.ask("actor://hand", "wait", 1), 1);
  const begun = harness.newsOf("log").map(({ message }) => message);
  assert.deepEqual(begun, ["stick null", "wait 1"]);
});

Deno.test("a child that is killed while it works does not do that work again", async () => {
  await using harness = await SystemHarness.start(workers(), {
    supervisor: { children: [{ actor: "worker", shutdown: "200ms" }] },
  });
  const { system } = harness;
  const asked = harness.codeOf(at("main"), "slow", 4_000);
  await until(() => harness.newsOf("log").some(({ message }) => message === "slow"));
  system.terminateChild("worker/main");
  assert.equal(await asked, "ACTOR_STOPPED");
  system.restartChild("worker/main");
  assert.equal(await system.ask(at("main"), "add"), 1);
  assert.equal(harness.newsOf("log").filter(({ message }) => message === "slow").length, 1);
});

const BIG = `export default defineActor({
  name: "big",
  on: {
    take: async (_payload, ctx) => { await ctx.sleep(20); },
  },
});`;

Deno.test("large messages wait in the node, not all at once in the cell", async () => {
  const actors = { big: { source: BIG, memoryMb: 64 } };
  await using harness = await SystemHarness.start(actors);
  const { system } = harness;
  const payload = "x".repeat(1_000_000);
  await system.ask("actor://big/a", "take", "");
  for (let n = 0; n < 5; n++) {
    const batch = Array.from(
      { length: 20 },
      () => system.tell("actor://big/a", "take", payload, { durable: true }),
    );
    await Promise.all(batch);
  }
  await until(() => system.stats().pendingDurable === 0, "the end of all");
  assert.deepEqual(harness.newsOf("crashed"), []);
});

const NEIGHBOURS = `export default defineActor({
  name: "pair",
  state: z.object({ count: z.number().default(0) }),
  on: {
    add: (_payload, ctx) => ++ctx.state.count,
    poison: async (_payload, ctx) => { await ctx.sleep(50); Deno.kill(Deno.pid, "SIGKILL"); },
    slow: async (_payload, ctx) => { await ctx.sleep(200); ctx.state.count++; },
    breakLate: async (_payload, ctx) => { await ctx.sleep(200); throw new Error("late"); },
  },
});`;

for (const type of ["poison", "breakLate"]) {
  Deno.test(`neighbours of a suspect get their messages in the end: ${type}`, async () => {
    const actors = {
      pair: {
        source: NEIGHBOURS,
        replicas: { max: 1 },
        deliver: { maxAttempts: 9, backoff: { initial: "10ms", max: "10ms" }, poisonAfter: 2 },
      },
    };
    await using harness = await SystemHarness.start(actors);
    const { system } = harness;
    const keys = ["a", "b", "c"].map((key) => `actor://pair/${key}`);
    await Promise.all(keys.map((to) => system.ask(to, "add")));
    await Promise.all(keys.map((to) => system.tell(to, "slow", null, { durable: true })));
    await system.tell("actor://pair/bad", type, null, { durable: true });
    const [pid] = harness.pidsOf("pair");
    if (type === "breakLate") Deno.kill(pid!, "SIGKILL");
    await until(() => !harness.pidsOf("pair").includes(pid!), "the end of the cell");
    const counts = keys.map((to) => system.ask(to, "add", null, { timeoutMs: 60_000 }));
    await until(() => harness.newsOf("dead").length === 1, "the dead letter");
    await Promise.all(counts);
    await until(() => system.stats().pendingDurable === 0, "the end of all");
    const last = await Promise.all(keys.map((to) => system.ask(to, "add")));
    assert.deepEqual(last, [4, 4, 4]);
  });
}
