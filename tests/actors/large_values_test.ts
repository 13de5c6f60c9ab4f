/** Values that are larger than the store takes must not end the system that they are sent in. */
import assert from "node:assert/strict";
import { SystemHarness } from "./system_harness.ts";

/** 18 MiB as UTF-8, within the limit of characters. */
const LARGE = `"漢".repeat(6_000_000)`;

const ACTOR = `export default defineActor({
  name: "a",
  state: z.object({ text: z.string().default("") }),
  on: {
    keep: (_payload, ctx) => { ctx.state.text = ${LARGE}; return 1; },
    tell: async (_payload, ctx) => {
      try { await ctx.tell("actor://a/y", "length", ${LARGE}, { durable: true }); }
      catch (error: any) { return error.code; }
    },
    emit: async (_payload, ctx) => {
      try { await ctx.emit("kept.one", ${LARGE}); } catch (error: any) { return error.code; }
    },
    length: (_payload, ctx) => ctx.state.text.length,
  },
});`;

Deno.test("a state, a durable message or an event too large for the store is refused, no more", async () => {
  await using harness = await SystemHarness.start({ a: { source: ACTOR } }, {
    topics: [{ name: "kept.*", retain: { messages: 10 }, durable: true }],
  });
  const { system } = harness;
  const timeoutMs = 20_000;
  assert.equal(
    await harness.codeOf("actor://a/x", "keep", null, timeoutMs),
    "STORED_VALUE_TOO_LARGE",
  );
  const ask = (type: string) => system.ask("actor://a/x", type, null, { timeoutMs });
  assert.equal(await ask("tell"), "STORED_VALUE_TOO_LARGE");
  assert.equal(await ask("emit"), "STORED_VALUE_TOO_LARGE");
  await system.tell("actor://a/y", "length", null, { durable: true });
  assert.equal(await ask("length"), 0);
});
