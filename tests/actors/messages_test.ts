import assert from "node:assert/strict";
import { type ActorSources, SystemHarness, until } from "./system_harness.ts";

/** Remembers what it gets; `hold` keeps it busy until `ms` have passed. */
const RECORDER = `export default defineActor({
  name: "recorder",
  initial: () => ({ seen: [] as unknown[] }),
  on: {
    note: (payload, ctx) => { ctx.state.seen.push(payload); },
    event: (payload, ctx) => { ctx.state.seen.push(payload); },
    all: (_payload, ctx) => ctx.state.seen,
    who: (_payload, ctx) => ctx.sender,
    meta: (_payload, ctx) => ({ ...ctx.message, id: typeof ctx.message.id }),
    hold: async (ms: number, ctx) => { await ctx.sleep(ms); return "held"; },
    aborted: async (_payload, ctx) => {
      await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
      ctx.state.seen.push(ctx.signal.reason.code);
    },
  },
});`;

const SENDER = `export default defineActor({
  name: "sender",
  on: {
    ask: async ({ to, type, payload, options }: any, ctx) => {
      try { return { value: await ctx.ask(to, type, payload, options) }; }
      catch (error: any) { return { code: error.code, retryAfterMs: error.details?.retryAfterMs }; }
    },
    askAndGiveUp: async ({ to, type }: any, ctx) => {
      const signal = AbortSignal.timeout(100);
      try { return await ctx.ask(to, type, null, { signal }); } catch (error: any) { return error.name; }
    },
    tellMany: async ({ to, from, count, options }: any, ctx) => {
      const results = await Promise.allSettled(Array.from({ length: count }, (_, n) =>
        ctx.tell(to, "note", [from, n], options)));
      return results.filter(({ status }) => status === "rejected").map(({ reason }: any) => reason.code);
    },
    emit: ({ topic, payload, options }: any, ctx) => ctx.emit(topic, payload, options),
    later: (_payload, ctx) => ctx.after(50, "ask", { to: "actor://recorder", type: "note", payload: "later" }),
    typed: (payload, ctx) => ctx.actor("recorder").ask("who", payload),
  },
});`;

const ACTORS: ActorSources = { recorder: { source: RECORDER }, sender: { source: SENDER } };

Deno.test("ask() brings answers, errors with their codes, and the sender's true address", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  const { system } = harness;
  assert.equal(await system.ask("actor://recorder", "who"), "external");
  assert.equal(await system.ask("actor://recorder/main", "who"), "external");
  assert.equal(await system.ask("actor://sender/a", "typed"), "actor://sender/a");
  await system.tell("actor://recorder/x/main", "note", 1);
  assert.deepEqual(await system.ask("actor://recorder/x", "all"), [], "another key");
  assert.equal(await harness.codeOf("actor://nobody", "who"), "NO_ACTOR");
  assert.equal(await harness.codeOf("http://recorder", "who"), "NO_ACTOR");
  assert.equal(await harness.codeOf("actor://recorder/a b", "who"), "NO_ACTOR");
  assert.equal(await harness.codeOf("actor://recorder", "nothing"), "UNKNOWN_MESSAGE");
  assert.equal(await harness.codeOf("actor://recorder", "constructor"), "UNKNOWN_MESSAGE");
  assert.equal(await harness.codeOf("actor://recorder", "no type"), "INVALID_MESSAGE");
  assert.equal(await harness.codeOf("actor://recorder", "hold", 5_000, 60), "TIMEOUT");
  const refused = harness.newsOf("refused").map(({ error }) => error.code);
  assert.deepEqual(refused.slice(0, 3), ["NO_ACTOR", "NO_ACTOR", "NO_ACTOR"]);
});

Deno.test("ask() that is given up tells whoever handles the message", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  const payload = { to: "actor://recorder", type: "aborted" };
  assert.equal(await harness.system.ask("actor://sender", "askAndGiveUp", payload), "TimeoutError");
  const controller = new AbortController();
  const asked = harness.system.ask("actor://recorder", "aborted", null, {
    signal: controller.signal,
    timeoutMs: 10_000,
  });
  await until(async () => (await harness.system.ask("actor://recorder/x", "all")) !== null);
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(asked, { code: "CANCELLED" });
  assert.deepEqual(await harness.system.ask("actor://recorder", "all"), [
    "CANCELLED",
    "CANCELLED",
  ]);
});

Deno.test("messages of a sender to a receiver stay in order, from several senders at once", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  const { system } = harness;
  const to = "actor://recorder/order";
  const senders = ["a", "b", "c"];
  const refusals = await Promise.all(
    senders.map((from) =>
      system.ask(`actor://sender/${from}`, "tellMany", { to, from, count: 300 })
    ),
  );
  assert.deepEqual(refusals, [[], [], []]);
  const seen = await system.ask(to, "all") as [string, number][];
  assert.equal(seen.length, 900);
  for (const sender of senders) {
    const own = seen.filter(([from]) => from === sender).map(([, n]) => n);
    assert.deepEqual(own, Array.from({ length: 300 }, (_, n) => n));
  }
});

Deno.test("lanes go first, and none starves", async () => {
  const actors = { ...ACTORS, recorder: { source: RECORDER } };
  await using harness = await SystemHarness.start(actors);
  const { system } = harness;
  const to = "actor://recorder/lanes";
  // The first activation takes a while: all wait in the mailbox before it is up.
  const sent = ["low", "normal", "high"].flatMap((lane) =>
    Array.from(
      { length: 40 },
      (_, n) => system.tell(to, "note", [lane, n], { lane: lane as "low" }),
    )
  );
  await Promise.all(sent);
  const seen = await system.ask(to, "all", null, { lane: "low" }) as [string, number][];
  assert.deepEqual(seen.slice(0, 16).map(([lane]) => lane), Array(16).fill("high"));
  assert.ok(seen.findIndex(([lane]) => lane === "low") < 60, "low came through");
  for (const lane of ["low", "normal", "high"]) {
    const own = seen.filter(([each]) => each === lane).map(([, n]) => n);
    assert.deepEqual(own, Array.from({ length: 40 }, (_, n) => n));
  }
});

Deno.test("a full mailbox answers OVERLOADED, and takes messages again when there is room", async () => {
  const actors = {
    ...ACTORS,
    recorder: { source: RECORDER, mailbox: { messages: 20 }, timeout: { handle: "5s" } },
  };
  await using harness = await SystemHarness.start(actors);
  const { system } = harness;
  const to = "actor://recorder/full";
  const held = system.ask(to, "hold", 600);
  await until(async () => (await system.ask("actor://recorder/x", "all")) !== null);
  const codes = await system.ask("actor://sender", "tellMany", {
    to,
    from: "s",
    count: 1_000,
  }, { timeoutMs: 10_000 }) as string[];
  assert.ok(codes.length > 100, `${codes.length} were refused`);
  assert.deepEqual([...new Set(codes)], ["OVERLOADED"]);
  assert.equal(await held, "held");
  const seen = await system.ask(to, "all") as unknown[];
  assert.equal(seen.length + codes.length, 1_000, "each was taken or refused");
  assert.deepEqual(
    await system.ask("actor://sender", "tellMany", { to, from: "s", count: 5 }),
    [],
  );
  const audited = harness.newsOf("refused").filter(({ error }) => error.code === "OVERLOADED");
  assert.equal(audited.length, codes.length);
});

Deno.test("messages expire that wait longer than they may", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  const { system } = harness;
  const to = "actor://recorder/ttl";
  // More than are sent ahead to the worker: the rest waits at the node.
  const held = system.ask(to, "hold", 300);
  await Promise.all(Array.from({ length: 255 }, () => system.tell(to, "note", "ahead")));
  await system.tell(to, "note", "too late", { ttlMs: 50 });
  await system.tell(to, "note", "in time", { ttlMs: 20_000 });
  await held;
  const seen = await system.ask(to, "all") as string[];
  assert.deepEqual(seen.slice(255), ["in time"]);
  assert.deepEqual(harness.newsOf("refused").map(({ error }) => error.code), ["EXPIRED"]);
});

Deno.test("rates and access rules refuse with what to wait for, and who may", async () => {
  const actors = {
    recorder: {
      source: RECORDER,
      rate: { messages: 2, per: "1m", burst: 2 },
      accept: { from: ["actor://sender/good-*"], messages: ["note", "all"] },
    },
    sender: { source: SENDER },
  };
  await using harness = await SystemHarness.start(actors);
  const { system } = harness;
  const ask = (from: string, type: string) =>
    system.ask(`actor://sender/${from}`, "ask", { to: "actor://recorder", type, payload: 1 });
  assert.equal(await harness.codeOf("actor://recorder", "note"), "ACCESS_DENIED");
  assert.deepEqual(await ask("bad", "note"), { code: "ACCESS_DENIED" });
  assert.deepEqual(await ask("good-1", "who"), { code: "ACCESS_DENIED" });
  assert.deepEqual(await ask("good-1", "note"), { value: null });
  assert.deepEqual(await ask("good-2", "all"), { value: [1] });
  const limited = await ask("good-1", "note") as { code: string; retryAfterMs: number };
  assert.equal(limited.code, "RATE_LIMITED");
  assert.ok(limited.retryAfterMs > 1_000 && limited.retryAfterMs <= 30_000);
});

Deno.test("asks that could never be answered are refused at once", async () => {
  const source = `export default defineActor({
    name: "chain",
    on: { next: async (path: string[], ctx) => {
      if (path.length === 0) return "end";
      const to = "actor://chain" + (path[0] === "main" ? "" : "/" + path[0]);
      try { return await ctx.ask(to, "next", path.slice(1)); }
      catch (error: any) { return error.code; }
    } },
  });`;
  await using harness = await SystemHarness.start({ chain: { source } });
  const { system } = harness;
  const ask = (path: string[]) => system.ask("actor://chain/a", "next", path);
  assert.equal(await ask(["b", "c"]), "end");
  assert.equal(await ask(["a"]), "ASK_CYCLE");
  assert.equal(await ask(["b", "a"]), "ASK_CYCLE");
  assert.equal(await ask(["b", "c", "d", "b"]), "ASK_CYCLE");
  assert.equal(await ask(["main", "b", "main"]), "ASK_CYCLE");
  assert.equal(await ask(["b", "c", "d", "e"]), "end");
});

Deno.test("messages can be sent later, and to all instances", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  const { system } = harness;
  await system.ask("actor://sender", "later");
  await system.tell("actor://recorder", "note", "delayed", { delayMs: 20 });
  assert.deepEqual(await system.ask("actor://recorder", "all"), []);
  await until(async () =>
    (await system.ask("actor://recorder", "all") as string[]).join() === "delayed,later"
  );
  for (const key of ["x", "y"]) await system.ask(`actor://recorder/${key}`, "all");
  await system.tell("actor://recorder/*", "note", "to all");
  for (const key of ["x", "y"]) {
    assert.deepEqual(await system.ask(`actor://recorder/${key}`, "all"), ["to all"]);
  }
  const results = await system.tellMany([
    { to: "actor://recorder/x", type: "note", payload: 1 },
    { to: "actor://nobody", type: "note" },
  ]);
  assert.deepEqual(results.map(({ status }) => status), ["taken", "refused"]);
});

Deno.test("agents are actors without instances: their capabilities are their messages", async () => {
  const source = `export default defineAgent({
    name: "measurer",
    capabilities: { "text.length": { input: z.object({ text: z.string() }), output: z.number() } },
    async run(input, ctx) {
      await ctx.sleep(20);
      ctx.log.info("measured", { capability: ctx.capability });
      return input.text.length;
    },
  });`;
  await using harness = await SystemHarness.start({
    measurer: { source },
    sender: { source: SENDER },
  });
  const { system } = harness;
  assert.equal(await system.ask("actor://measurer", "text.length", { text: "four" }), 4);
  const many = Array.from(
    { length: 40 },
    (_, n) => system.ask("actor://measurer", "text.length", { text: "x".repeat(n) }),
  );
  assert.deepEqual(await Promise.all(many), Array.from({ length: 40 }, (_, n) => n));
  assert.equal(
    await harness.codeOf("actor://measurer", "text.length", { text: 4 }),
    "INVALID_INPUT",
  );
  assert.equal(await harness.codeOf("actor://measurer/x", "text.length"), "NO_ACTOR");
  assert.equal(await harness.codeOf("actor://measurer", "other"), "UNKNOWN_MESSAGE");
  assert.equal(harness.newsOf("log")[0]!.address, "actor://measurer");
});

Deno.test("payloads with odd names and values arrive as they are, or not at all", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  const { system } = harness;
  const odd = JSON.parse('{"__proto__":{"a":1},"constructor":1,"then":2,"toJSON":3,"":null}');
  await system.tell("actor://recorder", "note", odd);
  const [back] = await system.ask("actor://recorder", "all") as [object];
  assert.equal(JSON.stringify(back), JSON.stringify(odd));
  assert.equal(({} as Record<string, unknown>).a, undefined);
});
