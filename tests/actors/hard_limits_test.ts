import assert from "node:assert/strict";
import type { Json } from "../../core/json.ts";
import { SystemHarness, until } from "./system_harness.ts";

const FRAIL = `export default defineActor({
  name: "frail",
  on: {
    ping: () => "pong",
    boom: () => { throw new Error("x".repeat(5_000)); },
    hang: (_payload, ctx) => ctx.sleep(60_000),
  },
});`;
const X = "actor://frail/x";

Deno.test("a rate holds also for an actor that broke and came back", async () => {
  const actors = { frail: { source: FRAIL, rate: { messages: 2, per: "60s", burst: 2 } } };
  await using harness = await SystemHarness.start(actors);
  for (let n = 0; n < 2; n++) assert.equal(await harness.codeOf(X, "boom"), "ACTOR_CRASHED");
  await until(() => harness.system.stats().active === 0, "the end of the actor");
  assert.equal(await harness.codeOf(X, "ping"), "RATE_LIMITED");
  assert.equal(await harness.codeOf("actor://frail/y", "ping"), null);
});

Deno.test("an ask that cannot be sent, or is given up before, is refused at once", async () => {
  await using harness = await SystemHarness.start({ frail: { source: FRAIL } });
  const { system } = harness;
  const gone = system.ask(X, "hang", null, { signal: AbortSignal.abort() });
  await assert.rejects(gone, { code: "CANCELLED" });
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  for (const payload of [circle, () => {}, 5n]) {
    await assert.rejects(system.ask(X, "ping", payload as unknown as Json), {
      code: "INVALID_MESSAGE",
    });
    await assert.rejects(system.tell(X, "ping", payload as unknown as Json), {
      code: "INVALID_MESSAGE",
    });
  }
  for (const timeoutMs of [NaN, -1]) {
    await assert.rejects(system.ask(X, "ping", null, { timeoutMs }), { code: "INVALID_MESSAGE" });
  }
  await assert.rejects(system.tell(X, "ping", null, { ttlMs: -1 }), { code: "INVALID_MESSAGE" });
  assert.equal(system.stats().active, 0);
});

Deno.test("who may not send hears nothing of what an actor takes", async () => {
  const actors = { frail: { source: FRAIL, accept: { from: ["actor://nobody/*"] } } };
  await using harness = await SystemHarness.start({
    ...actors,
    nobody: { source: FRAIL.replace('"frail"', '"nobody"') },
  });
  for (const type of ["ping", "nonsense"]) {
    assert.equal(await harness.codeOf(X, type), "ACCESS_DENIED");
  }
});

Deno.test("of many virtual actors that broke the tree shows the last, and counts all", async () => {
  await using harness = await SystemHarness.start({ frail: { source: FRAIL } });
  const { system } = harness;
  const keys = Array.from({ length: 300 }, (_, n) => `actor://frail/${n}`);
  await Promise.all(keys.map((to) => harness.codeOf(to, "boom")));
  // Each breaks once more, and waits longer.
  await Promise.all(keys.map((to) => harness.codeOf(to, "boom")));
  const dynamic = system.tree().children.find(({ id }) => id === "frail/*")!;
  assert.equal(dynamic.restarts, 600);
  assert.ok(dynamic.children.length <= 100, `${dynamic.children.length} are shown`);
  assert.ok(JSON.stringify(system.tree()).length < 200_000);
});

Deno.test("durable messages that come faster than they are written are refused", async () => {
  await using harness = await SystemHarness.start({ frail: { source: FRAIL } });
  const { system } = harness;
  const payload = "x".repeat(1024 * 1024);
  const sent = Array.from(
    { length: 40 },
    () =>
      system.tell(X, "ping", payload, { durable: true }).then(() => "taken", ({ code }) => code),
  );
  const codes = await Promise.all(sent);
  assert.ok(codes.filter((code) => code === "OVERLOADED").length >= 8, codes.join());
  assert.ok(codes.filter((code) => code === "taken").length >= 16, codes.join());
  await until(() => system.stats().pendingDurable === 0, "the end of those that were taken");
  await system.tell(X, "ping", payload, { durable: true });
});
