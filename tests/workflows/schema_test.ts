import * as assert from "node:assert/strict";
import * as path from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { isJsonObject, type Json } from "../../core/json.ts";
import { parseWorkflow, workflowJsonSchema } from "../../workflows/parse.ts";

const FOLDER = import.meta.dirname!;
const SCHEMA_FILE = path.join(FOLDER, "../../docs/workflow.schema.json");

/** Codes of mistakes that a JSON Schema can see; the others need names, order or text. */
const SEEN_BY_SCHEMA = new Set([
  "FILE_NOT_OBJECT",
  "UNKNOWN_KEY",
  "MISSING_KEY",
  "WRONG_TYPE",
  "INVALID_NAME",
  "INVALID_VERSION",
  "INVALID_MODULE",
  "INVALID_ERROR_CODE",
  "TASK_TARGET_MISSING",
  "TASK_TARGET_CONFLICT",
  "INVALID_TRIGGER",
]);

function compile(): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
  return ajv.compile(workflowJsonSchema());
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

Deno.test("docs/workflow.schema.json is what workflowJsonSchema() says", () => {
  const shipped = JSON.parse(Deno.readTextFileSync(SCHEMA_FILE));
  assert.deepEqual(shipped, workflowJsonSchema(), "run: deno run -A tools/schema_page.ts");
});

Deno.test("the schema accepts every valid file", () => {
  const validate = compile();
  const files = filesIn("valid");
  assert.ok(files.length >= 10, `${files.length} files`);
  for (const file of files) {
    assert.ok(validate(readYaml(file)), `${file}: ${JSON.stringify(validate.errors, null, 1)}`);
  }
});

Deno.test("the schema refuses the wrong files that a schema can see", () => {
  const validate = compile();
  let seen = 0;
  for (const file of filesIn("invalid")) {
    const { issues } = parseWorkflow(Deno.readTextFileSync(file), { file });
    const isSyntax = issues.some((issue) => /^(YAML_(?!AMB)|NESTING|DANGEROUS)/.test(issue.code));
    const isVisible = issues.some((issue) => SEEN_BY_SCHEMA.has(issue.code));
    const value = readYaml(file);
    if (isSyntax || !isVisible || !isJsonObject(value)) continue;
    assert.equal(validate(value), false, `${file} passes the schema`);
    seen++;
  }
  assert.ok(seen >= 40, `${seen} files`);
});

Deno.test("workflowJsonSchema() describes every key for editors", () => {
  const properties = workflowJsonSchema().properties;
  assert.ok(isJsonObject(properties));
  for (const [key, schema] of Object.entries(properties)) {
    assert.ok(isJsonObject(schema) && typeof schema.description === "string", key);
  }
});
