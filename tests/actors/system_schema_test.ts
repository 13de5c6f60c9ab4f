import * as assert from "node:assert/strict";
import * as path from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { parseSystem, systemJsonSchema } from "../../actors/system/mod.ts";
import { isJsonObject, type Json } from "../../core/json.ts";

const FOLDER = import.meta.dirname!;
const SCHEMA_FILE = path.join(FOLDER, "../../docs/actor-system.schema.json");

/** Codes of mistakes that a JSON Schema can see; the others need names, sums or text. */
const SEEN_BY_SCHEMA = new Set([
  "FILE_NOT_OBJECT",
  "UNKNOWN_KEY",
  "MISSING_KEY",
  "WRONG_TYPE",
  "INVALID_NAME",
  "INVALID_MODULE",
  "INVALID_TOPIC",
]);

function compile(): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
  return ajv.compile(systemJsonSchema());
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(path.join(FOLDER, folder))]
    .map((entry) => path.join(FOLDER, folder, entry.name))
    .filter((name) => name.endsWith(".yaml"))
    .sort();
}

function readYaml(file: string): Json | undefined {
  try {
    return parse(Deno.readTextFileSync(file), { version: "1.2", logLevel: "silent" });
  } catch {
    return undefined;
  }
}

Deno.test("docs/actor-system.schema.json is what systemJsonSchema() says", () => {
  const shipped = JSON.parse(Deno.readTextFileSync(SCHEMA_FILE));
  assert.deepEqual(shipped, systemJsonSchema(), "run: deno task schema");
});

Deno.test("the schema accepts every valid system", () => {
  const validate = compile();
  const files = filesIn("valid_systems");
  assert.ok(files.length >= 10, `${files.length} files`);
  for (const file of files) {
    assert.ok(validate(readYaml(file)), `${file}: ${JSON.stringify(validate.errors, null, 1)}`);
  }
});

Deno.test("the schema refuses the wrong systems that a schema can see", () => {
  const validate = compile();
  let seen = 0;
  for (const file of filesIn("invalid_systems")) {
    const { issues } = parseSystem(Deno.readTextFileSync(file), file);
    const isSyntax = issues.some((issue) => /^(YAML_(?!AMB)|NESTING|DANGEROUS)/.test(issue.code));
    const isVisible = issues.some((issue) => SEEN_BY_SCHEMA.has(issue.code));
    const value = readYaml(file);
    if (isSyntax || !isVisible || !isJsonObject(value)) continue;
    assert.equal(validate(value), false, `${file} passes the schema`);
    seen++;
  }
  assert.ok(seen >= 40, `${seen} files`);
});

Deno.test("systemJsonSchema() describes every key of the file and of an actor for editors", () => {
  const { properties } = systemJsonSchema();
  assert.ok(isJsonObject(properties) && isJsonObject(properties.actors));
  const actor = properties.actors.additionalProperties;
  assert.ok(isJsonObject(actor) && isJsonObject(actor.properties));
  for (const [key, schema] of Object.entries({ ...properties, ...actor.properties })) {
    assert.ok(isJsonObject(schema) && typeof schema.description === "string", key);
  }
});
