import assert from "node:assert/strict";
import type { DeadLetter } from "../../actors/delivery/mod.ts";
import { openKvStores } from "../../runtime/store/mod.ts";
import { type ActorSources, SystemHarness, until } from "./system_harness.ts";

const LEDGER = `const tries = new Map<string, number>();
function nth(id: string): number {
  const count = (tries.get(id) ?? 0) + 1;
  tries.set(id, count);
  return count;
}
export default defineActor({
  name: "ledger",
  state: z.object({ seen: z.array(z.any()).default([]) }),
  on: {
    note: (payload, ctx) => { ctx.state.seen.push(payload); },
    all: (_payload, ctx) => ctx.state.seen,
    flaky: ({ id, failures }: any, ctx) => {
      if (nth(id) <= failures) throw new AgentError("FLAKY", "not yet");
      ctx.state.seen.push([id, ctx.message.attempt]);
    },
    refuse: () => { throw new AgentError("NEVER", "never", { retryable: false }); },
    poison: () => { throw new Error("poison"); },
    loop: () => { for (;;); },
    late: async (payload, ctx) => { ctx.state.seen.push(payload); await ctx.sleep(1_000).catch(() => {}); },
    slow: async (payload, ctx) => { await ctx.sleep(150); ctx.state.seen.push(payload); },
    exit: () => { Deno.exit(7); },
    kill: () => { Deno.kill(Deno.pid, "SIGKILL"); },
    relay: async ({ to, id, failures }: any, ctx) => {
      await ctx.tell(to, "note", id, { durable: true });
      if (nth("relay " + id) <= failures) throw new AgentError("FLAKY", "after the send");
    },
  },
});`;

const POLICY = { maxAttempts: 3, backoff: { initial: "20ms", max: "50ms" }, poisonAfter: 2 };
const ACTORS: ActorSources = {
  ledger: { source: LEDGER, deliver: POLICY, timeout: { heartbeat: "400ms" } },
};
const TO = "actor://ledger/a";

function tell(harness: SystemHarness, type: string, payload: unknown, options = {}, to = TO) {
  return harness.system.tell(to, type, payload as null, { durable: true, ...options });
}

function seen(harness: SystemHarness, to = TO): Promise<unknown> {
  return harness.system.ask(to, "all");
}

async function letters(harness: SystemHarness): Promise<(DeadLetter & { id: string })[]> {
  await harness.close();
  const stores = await openKvStores(`${harness.folder}/data/denizen.kv`);
  const found = await stores.actors.deadLetters("test", { limit: 100 });
  stores.close();
  return found.map(({ id, letter }) => ({ ...letter as unknown as DeadLetter, id }));
}

Deno.test("a durable message is retried with backoff until it is handled", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  await tell(harness, "flaky", { id: "x", failures: 2 });
  await until(async () => (await seen(harness) as unknown[]).length === 1);
  assert.deepEqual(await seen(harness), [["x", 3]]);
  assert.deepEqual(harness.newsOf("crashed"), []);
});

Deno.test("messages of a sender wait for an earlier one that is retried; others pass", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  const { system } = harness;
  await Promise.all([
    tell(harness, "flaky", { id: "first", failures: 2 }),
    tell(harness, "note", "second"),
    tell(harness, "note", "third"),
    tell(harness, "note", "urgent", { lane: "high" }),
    system.ask("actor://ledger/other", "relay", { to: TO, id: "other's", failures: 0 }),
  ]);
  await until(async () => (await seen(harness) as unknown[]).length === 5);
  const all = await seen(harness) as unknown[];
  const own = all.filter((each) => each !== "urgent" && each !== "other's");
  assert.deepEqual(own, [["first", 3], "second", "third"]);
  assert.ok(all.indexOf("urgent") < 2 && all.indexOf("other's") < 3, JSON.stringify(all));
});

Deno.test("what cannot be handled becomes a dead letter with its history", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  await tell(harness, "flaky", { id: "x", failures: 9 }, { tags: ["odd"] });
  await tell(harness, "refuse", null);
  await tell(harness, "note", "goes on");
  await until(async () => (await seen(harness) as unknown[]).length === 1);
  await until(() => harness.newsOf("dead").length === 2);
  const [refused, exhausted] = await letters(harness);
  assert.equal(refused!.reason, "REFUSED");
  assert.equal(exhausted!.reason, "MAX_ATTEMPTS");
  assert.deepEqual(exhausted!.history.map(({ code }) => code), ["FLAKY", "FLAKY", "FLAKY"]);
  assert.deepEqual(exhausted!.message.payload, { id: "x", failures: 9 });
  assert.equal(exhausted!.message.from, "external");
});

for (const type of ["poison", "loop", "kill"]) {
  Deno.test(`a message that kills its actor is parked: ${type}`, async () => {
    await using harness = await SystemHarness.start(ACTORS);
    await tell(harness, "note", "before", {}, "actor://ledger/b");
    await tell(harness, type, null);
    await tell(harness, "note", "after");
    await until(() => harness.newsOf("dead").length === 1, "the dead letter");
    await until(async () => (await seen(harness) as unknown[]).length === 1);
    assert.deepEqual(await seen(harness, "actor://ledger/b"), ["before"]);
    // More where other messages were at work when the cell died: that is told, and blames nobody.
    const told = harness.newsOf("crashed").filter(({ address }) => address === TO);
    assert.ok(told.length >= 2, `${told.length} crashes were told`);
    const [letter] = await letters(harness);
    assert.equal(letter!.reason, "POISON");
    assert.equal(letter!.kills, 2);
  });
}

Deno.test("of several messages in a cell that died the guilty one is found", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  const good = ["b", "c", "d"].map((key) => `actor://ledger/${key}`);
  await Promise.all(good.map((to) => harness.system.ask(to, "all")));
  await Promise.all(good.map((to) => tell(harness, "slow", "done", {}, to)));
  await tell(harness, "loop", null);
  await until(() => harness.newsOf("dead").length === 1, "the dead letter");
  for (const to of good) {
    await until(async () => (await seen(harness, to) as unknown[]).length === 1);
  }
  const [letter] = await letters(harness);
  assert.deepEqual([letter!.message.type, letter!.reason], ["loop", "POISON"]);
});

Deno.test("a message that was done is not blamed for the one behind it", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  // Its answer is still in the worker when the next one ends that.
  await Promise.all([
    tell(harness, "note", "innocent"),
    tell(harness, "exit", null),
    tell(harness, "note", "after"),
  ]);
  await until(() => harness.newsOf("dead").length === 1, "the dead letter");
  await until(async () => (await seen(harness) as unknown[]).length === 2);
  assert.deepEqual(await seen(harness), ["innocent", "after"]);
  const [letter] = await letters(harness);
  assert.deepEqual([letter!.message.type, letter!.reason], ["exit", "POISON"]);
});

Deno.test("what was handled late was handled: it is not tried again", async () => {
  const actors = { ledger: { ...ACTORS.ledger!, timeout: { handle: "200ms" } } };
  await using harness = await SystemHarness.start(actors);
  await tell(harness, "late", "once");
  await tell(harness, "note", "after");
  await until(async () => (await seen(harness) as unknown[]).length === 2);
  assert.deepEqual(await seen(harness), ["once", "after"]);
  assert.deepEqual(harness.newsOf("crashed"), []);
});

Deno.test("a message with an id is taken once, also after a restart", async () => {
  await using first = await SystemHarness.start(ACTORS);
  for (let n = 0; n < 3; n++) await tell(first, "note", n, { id: "order-1" });
  await tell(first, "note", "other", { id: "order-1" }, "actor://ledger/b");
  await tell(first, "note", "new", { id: "order-2" });
  await using second = await first.restart(ACTORS);
  await tell(second, "note", "again", { id: "order-1" });
  await until(async () => (await seen(second) as unknown[]).length === 2);
  assert.deepEqual(await seen(second), [0, "new"]);
  assert.deepEqual(await seen(second, "actor://ledger/b"), ["other"]);
});

Deno.test("what a handler sends is sent once, however often it is tried", async () => {
  await using harness = await SystemHarness.start(ACTORS);
  const to = "actor://ledger/target";
  await tell(harness, "relay", { to, id: "r", failures: 2 });
  await tell(harness, "relay", { to, id: "last", failures: 0 });
  await until(async () => (await seen(harness, to) as unknown[]).includes("last"));
  assert.deepEqual(await seen(harness, to), ["r", "last"]);
});

Deno.test("messages wait over a restart, for their time, and expire into dead letters", async () => {
  await using first = await SystemHarness.start(ACTORS);
  await tell(first, "note", "later", { delayMs: 400 });
  await tell(first, "note", "never", { delayMs: 60_000, ttlMs: 50 }, "actor://ledger/b");
  assert.deepEqual(await seen(first), []);
  await until(() => first.newsOf("dead").length === 1);
  assert.equal(first.newsOf("dead")[0]!.reason, "EXPIRED");
  await using second = await first.restart(ACTORS);
  await until(async () => (await seen(second) as unknown[]).length === 1);
  assert.deepEqual(await seen(second), ["later"]);
});

Deno.test("a dead letter is replayed or dropped by a wish of another process", async () => {
  await using first = await SystemHarness.start(ACTORS);
  for (const id of ["x", "y"]) await tell(first, "flaky", { id, failures: 3 });
  await until(() => first.newsOf("dead").length === 2);
  const dead = await letters(first);
  await using second = await SystemHarness.start(ACTORS, {}, first.folder);
  const stores = await openKvStores(`${first.folder}/data/denizen.kv`);
  await stores.actors.wish("test", { type: "drop", letterId: dead[0]!.id });
  await stores.actors.wish("test", { type: "replay", letterId: dead[1]!.id });
  await stores.actors.wish("test", { nonsense: true });
  await stores.actors.wish("test", {
    type: "tell",
    to: TO,
    messageType: "note",
    payload: "wished",
    id: "w1",
  });
  await until(async () => (await stores.actors.wishes("test")).length === 0, "the wishes");
  // Of a worker that has not seen it before it fails three times more.
  await until(() => second.newsOf("dead").length === 1);
  assert.deepEqual(await seen(second), ["wished"]);
  const left = await stores.actors.deadLetters("test", { limit: 9 });
  assert.equal(left.length, 1);
  assert.notEqual(left[0]!.id, dead[1]!.id);
  stores.close();
});

Deno.test("a message of a wish that is refused becomes a dead letter, which passes no rule", async () => {
  const accept = { from: ["actor://ledger/*"] };
  const closed = { ledger: ACTORS.ledger!, closed: { source: LEDGER, accept } };
  await using first = await SystemHarness.start(closed);
  const stores = await openKvStores(`${first.folder}/data/denizen.kv`);
  const wishes = async (...wishes: { type: string; [name: string]: string | number }[]) => {
    for (const wish of wishes) await stores.actors.wish("test", wish);
    await until(async () => (await stores.actors.wishes("test")).length === 0, "the wishes");
  };
  const found = async () =>
    (await stores.actors.deadLetters("test", { limit: 9 })).map(({ id, letter }) => {
      const { seq, reason, message, history } = letter as unknown as DeadLetter;
      return { id, seq, facts: [message.payload, reason, ...history.map(({ code }) => code)] };
    });
  const tell = { type: "tell", messageType: "note" };
  await wishes(
    { ...tell, to: "actor://nobody/a", payload: "none", id: "w1" },
    { ...tell, to: TO, messageType: "unheard", payload: "type", id: "w2" },
    { ...tell, to: "actor://closed/a", payload: "denied", id: "w3" },
  );
  const dead = await found();
  assert.deepEqual(dead.map(({ facts }) => facts), [
    ["denied", "REFUSED", "ACCESS_DENIED"],
    ["type", "REFUSED", "UNKNOWN_MESSAGE"],
    ["none", "NO_ACTOR", "NO_ACTOR"],
  ]);
  assert.equal(new Set(dead.map(({ seq }) => seq)).size, 3);
  assert.ok(dead.every(({ seq }) => seq < 0 && Number.isSafeInteger(seq)));
  // Told a moment after the commit that others see.
  await until(() => first.newsOf("dead").length === 3, "the dead letters");

  const [denied, unheard] = dead;
  await wishes({ type: "replay", letterId: denied!.id }, { type: "drop", letterId: unheard!.id });
  const [again, ...rest] = await found();
  assert.deepEqual(again!.facts, denied!.facts, "it is refused once more, as a new letter");
  assert.notEqual(again!.id, denied!.id);
  assert.deepEqual(rest.map(({ id }) => id), [dead[2]!.id]);

  const open = { ledger: ACTORS.ledger!, closed: { source: LEDGER } };
  await using second = await first.restart(open);
  const replay = { type: "replay", letterId: again!.id };
  await wishes(replay, replay);
  await until(async () => (await seen(second, "actor://closed/a") as unknown[]).length > 0);
  assert.deepEqual(await seen(second, "actor://closed/a"), ["denied"]);
  assert.deepEqual((await found()).map(({ id }) => id), [dead[2]!.id]);
  stores.close();
});

Deno.test("an order for a child holds in the term that it was given for", async () => {
  const supervisor = { children: [{ actor: "ledger", key: "a" }] };
  await using harness = await SystemHarness.start(ACTORS, { supervisor });
  const stores = await openKvStores(`${harness.folder}/data/denizen.kv`);
  const order = async (term: { term?: number }) => {
    await stores.actors.wish("test", { type: "terminate", child: "ledger/a", ...term });
    await until(async () => (await stores.actors.wishes("test")).length === 0, "the wish");
  };
  const status = () => harness.system.tree().children[0]!.status;
  for (const wrong of [{ term: 0 }, { term: 2 }, {}]) {
    await order(wrong);
    assert.equal(status(), "running");
  }
  await order({ term: 1 });
  await until(() => status() === "stopped");
  stores.close();
});

Deno.test("messages to a definition that is gone become dead letters", async () => {
  await using first = await SystemHarness.start(ACTORS);
  await tell(first, "note", "x", { delayMs: 500 });
  await using second = await first.restart({ other: { source: LEDGER } });
  await until(() => second.newsOf("dead").length === 1);
  assert.equal(second.newsOf("dead")[0]!.reason, "NO_ACTOR");
});
