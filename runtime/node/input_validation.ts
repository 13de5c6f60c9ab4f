import type { ValidateFunction } from "ajv/dist/2020.js";
import { InvalidInputError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { withPlainEquality } from "../agents/mod.ts";
import type { JsonSchema } from "../../workflows/mod.ts";

/**
 * The run's input with the schema's defaults applied. Keys that the schema does not name are
 * refused unless it sets `additionalProperties`.
 *
 * @throws {InvalidInputError} `INVALID_INPUT` that names every wrong key by JSON pointer
 */
export async function validateInput(
  input: JsonObject,
  schema: JsonSchema | undefined,
): Promise<JsonObject> {
  if (schema === undefined) return input;
  const check = await checkerOf(schema);
  const value = structuredClone(input);
  if (check(value)) return value;
  const problems = (check.errors ?? []).map(describe);
  throw new InvalidInputError("INVALID_INPUT", {
    message: `Input does not fit the workflow: ${
      problems.map((problem) => problem.text).join("; ")
    }`,
    hint:
      "Compare with the workflow's `input:`; `run` takes --input KEY=VALUE or --input-file FILE",
    details: { problems: problems.map(({ pointer, text }) => ({ pointer, message: text })) },
  });
}

type Checker = ValidateFunction<JsonObject>;

/** Compiled once per definition: to compile takes a hundred times as long as to check. */
const checkers = new WeakMap<JsonSchema, Promise<Checker>>();

function checkerOf(schema: JsonSchema): Promise<Checker> {
  let checker = checkers.get(schema);
  if (checker === undefined) checkers.set(schema, checker = compile(schema));
  return checker;
}

async function compile(schema: JsonSchema): Promise<Checker> {
  const { default: Ajv } = await import("ajv/dist/2020.js");
  const ajv = new Ajv.default({ allErrors: true, useDefaults: true, strict: false });
  const isOpen = "additionalProperties" in schema || "unevaluatedProperties" in schema ||
    schema.properties === undefined;
  return withPlainEquality(ajv).compile<JsonObject>(
    isOpen ? schema : { ...schema, additionalProperties: false },
  );
}

function describe(
  error: {
    instancePath: string;
    keyword: string;
    message?: string;
    params: Record<string, unknown>;
  },
): { pointer: string; text: string } {
  const at = error.instancePath || "/";
  const { params } = error;
  if (error.keyword === "required") {
    return { pointer: at, text: `"${params.missingProperty}" is missing` };
  }
  if (error.keyword === "additionalProperties") {
    return { pointer: at, text: `"${params.additionalProperty}" is not an input of this workflow` };
  }
  if (error.keyword === "enum") {
    const allowed = (params.allowedValues as unknown[]).map((value) => JSON.stringify(value));
    return { pointer: at, text: `"${at}" must be one of ${allowed.join(", ")}` };
  }
  return { pointer: at, text: `"${at}" ${error.message}` };
}
