import assert from "node:assert/strict";
import Ajv from "ajv/dist/2020.js";
import fc from "fast-check";
import { canonicalJson, type Json, type JsonObject } from "../../core/json.ts";
import { withPlainEquality } from "./plain_equality.ts";

const OPTIONS = { strict: false, allErrors: true } as const;

/** Values with the members that Ajv's comparison calls. */
const value = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, 0, 1, "a", ""),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom("valueOf", "toString", "constructor", "a", "b"),
      tie("value"),
      { maxKeys: 2, noNullPrototype: true },
    ),
  ),
})).value;

Deno.test("withPlainEquality() compares by what is written, and never throws", () => {
  fc.assert(
    fc.property(value, value, fc.array(value, { maxLength: 4 }), (one, other, items) => {
      const passes = (schema: JsonObject, of: Json) =>
        withPlainEquality(new Ajv.default(OPTIONS)).compile(schema)(of);
      const isSame = canonicalJson(one) === canonicalJson(other);
      assert.equal(passes({ const: one }, other), isSame);
      assert.equal(passes({ enum: [one, 7] }, other), isSame);
      assert.equal(passes({ enum: [one, 7] }, one), true);
      const isUnique = new Set(items.map(canonicalJson)).size === items.length;
      assert.equal(passes({ uniqueItems: true }, items), isUnique);
      assert.equal(passes({ uniqueItems: false }, items), true);
    }),
    { numRuns: 30 },
  );
});

Deno.test("withPlainEquality() says the same of plain values as Ajv does", () => {
  const schema = {
    properties: {
      a: { enum: ["x", { y: 1 }] },
      b: { const: [1, 2] },
      c: { type: "array", uniqueItems: true },
    },
  };
  const check = withPlainEquality(new Ajv.default(OPTIONS)).compile(schema);
  const theirs = new Ajv.default(OPTIONS).compile(schema);
  const inputs = [
    { a: "x", b: [1, 2], c: [1, "1"] },
    { a: { y: 1 }, b: [2, 1], c: [1, 1] },
    { a: "z", b: 1, c: [{}, []] },
  ];
  for (const input of inputs) {
    assert.equal(check(input), theirs(input));
    const places = (errors: typeof check.errors) =>
      (errors ?? []).map(({ instancePath, keyword }) => `${keyword} ${instancePath}`).sort();
    assert.deepEqual(places(check.errors), places(theirs.errors));
  }
});

Deno.test("withPlainEquality() reads no more of a value than it takes to tell it apart", () => {
  let reads = 0;
  const large = Object.defineProperty({ a: 1 } as JsonObject, "large", {
    enumerable: true,
    get: () => ++reads,
  });
  const anyOf = Array.from({ length: 100 }, () => ({ enum: ["x", [1], { a: 1 }] }));
  const check = withPlainEquality(new Ajv.default(OPTIONS)).compile({ anyOf });
  assert.equal(check(large), false);
  assert.equal(reads, 0);
});
