import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import type { Json, JsonObject } from "../../core/json.ts";
import { InputChecks } from "./input_check.ts";
import { processorTimeMs } from "../../tests/processor_time.ts";

const checks = new InputChecks();

Deno.test("of() takes and refuses as an ordinary schema does", async () => {
  const schema = z.object({
    path: z.string(),
    depth: z.number().min(0).max(9),
    kind: z.enum(["a", "b"]).nullable(),
    tags: z.array(z.union([z.string(), z.boolean()])),
  });
  const check = await checks.of(z.toJSONSchema(schema, { io: "input" }) as JsonObject);
  const good = { path: "x", depth: 1, kind: null, tags: ["a", true] };
  assert.ok(check(good));
  for (
    const change of [{ path: 1 }, { depth: 10 }, { kind: "c" }, { tags: [1] }, { tags: "a" }]
  ) assert.equal(check({ ...good, ...change }), false);
  assert.equal(check({ path: "x" }), false);
  assert.equal(check(null), false);
});

Deno.test("complaint() names the pointer and the reason of what is wrong first", async () => {
  const check = await checks.of({
    type: "object",
    required: ["text"],
    properties: { text: { type: "string" }, kind: { enum: ["a", "b"] } },
    additionalProperties: false,
  });
  const complaintOf = (input: Json) => check.complaint!(input);
  assert.equal(complaintOf({}), "/text is missing");
  assert.equal(complaintOf({ text: 1 }), "/text must be string");
  assert.equal(complaintOf({ text: "", txt: "" }), "/txt is not known to it");
  assert.equal(complaintOf({ text: "", kind: "c" }), '/kind must be one of "a","b"');
  assert.equal(complaintOf(1), "/ must be object");
  assert.equal(complaintOf({ text: "" }), null);
});

Deno.test("of() never refuses what the schema takes", async () => {
  const schema = z.strictObject({
    mail: z.email(),
    map: z.record(z.string().regex(/^k/), z.int()),
    one: z.discriminatedUnion("t", [
      z.object({ t: z.literal("a"), n: z.number() }),
      z.object({ t: z.literal("b") }),
    ]),
    pair: z.tuple([z.string(), z.number()]),
  });
  const check = await checks.of(z.toJSONSchema(schema) as JsonObject);
  const value = fc.record({
    mail: fc.constant("a@example.org"),
    map: fc.dictionary(fc.constantFrom("k1", "k2"), fc.integer()),
    one: fc.oneof(
      fc.record({ t: fc.constant("a"), n: fc.integer() }),
      fc.record({ t: fc.constant("b") }),
    ),
    pair: fc.tuple(fc.string(), fc.integer()),
  });
  fc.assert(fc.property(value, (each) => {
    assert.ok(schema.safeParse(each).success);
    assert.ok(check(each as Json));
  }));
});

Deno.test("of() does not turn around what it leaves out", async () => {
  const schemas: JsonObject[] = [
    { not: { pattern: "^a" } },
    { oneOf: [{ pattern: "^a" }, { pattern: "^b" }] },
    { if: { pattern: "^a" }, then: false },
    { patternProperties: { "^a": {} }, additionalProperties: false },
    { $ref: "https://example.org/nowhere" },
    { type: "no-such-type" },
    { allOf: [{ $ref: "#" }] },
  ];
  for (const schema of schemas) {
    assert.ok((await checks.of(schema))({ a: 1 }), JSON.stringify(schema));
  }
});

Deno.test("of() is not held up by a schema that was written for that", async () => {
  let deep: JsonObject = {};
  for (let n = 0; n < 3_000; n++) deep = { anyOf: [deep, { properties: { a: deep } }] };
  const schemas: JsonObject[] = [
    { pattern: "^(a+)+$" },
    { $defs: { a: { anyOf: [{ $ref: "#/$defs/a" }, { $ref: "#/$defs/a" }] } }, $ref: "#/$defs/a" },
    { items: { uniqueItems: true } },
    deep,
  ];
  const beforeMs = processorTimeMs();
  for (const schema of schemas) {
    const check = await checks.of(schema);
    check("a".repeat(50_000) + "b");
    check([Array(5_000).fill({})]);
  }
  assert.ok(processorTimeMs() - beforeMs < 5_000);
});

Deno.test("of() leaves it to the agent where a large input meets a large schema", async () => {
  const names = Array.from({ length: 3_000 }, (_, n) => ({ n: `name-${n}` }));
  const parts = Array.from(
    { length: 900 },
    (_, n) => ({ properties: { [`a${n}`]: { type: "null" } } }),
  );
  const checks = new InputChecks();
  const large = Array.from({ length: 400_000 }, (_, n) => ({ n }));
  const beforeMs = processorTimeMs();
  const schemas: JsonObject[] = [{ enum: names }, { allOf: parts }];
  for (const items of schemas) {
    const check = await checks.of({ items });
    assert.equal(check(large), true);
  }
  // Of the processor, not of the clock, which others' work moves on: value by value it is 12 s.
  assert.ok(processorTimeMs() - beforeMs < 6_000);
  const check = await checks.of({ items: { enum: names } });
  assert.equal(check([{ n: "nobody" }]), false);
  assert.equal(check([{ n: "name-7" }]), true);
});

Deno.test("of() compiles any schema, and no check throws", async () => {
  await fc.assert(fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (schema, value) => {
    const check = await checks.of(
      { properties: schema, items: schema, enum: schema } as JsonObject,
    );
    check(value as Json);
  }));
  assert.equal((await checks.of({ enum: [{}] }))({ valueOf: null }), false);
  const names = JSON.parse('{"properties":{"__proto__":{"type":"string"},"constructor":{}}}');
  assert.ok((await checks.of(names))(JSON.parse('{"__proto__":1,"constructor":2}')));
});
