import type { Json, JsonObject } from "../../core/json.ts";
import type { JsonSchema } from "../../workflows/mod.ts";

/** Whether a value fits. */
export type InputCheck = (input: Json) => boolean;

/** Makes a check of a schema that an agent gave. */
export type CompileCheck = (schema: JsonSchema) => InputCheck;

/** Asks for more than the node will do for an agent: an expression may take for ever. */
const UNTRUSTED = new Set(["pattern", "patternProperties", "format", "$ref", "$dynamicRef"]);

/**
 * Checks of inputs by schemas that come from agents. They take whatever the agent's own schema takes,
 * and some more: what could hold the node up is left to the agent.
 *
 * @param isNeeded else nothing is loaded: the library takes a while
 */
export async function loadCompiler(isNeeded: boolean): Promise<CompileCheck> {
  if (!isNeeded) return () => () => true;
  const { default: Ajv } = await import("ajv/dist/2020.js");
  const checks = new WeakMap<JsonSchema, InputCheck>();
  return (schema) =>
    checks.getOrInsertComputed(schema, () => {
      const ajv = new Ajv.default({ strict: false, validateFormats: false });
      const check = ajv.compile(withoutUntrusted(schema) as JsonObject);
      return (input) => check(input) === true;
    });
}

/** Keywords are taken out at every depth, names of properties are not. */
function withoutUntrusted(schema: Json, isNames = false): Json {
  if (Array.isArray(schema)) return schema.map((item) => withoutUntrusted(item));
  if (typeof schema !== "object" || schema === null) return schema;
  const kept = Object.entries(schema)
    .filter(([key]) => isNames || !UNTRUSTED.has(key))
    .map(([key, value]) => [key, withoutUntrusted(value, !isNames && key === "properties")]);
  return Object.fromEntries(kept);
}
