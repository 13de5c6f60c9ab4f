import assert from "node:assert/strict";
import { openKvStores } from "../../runtime/store/mod.ts";
import { SystemHarness, until } from "./system_harness.ts";

const SLOW = `export default defineActor({
  name: "slow",
  state: z.object({ count: z.number().default(0) }),
  on: {
    add: (_payload, ctx) => ++ctx.state.count,
    hang: () => new Promise(() => {}),
    boom: () => { throw new Error("boom"); },
  },
});`;

Deno.test("who still waits for an answer when the system stops hears of it", async () => {
  await using harness = await SystemHarness.start({ slow: { source: SLOW } });
  const { system } = harness;
  await system.ask("actor://slow/a", "boom").catch(() => {});
  const asked = ["a", "b"].map((key) =>
    harness.codeOf(`actor://slow/${key}`, "hang", null, 600_000)
  );
  await harness.close();
  assert.deepEqual(await Promise.all(asked), ["SYSTEM_STOPPED", "SYSTEM_STOPPED"]);
  assert.equal(await harness.codeOf("actor://slow/a", "add"), "SYSTEM_STOPPED");
});

Deno.test("a system that was taken over ends at once, and tells everybody", async () => {
  await using harness = await SystemHarness.start({ slow: { source: SLOW } });
  const { system } = harness;
  assert.equal(await system.ask("actor://slow/a", "add"), 1);
  const stores = await openKvStores(`${harness.folder}/data/denizen.kv`);
  const holder = await stores.actors.systemHolder("test");
  await stores.actors.claimSystem("test", { ...holder!, nodeId: "other" }, holder);
  const ended = assert.rejects(system.ended, { code: "FENCED" });
  const asked = [
    harness.codeOf("actor://slow/b", "hang", null, 600_000),
    harness.codeOf("actor://slow/a", "add", null, 600_000),
    system.tell("actor://slow/a", "add", null, { durable: true }).then(
      () => "taken",
      ({ code }) => code,
    ),
  ];
  await ended;
  for (const code of await Promise.all(asked)) assert.equal(code, "SYSTEM_STOPPED");
  assert.equal(await harness.codeOf("actor://slow/a", "add"), "SYSTEM_STOPPED");
  await until(() => harness.pidsOf("slow").length === 0, "the end of the cells");
  stores.close();
});

Deno.test("what is published while a system is taken over does not count as published", async () => {
  await using harness = await SystemHarness.start({ slow: { source: SLOW } }, {
    subscriptions: [{ topic: "sums", to: "actor://slow/a", message: "add" }],
  });
  const { system } = harness;
  await system.publish("sums", null, { durable: true });
  const stores = await openKvStores(`${harness.folder}/data/denizen.kv`);
  const holder = await stores.actors.systemHolder("test");
  await stores.actors.claimSystem("test", { ...holder!, nodeId: "other" }, holder);
  const ended = assert.rejects(system.ended, { code: "FENCED" });
  await assert.rejects(system.publish("sums", null, { durable: true }), { code: "SYSTEM_STOPPED" });
  await ended;
  stores.close();
});

/** Longer than a busy machine takes to begin with a stop. */
const WAIT_MS = 3_000;
const WAITER = `export default defineActor({
  name: "waiter",
  onStop: (ctx) => { ctx.log.info("stopped " + ctx.key); },
  on: { wait: (ms: any, ctx) => { ctx.log.info("waits"); return ctx.sleep(ms); } },
});`;

Deno.test("a system that stops lets nobody else come up", async () => {
  await using harness = await SystemHarness.start({ waiter: { source: WAITER } }, { resident: 2 });
  const { system } = harness;
  const codes = Array.from(
    { length: 10 },
    (_, n) => harness.codeOf(`actor://waiter/${n}`, "wait", WAIT_MS),
  );
  const told = (word: string) =>
    harness.newsOf("log").filter(({ message }) => message.startsWith(word)).length;
  await until(() => told("waits") === 2, "the first two");
  assert.equal(system.stats().residents, 2);
  const startedAt = performance.now();
  await harness.close();
  const all = codes.length / 2 * WAIT_MS;
  assert.ok(performance.now() - startedAt < all - WAIT_MS, "It waited for those that were waiting");
  const ends = (await Promise.all(codes)).map((code) => code ?? "answered").sort();
  assert.deepEqual(ends.slice(-2), ["answered", "answered"]);
  assert.ok(ends.slice(0, -2).every((code) => code === "SYSTEM_STOPPED"), ends.join());
  assert.deepEqual([told("waits"), told("stopped")], [2, 2]);
});
