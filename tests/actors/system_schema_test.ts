import * as assert from "node:assert/strict";
import * as path from "node:path";
import { isJsonObject } from "../../core/json.ts";
import { systemJsonSchema } from "../../actors/system/mod.ts";
import { testSchema } from "../document_kit.ts";
import { SYSTEMS } from "./system_files.ts";

const SCHEMA_FILE = path.join(import.meta.dirname!, "../../docs/actor-system.schema.json");

/** Codes of mistakes that a JSON Schema can see; the others need names, sums or text. */
const SEEN_BY_SCHEMA = [
  "FILE_NOT_OBJECT",
  "UNKNOWN_KEY",
  "MISSING_KEY",
  "WRONG_TYPE",
  "INVALID_NAME",
  "INVALID_MODULE",
  "INVALID_TOPIC",
];

Deno.test("docs/actor-system.schema.json is what systemJsonSchema() says", () => {
  const shipped = JSON.parse(Deno.readTextFileSync(SCHEMA_FILE));
  assert.deepEqual(shipped, systemJsonSchema(), "run: deno task schema");
});

testSchema(SYSTEMS, systemJsonSchema(), SEEN_BY_SCHEMA);

Deno.test("systemJsonSchema() describes every key of the file and of an actor for editors", () => {
  const { properties } = systemJsonSchema();
  assert.ok(isJsonObject(properties) && isJsonObject(properties.actors));
  const actor = properties.actors.additionalProperties;
  assert.ok(isJsonObject(actor) && isJsonObject(actor.properties));
  for (const [key, schema] of Object.entries({ ...properties, ...actor.properties })) {
    assert.ok(isJsonObject(schema) && typeof schema.description === "string", key);
  }
});
