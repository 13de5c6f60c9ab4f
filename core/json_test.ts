import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, isJsonObject, type Json } from "./json.ts";

Deno.test("canonicalJson() sorts keys at every depth and leaves lists alone", () => {
  assert.equal(
    canonicalJson({ b: [{ d: 1, c: null }, 2], a: "é\n" }),
    '{"a":"é\\n","b":[{"c":null,"d":1},2]}',
  );
});

Deno.test("canonicalJson() keeps the value and does not depend on the order of keys", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const json = JSON.parse(JSON.stringify(value)) as Json;
    assert.deepEqual(JSON.parse(canonicalJson(json)), json);
    assert.equal(canonicalJson(reversed(json)), canonicalJson(json));
  }));
});

Deno.test("isJsonObject() is true of objects alone", () => {
  assert.equal(isJsonObject({}), true);
  for (const other of [null, [], "x", 1, true, undefined]) {
    assert.equal(isJsonObject(other), false);
  }
});

function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).reverse().map(([key, member]) => [key, reversed(member)]),
  );
}
