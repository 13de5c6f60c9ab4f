import assert from "node:assert/strict";
import { type ActorSources, SystemHarness, until } from "./system_harness.ts";

const LISTENER = `export default defineActor({
  name: "listener",
  state: z.object({ seen: z.array(z.any()).default([]) }),
  on: {
    event: (payload, ctx) => { ctx.state.seen.push(payload); },
    tagged: (payload, ctx) => { ctx.state.seen.push([payload, ctx.message.topic, ctx.message.tags, ctx.sender]); },
    all: (_payload, ctx) => ctx.state.seen,
    subscribe: ({ topic, ...options }: any, ctx) => ctx.subscribe(topic, options),
    unsubscribe: (topic: string, ctx) => ctx.unsubscribe(topic),
    emit: ({ topic, payload, options }: any, ctx) => ctx.emit(topic, payload, options),
  },
});`;

const ACTORS: ActorSources = { listener: { source: LISTENER } };

function seen(harness: SystemHarness, key: string): Promise<unknown> {
  return harness.system.ask(`actor://listener/${key}`, "all");
}

Deno.test("subscriptions of the file get what their pattern covers", async () => {
  const subscriptions = [
    { topic: "files.*", to: "actor://listener/one" },
    { topic: "**", to: "actor://listener/all", message: "tagged" },
    { topic: "files.*", to: "actor://listener/odd", tags: ["odd"] },
  ];
  await using harness = await SystemHarness.start(ACTORS, { subscriptions });
  const { system } = harness;
  await system.publish("files.found", 1);
  await system.publish("files.found.deep", 2);
  await system.ask("actor://listener/me", "emit", {
    topic: "files.lost",
    payload: 3,
    options: { tags: ["odd"] },
  });
  assert.deepEqual(await seen(harness, "one"), [1, 3]);
  assert.deepEqual(await seen(harness, "all"), [
    [1, "files.found", [], "external"],
    [2, "files.found.deep", [], "external"],
    [3, "files.lost", ["odd"], "actor://listener/me"],
  ]);
  assert.deepEqual(await seen(harness, "odd"), [3]);
});

Deno.test("members of a group share; the same partition goes to the same member", async () => {
  const subscriptions = ["a", "b", "c"].map((key) => ({
    topic: "jobs",
    to: `actor://listener/${key}`,
    group: "workers",
  }));
  await using harness = await SystemHarness.start(ACTORS, { subscriptions });
  for (let n = 0; n < 30; n++) await harness.system.publish("jobs", n);
  const shares = await Promise.all(["a", "b", "c"].map((key) => seen(harness, key))) as number[][];
  assert.deepEqual(shares.map(({ length }) => length), [10, 10, 10]);
  assert.deepEqual(shares.flat().sort((a, b) => a - b), Array.from({ length: 30 }, (_, n) => n));
  for (let n = 0; n < 12; n++) {
    await harness.system.publish("jobs", `p${n % 2}`, { partitionBy: `p${n % 2}` });
  }
  const after = await Promise.all(["a", "b", "c"].map((key) => seen(harness, key))) as unknown[][];
  for (const partition of ["p0", "p1"]) {
    assert.equal(after.filter((all) => all.includes(partition)).length, 1);
  }
});

Deno.test("actors subscribe and unsubscribe by themselves, and may ask for the past", async () => {
  const topics = [{ name: "news.*", retain: { messages: 3 } }];
  await using harness = await SystemHarness.start(ACTORS, { topics });
  const { system } = harness;
  for (let n = 0; n < 5; n++) await system.publish("news.today", n);
  await system.ask("actor://listener/a", "subscribe", { topic: "news.today", last: 10 });
  await system.publish("news.today", "new");
  assert.deepEqual(await seen(harness, "a"), [2, 3, 4, "new"]);
  await system.ask("actor://listener/a", "unsubscribe", "news.today");
  await system.publish("news.today", "unseen");
  assert.deepEqual(await seen(harness, "a"), [2, 3, 4, "new"]);
  assert.deepEqual(system.history("news.today", 2).map(({ payload }) => payload), [
    "new",
    "unseen",
  ]);
  const bad = { topic: "no topic!" };
  assert.equal(
    await harness.codeOf("actor://listener/a", "subscribe", bad),
    "INVALID_SUBSCRIPTION",
  );
});

Deno.test("a durable topic keeps its history and its messages over a restart", async () => {
  const rest = {
    topics: [{ name: "orders.*", retain: { messages: 10 }, durable: true }],
    subscriptions: [{ topic: "orders.*", to: "actor://listener/a" }],
  };
  await using first = await SystemHarness.start(ACTORS, rest);
  for (let n = 0; n < 15; n++) await first.system.publish("orders.new", n);
  await until(async () => (await seen(first, "a") as unknown[]).length === 15);
  await using second = await first.restart(ACTORS, rest);
  await second.system.publish("orders.new", 15);
  const kept = second.system.history("orders.new", 100).map(({ payload }) => payload);
  assert.deepEqual(kept, [6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  await until(async () => (await seen(second, "a") as unknown[]).length === 16);
});

Deno.test("who may not publish is refused; a subscriber that refuses does not stop the others", async () => {
  const actors = {
    ...ACTORS,
    shy: { source: LISTENER, accept: { messages: ["all"] } },
  };
  const rest = {
    topics: [{ name: "closed.*", publish: ["actor://listener/boss"] }],
    subscriptions: [
      { topic: "**", to: "actor://shy/x" },
      { topic: "**", to: "actor://listener/a" },
    ],
  };
  await using harness = await SystemHarness.start(actors, rest);
  const { system } = harness;
  await assert.rejects(system.publish("closed.door"), { code: "ACCESS_DENIED" });
  await assert.rejects(system.publish("No Topic"), { code: "INVALID_TOPIC" });
  const emit = (key: string) =>
    harness.codeOf(`actor://listener/${key}`, "emit", { topic: "closed.door", payload: key });
  assert.equal(await emit("clerk"), "ACCESS_DENIED");
  assert.equal(await emit("boss"), null);
  assert.deepEqual(await seen(harness, "a"), ["boss"]);
  const refused = harness.newsOf("refused").map(({ to, error }) => `${to} ${error.code}`);
  assert.ok(refused.includes("actor://shy/x ACCESS_DENIED"), refused.join());
});
