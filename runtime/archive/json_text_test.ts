import assert from "node:assert/strict";
import fc from "fast-check";
import type { Json } from "../../core/json.ts";
import { jsonText } from "./json_text.ts";

Deno.test("jsonText() gives the text of JSON.stringify", async () => {
  await fc.assert(fc.asyncProperty(fc.jsonValue(), async (value) => {
    assert.equal(await jsonText(value as Json), JSON.stringify(value));
  }));
});

Deno.test("jsonText() leaves out what has no value, and keeps long lists whole", async () => {
  const list = Array.from({ length: 12_345 }, (_, n) => n % 7 === 0 ? null : `ü${n}`);
  const value = { list, gone: undefined, inner: [{ gone: undefined, n: Infinity }, undefined] };
  assert.equal(await jsonText(value as unknown as Json), JSON.stringify(value));
});

Deno.test("jsonText() gives others a turn while a text is long", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const list = Array.from({ length: 400_000 }, (_, n) => ({ n, text: "some text" }));
  await jsonText(list);
  clearInterval(timer);
  assert.ok(turns > 5, `${turns} turns`);
});
