import assert from "node:assert/strict";
import { type ActorSources, SystemHarness, until } from "./system_harness.ts";

/** Says "twice" where an address is active a second time in its worker. */
const SINGLE = `const active = new Map<string, number>();
export default defineActor({
  name: "single",
  onStart(ctx) {
    const count = (active.get(ctx.key) ?? 0) + 1;
    active.set(ctx.key, count);
    if (count > 1) ctx.log.error("twice");
  },
  onStop(ctx) { active.delete(ctx.key); },
  on: {
    ping: () => "pong",
    boom: (_payload, ctx) => { active.delete(ctx.key); throw new Error("boom"); },
    stop: (_payload, ctx) => ctx.stop(),
    // Speaks for another activation of its worker, in the same line as what follows.
    later: (_payload, ctx) => ctx.after(1_000, "ping"),
  },
});`;

const SINGLES: ActorSources = { single: { source: SINGLE, idle: "200ms" } };
const X = "actor://single/x";

function twice(harness: SystemHarness): string[] {
  return harness.newsOf("log").map(({ message }) => message);
}

Deno.test("an actor that broke and is asked at once comes up once", async () => {
  await using harness = await SystemHarness.start({ single: { source: SINGLE } });
  const { system } = harness;
  for (let round = 0; round < 3; round++) {
    // The answer's continuation runs before the node looks at the actor again.
    const again = system.ask(X, "boom").catch(() => system.ask(X, "ping"));
    assert.equal(await again, "pong");
    assert.equal(await system.ask(X, "ping"), "pong");
    assert.deepEqual(twice(harness), []);
    assert.equal(system.stats().active, 1);
  }
});

Deno.test("a message for later finds the actor that is there by then", async () => {
  await using harness = await SystemHarness.start(SINGLES);
  const { system } = harness;
  await system.ask(X, "later");
  await until(() => system.stats().active === 0, "passivation");
  for (let n = 0; n < 20; n++) {
    assert.equal(await system.ask(X, "ping"), "pong");
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.ok(system.stats().active <= 1);
  }
  assert.deepEqual(twice(harness), []);
});

Deno.test("a message that is refused leaves no trace of its receiver", async () => {
  await using harness = await SystemHarness.start(SINGLES);
  const { system } = harness;
  for (let n = 0; n < 50; n++) {
    assert.equal(await harness.codeOf(`actor://single/${n}`, "nonsense"), "UNKNOWN_MESSAGE");
  }
  assert.equal(system.stats().active, 0);
  const id = { id: "same", durable: true };
  for (let n = 0; n < 2; n++) await system.tell(X, "ping", null, id);
  await until(() => system.stats().active === 0, "passivation");
  await system.tell(X, "ping", null, id);
  assert.equal(system.stats().active, 0);
});
