import assert from "node:assert/strict";
import { SystemHarness, until } from "./system_harness.ts";

const SCRIBE = `const tries = new Map<string, number>();
export default defineActor({
  name: "scribe",
  state: z.object({ seen: z.array(z.any()).default([]) }),
  on: {
    note: (payload, ctx) => { ctx.state.seen.push(payload); },
    // Fails late, so that what comes after it waits in the worker.
    flaky: async ({ id, failures, retryable }: any, ctx) => {
      await ctx.sleep(100);
      const count = (tries.get(id) ?? 0) + 1;
      tries.set(id, count);
      if (count <= failures) throw new AgentError("FLAKY", "not yet", { retryable });
      ctx.state.seen.push(id);
    },
    slow: async (payload, ctx) => { await ctx.sleep(100); ctx.state.seen.push(payload); },
    all: (_payload, ctx) => ctx.state.seen,
  },
});`;
const TO = "actor://scribe/a";
const DELIVER = { maxAttempts: 3, backoff: { initial: "20ms", max: "20ms" } };

for (const retryable of [true, false]) {
  const end = retryable ? "retried" : "given up";
  Deno.test(`what waits behind a durable message that is ${end} is handled once, in order`, async () => {
    const actors = { scribe: { source: SCRIBE, deliver: DELIVER } };
    await using harness = await SystemHarness.start(actors);
    const { system } = harness;
    const tell = (type: string, payload: unknown, lane: "high" | "normal" = "normal") =>
      system.tell(TO, type, payload as null, { durable: true, lane });
    await system.ask(TO, "all");
    await tell("flaky", { id: "first", failures: 1, retryable });
    await tell("slow", "other stream", "high");
    for (let n = 0; n < 20; n++) await tell("note", n);
    await new Promise((resolve) => setTimeout(resolve, 130));
    for (let n = 20; n < 40; n++) await tell("note", n);
    await until(async () => (await system.ask(TO, "all") as unknown[]).includes(39));
    const seen = await system.ask(TO, "all") as unknown[];
    const numbers = Array.from({ length: 40 }, (_, n) => n);
    assert.deepEqual(
      seen.filter((each) => each !== "other stream"),
      retryable ? ["first", ...numbers] : numbers,
    );
    assert.deepEqual(harness.newsOf("crashed"), []);
  });
}

const AGENT = `const tries = new Map<string, number>();
export default defineAgent({
  name: "hand",
  capabilities: { wait: { input: z.number() } },
  async run(ms, ctx) {
    const count = (tries.get(String(ms)) ?? 0) + 1;
    tries.set(String(ms), count);
    ctx.log.info(ms + " " + count);
    await ctx.sleep(ms);
  },
});`;

Deno.test("durable messages to an agent may end in any order, and are handled once", async () => {
  await using harness = await SystemHarness.start({ hand: { source: AGENT } });
  const { system } = harness;
  await Promise.all(
    [400, 200, 100, 1].map((ms) => system.tell("actor://hand", "wait", ms, { durable: true })),
  );
  await until(() => system.stats().pendingDurable === 0, "the end of all");
  const begun = harness.newsOf("log").map(({ message }) => message);
  assert.deepEqual(begun, ["400 1", "200 1", "100 1", "1 1"]);
  assert.deepEqual(harness.newsOf("crashed"), []);
});

Deno.test("hundreds of durable messages expire at once without harm to the system", async () => {
  const actors = { scribe: { source: SCRIBE, idle: "60s" } };
  await using harness = await SystemHarness.start(actors);
  const { system } = harness;
  await Promise.all(
    Array.from({ length: 700 }, (_, n) =>
      system.tell(`actor://scribe/${n % 3}`, "note", n, {
        durable: true,
        delayMs: 60_000,
        ttlMs: 300,
      })),
  );
  await until(() => harness.newsOf("dead").length === 700, "all dead letters");
  assert.equal(system.stats().pendingDurable, 0);
  assert.equal(await harness.codeOf(TO, "all"), null);
});

Deno.test("a message of the very first commit outlives the trimming of the log", async () => {
  const actors = { scribe: { source: SCRIBE } };
  await using first = await SystemHarness.start(actors);
  await first.system.tell(TO, "note", "later", { durable: true, delayMs: 60_000 });
  for (let n = 0; n < 200; n++) {
    await first.system.tell("actor://scribe/b", "note", n, { durable: true });
  }
  await until(() => first.system.stats().pendingDurable === 1, "the end of the others");
  await using second = await first.restart(actors);
  assert.equal(second.system.stats().pendingDurable, 1);
});
