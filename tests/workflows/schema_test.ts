import * as assert from "node:assert/strict";
import * as path from "node:path";
import { isJsonObject } from "../../core/json.ts";
import { workflowJsonSchema } from "../../workflows/parse.ts";
import { testSchema } from "../document_kit.ts";
import { WORKFLOWS } from "./workflow_files.ts";

const SCHEMA_FILE = path.join(import.meta.dirname!, "../../docs/workflow.schema.json");

/** Codes of mistakes that a JSON Schema can see; the others need names, order or text. */
const SEEN_BY_SCHEMA = [
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
];

Deno.test("docs/workflow.schema.json is what workflowJsonSchema() says", () => {
  const shipped = JSON.parse(Deno.readTextFileSync(SCHEMA_FILE));
  assert.deepEqual(shipped, workflowJsonSchema(), "run: deno run -A tools/schema_page.ts");
});

testSchema(WORKFLOWS, workflowJsonSchema(), SEEN_BY_SCHEMA);

Deno.test("workflowJsonSchema() describes every key for editors", () => {
  const properties = workflowJsonSchema().properties;
  assert.ok(isJsonObject(properties));
  for (const [key, schema] of Object.entries(properties)) {
    assert.ok(isJsonObject(schema) && typeof schema.description === "string", key);
  }
});
