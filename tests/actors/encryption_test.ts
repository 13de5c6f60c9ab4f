/** End-to-end encryption between real cells: what is sealed, what is refused, what is kept. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { DeadLetter } from "../../actors/delivery/mod.ts";
import type { Json } from "../../core/json.ts";
import { openAuditReader } from "../../runtime/node/audit_reader.ts";
import { openKvStores } from "../../runtime/store/mod.ts";
import { type ActorSources, SystemHarness, until } from "./system_harness.ts";

/** Keeps what it is told; `refuse` is a handler that says no for good. */
const VAULT = `export default defineActor({
  name: "any name",
  persist: false,
  initial: () => ({ seen: [] as string[] }),
  messages: { put: { input: z.object({ text: z.string() }), output: z.object({ kept: z.string() }) } },
  on: {
    put: ({ text }, ctx) => { ctx.state.seen.push(text); return { kept: text + "!" }; },
    all: (_payload, ctx) => ctx.state.seen,
    refuse: () => { throw new AgentError("NEVER", "no", { retryable: false }); },
    environment: () => {
      try { return Deno.env.get("DENIZEN_ACTOR_KEYS") ?? null; } catch (error: any) { return error.name; }
    },
    subscribe: (_payload, ctx) => ctx.subscribe("notes.*"),
    remind: (text, ctx) => ctx.after(20, "put", { text }),
  },
});`;

/** Speaks to whom it is told; \`blind\` strips its worker of the means to seal. */
const FRIEND = `export default defineActor({
  name: "friend",
  on: {
    ask: async ({ to, type, payload, options }: any, ctx) => {
      try { return await ctx.ask(to, type, payload, options); } catch (error: any) { return error.code; }
    },
    tell: async ({ to, type, payload, options, count = 1 }: any, ctx) => {
      const sent = Array.from({ length: count }, (_, n) =>
        ctx.tell(to, type, { ...payload, text: payload.text + (count > 1 ? n : "") }, options));
      const results = await Promise.allSettled(sent);
      return results.map((result: any) => result.reason?.code ?? null);
    },
    blind: async ({ to, payload }: any, ctx: any) => {
      ctx.outlet.messenger.seals = null;
      try { return await ctx.ask(to, "put", payload); } catch (error: any) { return error.code; }
    },
  },
});`;

/** An agent is addressed without key, and seals and opens all the same. */
const CLERK = `export default defineAgent({
  name: "clerk",
  capabilities: { sign: {} },
  run: async ({ text }: any, ctx) => {
    const { kept } = await ctx.ask("actor://vault", "put", { text }) as { kept: string };
    return "signed " + kept;
  },
});`;

const ACCEPT = { from: ["actor://friend/*", "actor://clerk", "external"] };
const ENCRYPT = { key: "team-a" };
const ACTORS: ActorSources = {
  vault: {
    source: VAULT,
    encrypt: ENCRYPT,
    permissions: { env: ["DENIZEN_ACTOR_KEYS", "DENIZEN_*"] },
    accept: { from: [...ACCEPT.from, "actor://vault/*"] },
  },
  friend: { source: FRIEND },
  clerk: { source: CLERK, encrypt: ENCRYPT, accept: ACCEPT },
  stranger: { source: FRIEND },
  open: { source: VAULT },
};

function randomKey(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64();
}

function useKeys(...keys: string[]): void {
  Deno.env.set("DENIZEN_ACTOR_KEYS", JSON.stringify({ "team-a": keys, other: [randomKey()] }));
}

/** Everything that the files of a data directory hold, as text. */
async function bytesOf(folder: string): Promise<string> {
  let text = "";
  for await (const entry of Deno.readDir(join(folder, "data"))) {
    if (!entry.isFile) continue;
    const bytes = await Deno.readFile(join(folder, "data", entry.name));
    text += new TextDecoder("latin1").decode(bytes);
  }
  return text;
}

async function deadLetters(folder: string): Promise<{ id: string; letter: DeadLetter }[]> {
  const stores = await openKvStores(join(folder, "data", "denizen.kv"));
  const letters = await stores.actors.deadLetters("test", { limit: 100 });
  stores.close();
  return letters.map(({ id, letter }) => ({ id, letter: letter as unknown as DeadLetter }));
}

async function replay(folder: string, letterId: string): Promise<void> {
  const stores = await openKvStores(join(folder, "data", "denizen.kv"));
  await stores.actors.wish("test", { type: "replay", letterId });
  stores.close();
}

Deno.test("encrypted actors are asked and told by actors, agents and from outside, in order", async () => {
  useKeys(randomKey());
  await using harness = await SystemHarness.start(ACTORS);
  const { system } = harness;
  assert.deepEqual(await system.ask("actor://vault", "put", { text: "a" }), { kept: "a!" });
  await system.tell("actor://vault/main", "put", { text: "b" });
  const put = { to: "actor://vault", type: "put", payload: { text: "c" } };
  assert.deepEqual(await system.ask("actor://friend/1", "ask", put), { kept: "c!" });
  assert.equal(await system.ask("actor://clerk", "sign", { text: "d" }), "signed d!");
  const many = { ...put, to: "actor://vault/main", payload: { text: "" }, count: 50 };
  await system.ask("actor://friend/1", "tell", many);
  const numbers = Array.from({ length: 50 }, (_, n) => `${n}`);
  assert.deepEqual(await system.ask("actor://vault", "all"), ["a", "b", "c", "d", ...numbers]);
  await system.ask("actor://vault", "remind", "e");
  await until(async () => (await system.ask("actor://vault", "all") as string[]).includes("e"));
  // Errors of handlers and of schemas come back as they do from others.
  assert.equal(await harness.codeOf("actor://vault", "put", { text: 1 }), "INVALID_INPUT");
  assert.equal(await harness.codeOf("actor://vault", "refuse"), "NEVER");
  assert.deepEqual(await system.ask("actor://vault", "all", null, { lane: "high" }), [
    ...["a", "b", "c", "d"],
    ...numbers,
    "e",
  ]);
});

Deno.test("no plain text of an encrypted actor reaches the disk, in messages or dead letters", async () => {
  useKeys(randomKey());
  await using harness = await SystemHarness.start(ACTORS);
  const { system, folder } = harness;
  const durable = { durable: true };
  await system.tell("actor://open", "put", { text: "visible-marker" }, durable);
  await system.tell("actor://vault", "put", { text: "hidden-marker" }, durable);
  const options = { durable: true };
  const told = { to: "actor://vault", type: "refuse", payload: { text: "hidden-marker" }, options };
  await system.ask("actor://friend/1", "tell", told);
  await system.tell("actor://open", "refuse", { text: "visible-marker" }, durable);
  await until(() => harness.newsOf("dead").length === 2, "dead letters");
  const letters = await deadLetters(folder);
  const ofVault = letters.find(({ letter }) => letter.message.to === "actor://vault/main")!;
  assert.equal(ofVault.letter.reason, "REFUSED");
  assert.deepEqual(Object.keys(ofVault.letter.message.payload as object), ["$sealed"]);
  await harness.close();
  const text = await bytesOf(folder);
  assert.ok(text.includes("visible-marker"));
  assert.ok(!text.includes("hidden-marker"));
});

Deno.test("what is altered, moved, or sealed with another key is refused and on the record", async () => {
  useKeys(randomKey());
  await using harness = await SystemHarness.start(ACTORS);
  const { system, folder } = harness;
  await system.tell("actor://vault", "refuse", { text: "x" }, { durable: true, id: "one" });
  await until(() => harness.newsOf("dead").length === 1, "the dead letter");
  const [dead] = await deadLetters(folder);
  const payload = dead!.letter.message.payload as { $sealed: Record<string, string> };
  const again = (to: string, type: string, id: string, sealed: Json = payload) =>
    system.tell(to, type, sealed, { durable: true, id });
  const deadOf = () => harness.newsOf("dead").length;
  // The same message under another type, receiver or id.
  await again("actor://vault", "all", "one-type");
  await again("actor://vault/other", "refuse", "one");
  await again("actor://vault", "refuse", "two");
  await until(() => deadOf() === 4, "replays to be refused");
  const data = payload.$sealed.data!;
  const flipped = `${data[0] === "A" ? "B" : "A"}${data.slice(1)}`;
  await again("actor://vault", "refuse", "three", {
    $sealed: { ...payload.$sealed, data: flipped },
  });
  await again("actor://vault", "refuse", "four", { $sealed: { ...payload.$sealed, key: "other" } });
  await again("actor://vault", "refuse", "five", { $sealed: "no" });
  await until(() => deadOf() === 7, "forgeries to be refused");
  const letters = (await deadLetters(folder)).map(({ letter }) => letter);
  assert.deepEqual(new Set(letters.map(({ reason }) => reason)), new Set(["REFUSED"]));
  const refused = harness.newsOf("refused").map(({ error }) => error.code);
  assert.deepEqual(refused.sort(), [
    "SEALING_KEY_MISSING",
    "SEAL_BROKEN",
    "SEAL_BROKEN",
    "SEAL_BROKEN",
    "SEAL_BROKEN",
    "SEAL_MISSING",
  ]);
  // An asker is told, and the actor goes on.
  for (const type of ["all", "put"]) {
    await assert.rejects(system.ask("actor://vault", type, payload), { code: "SEAL_BROKEN" });
  }
  assert.deepEqual(await system.ask("actor://vault", "all"), []);
  await harness.close();
  const audit = await openAuditReader({ dataDir: join(folder, "data") });
  const entries = await audit.list({ limit: 100 });
  audit.close();
  const kinds = entries.filter(({ code }) => code === "SEAL_BROKEN").map(({ kind }) => kind);
  assert.ok(kinds.length > 0 && kinds.every((kind) => kind === "refusal"), `${kinds}`);
});

Deno.test("nobody gets in with a plain message, or without the right to send one", async () => {
  useKeys(randomKey());
  await using harness = await SystemHarness.start(ACTORS);
  const { system } = harness;
  const put = { to: "actor://vault", type: "put", payload: { text: "plain" } };
  assert.equal(await system.ask("actor://stranger/1", "ask", put), "ACCESS_DENIED");
  await system.ask("actor://vault", "put", { text: "sealed" });
  await system.ask("actor://friend/1", "tell", { ...put, to: "actor://vault/*" });
  assert.equal(harness.newsOf("refused").at(-1)?.error.code, "SEAL_MISSING");
  assert.equal(await system.ask("actor://friend/2", "blind", put), "SEAL_MISSING");
  assert.deepEqual(await system.ask("actor://vault", "all"), ["sealed"]);
  assert.equal(await harness.codeOf("actor://vault", "subscribe"), "SUBSCRIBER_ENCRYPTS");
});

Deno.test("no cell gets the variable with the keys, whatever is granted", async () => {
  useKeys(randomKey());
  await using harness = await SystemHarness.start(ACTORS);
  assert.equal(await harness.system.ask("actor://vault", "environment"), null);
});

Deno.test("a key is rotated: the newest seals, the older ones open as long as they are there", async () => {
  const [first, second] = [randomKey(), randomKey()];
  useKeys(first);
  let harness = await SystemHarness.start(ACTORS);
  const { folder } = harness;
  const text = { text: "from before" };
  const sendDead = async () => {
    await harness.system.tell("actor://vault", "put", text, {
      durable: true,
      ttlMs: 1,
      delayMs: 5,
    });
    await until(() => harness.newsOf("dead").length === 1, "the dead letter");
  };
  await sendDead();
  useKeys(second, first);
  harness = await harness.restart(ACTORS);
  const [dead] = await deadLetters(folder);
  await replay(folder, dead!.id);
  await until(async () =>
    (await harness.system.ask("actor://vault", "all") as Json[]).length === 1
  );
  assert.deepEqual(await harness.system.ask("actor://vault", "all"), ["from before"]);
  await sendDead();
  const [young] = await deadLetters(folder);
  const idOf = ({ letter }: { letter: DeadLetter }) =>
    (letter.message.payload as { $sealed: { id: string } }).$sealed.id;
  assert.notEqual(idOf(young!), idOf(dead!));
  useKeys(first);
  harness = await harness.restart(ACTORS);
  await replay(folder, young!.id);
  await until(() => harness.newsOf("refused").length > 0, "the refusal");
  assert.equal(harness.newsOf("refused")[0]!.error.code, "SEALING_KEY_MISSING");
  await harness[Symbol.asyncDispose]();
});

Deno.test("a system that encrypts does not start without its keys", async () => {
  Deno.env.set("DENIZEN_ACTOR_KEYS", "{}");
  await assert.rejects(SystemHarness.start(ACTORS), { code: "SEALING_KEY_MISSING" });
  Deno.env.delete("DENIZEN_ACTOR_KEYS");
});

Deno.test("the node seals a message of a wish, and keeps nothing of one that it must not", async () => {
  useKeys(randomKey());
  const secret = { source: VAULT, encrypt: ENCRYPT, accept: { from: ["actor://friend/*"] } };
  await using harness = await SystemHarness.start({ ...ACTORS, secret });
  const { system, folder } = harness;
  const stores = await openKvStores(join(folder, "data", "denizen.kv"));
  for (const to of ["actor://vault/main", "actor://secret/main"]) {
    const payload = { text: "wished" };
    await stores.actors.wish("test", { type: "tell", to, messageType: "put", payload, id: "w" });
  }
  await until(async () => (await stores.actors.wishes("test")).length === 0, "the wishes");
  stores.close();
  await until(async () => (await system.ask("actor://vault", "all") as string[]).length > 0);
  assert.deepEqual(await system.ask("actor://vault", "all"), ["wished"]);
  const [refused, ...others] = await deadLetters(folder);
  assert.deepEqual(others, []);
  const { message, reason } = refused!.letter;
  assert.deepEqual([reason, message.to, message.payload], ["REFUSED", "actor://secret/main", null]);
  await replay(folder, refused!.id);
  await until(async () => {
    const left = await openKvStores(join(folder, "data", "denizen.kv"));
    const wishes = await left.actors.wishes("test");
    left.close();
    return wishes.length === 0;
  }, "the replay");
  assert.equal((await deadLetters(folder))[0]!.id, refused!.id, "there is nothing to send");
});
