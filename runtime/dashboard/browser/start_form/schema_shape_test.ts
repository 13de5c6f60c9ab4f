import assert from "node:assert/strict";
import type { Json } from "../../../../core/json.ts";
import {
  findMissing,
  initialValue,
  labelOf,
  resolveSchema,
  type Schema,
  shapeOf,
} from "./schema_shape.ts";

const ROOT: Schema = {
  type: "object",
  required: ["path", "owner"],
  properties: {
    path: { type: "string", description: "Where" },
    depth: { type: "integer", default: 3 },
    mode: { enum: ["fast", "slow"], default: "fast" },
    owner: { $ref: "#/$defs/person" },
    topics: { type: "array", items: { type: "string" }, default: [] },
    people: { type: "array", items: { $ref: "#/$defs/person" } },
    either: { oneOf: [{ type: "string" }, { type: "number" }] },
    note: { type: ["string", "null"] },
  },
  $defs: {
    person: {
      type: "object",
      required: ["name"],
      properties: { name: { type: "string" }, friend: { $ref: "#/$defs/person" } },
    },
  },
};

function kindOf(name: string): string {
  return shapeOf(resolveSchema(ROOT.properties![name], ROOT), ROOT).kind;
}

Deno.test("shapeOf() chooses a control for each kind of schema", () => {
  assert.equal(shapeOf(ROOT, ROOT).kind, "object");
  assert.equal(kindOf("path"), "text");
  assert.equal(kindOf("depth"), "number");
  assert.equal(kindOf("mode"), "choice");
  assert.equal(kindOf("owner"), "object");
  assert.equal(kindOf("topics"), "list");
  assert.equal(kindOf("either"), "json");
  assert.equal(kindOf("note"), "text");
  assert.equal(shapeOf({ type: "object" }, ROOT).kind, "json");
  assert.equal(shapeOf({}, ROOT).kind, "json");
});

Deno.test("initialValue() begins with the defaults, also of a schema that holds itself", () => {
  assert.deepEqual(initialValue(ROOT, ROOT), { depth: 3, mode: "fast", topics: [] });
  assert.equal(initialValue({ type: "string" }, ROOT), undefined);
});

Deno.test("resolveSchema() gives an open schema for a reference that leads nowhere or in a ring", () => {
  const ring: Schema = { $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } };
  assert.deepEqual(resolveSchema({ $ref: "#/$defs/a" }, ring), {});
  assert.deepEqual(resolveSchema({ $ref: "#/$defs/none", title: "T" }, ROOT), { title: "T" });
  assert.deepEqual(resolveSchema({ $ref: "https://example.org/x" }, ROOT), {});
  assert.deepEqual(resolveSchema(true, ROOT), {});
});

Deno.test("findMissing() names required places by JSON pointer, also inside lists", () => {
  assert.deepEqual(findMissing({}, ROOT, ROOT), ["/path", "/owner"]);
  const value: Json = { path: "x", owner: {}, people: [{ name: "A" }, {}] };
  assert.deepEqual(findMissing(value, ROOT, ROOT), ["/owner/name", "/people/1/name"]);
  const odd: Schema = { type: "object", required: ["a/b"], properties: { "a/b": {} } };
  assert.deepEqual(findMissing({}, odd, odd), ["/a~1b"]);
});

Deno.test("labelOf() takes the title, or makes words of the name", () => {
  assert.equal(labelOf("maxFileSize", {}), "Max file size");
  assert.equal(labelOf("work_dir", {}), "Work dir");
  assert.equal(labelOf("x", { title: "The title" }), "The title");
});
