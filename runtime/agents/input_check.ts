/**
 * Checks of inputs by schemas that agents gave, made safe for the node: an agent's schema may be
 * written to hold up whoever checks by it.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { ErrorObject } from "ajv/dist/2020.js";
import {
  canonicalJson,
  isJsonObject,
  isLargerThan,
  type Json,
  type JsonObject,
} from "../../core/json.ts";
import { withPlainEquality } from "./plain_equality.ts";

/** Whether a value fits. */
export interface InputCheck {
  (input: Json): boolean;
  /** The schema's first complaint of a value: `/text is missing`; `null` where it has none. */
  complaint?(input: Json): string | null;
}

/** Checks by hash of their schema: many agents take the same. The least used are forgotten. */
const CHECKS_MAX = 4_096;
/** Parts of a schema; of a larger one only the first are looked at. */
const PARTS_MAX = 1_000;
const DEPTH_MAX = 32;
/** Parts of a schema times values of an input; beyond it the agent alone checks. */
const LOOKS_MAX = 500_000;
/** Of a complaint: it is journalled. */
const COMPLAINT_CHARS = 200;

/** Whose values are taken as they are, if they are of the right type. */
const PLAIN: Readonly<Record<string, (value: Json) => boolean>> = {
  type: (value) => typeof value === "string" || Array.isArray(value),
  const: () => true,
  enum: Array.isArray,
  required: Array.isArray,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isNumber,
  exclusiveMaximum: isNumber,
  minLength: isNumber,
  maxLength: isNumber,
  minItems: isNumber,
  maxItems: isNumber,
  minProperties: isNumber,
  maxProperties: isNumber,
};

/** Compiles checks, each once. */
export class InputChecks {
  readonly #checks = new Map<string, InputCheck>();

  /**
   * A check that takes whatever the schema takes, and some more: what takes a value apart in a way
   * that may not end (patterns, references), and what turns around in meaning when a part of it is
   * left out (`not`, `if`, `oneOf`), is left to the agent, which checks by its own schema anyway.
   */
  async of(schema: JsonObject): Promise<InputCheck> {
    const count = { parts: 0 };
    const loose = loosen(schema, count, 0);
    const key = createHash("sha256").update(canonicalJson(loose)).digest("hex");
    const known = this.#checks.get(key);
    if (known !== undefined) return known;
    const check = await compile(loose, Math.floor(LOOKS_MAX / Math.max(1, count.parts)));
    this.#checks.set(key, check);
    if (this.#checks.size > CHECKS_MAX) this.#checks.delete(this.#checks.keys().next().value!);
    return check;
  }
}

/** A schema that cannot be compiled takes everything. */
async function compile(schema: JsonObject, valuesMax: number): Promise<InputCheck> {
  const { default: Ajv } = await import("ajv/dist/2020.js");
  try {
    const ajv = new Ajv.default({ strict: false, validateFormats: false, logger: false });
    const check = withPlainEquality(ajv).compile(schema);
    const limits = { charsMax: Infinity, valuesMax };
    const accepts: InputCheck = (input) => isLargerThan(input, limits) || check(input) === true;
    accepts.complaint = (input) => accepts(input) ? null : complaintOf(check.errors?.[0]);
    return accepts;
  } catch {
    return () => true;
  }
}

/** Named by what is wrong: a key that is missing by its own pointer. */
function complaintOf(error: ErrorObject | undefined): string | null {
  if (error === undefined) return null;
  const { instancePath, keyword, params, message = "does not fit" } = error;
  const at = (key: string) => `${instancePath}/${key}`;
  const text = keyword === "required"
    ? `${at(params.missingProperty)} is missing`
    : keyword === "additionalProperties"
    ? `${at(params.additionalProperty)} is not known to it`
    : keyword === "enum"
    ? `${instancePath || "/"} must be one of ${JSON.stringify(params.allowedValues).slice(1, -1)}`
    : `${instancePath || "/"} ${message}`;
  return text.length <= COMPLAINT_CHARS ? text : `${text.slice(0, COMPLAINT_CHARS - 1)}…`;
}

/** Keeps the keywords that are known to be harmless. */
function loosen(schema: Json | undefined, count: { parts: number }, depth: number): JsonObject {
  if (!isJsonObject(schema) || depth > DEPTH_MAX || ++count.parts > PARTS_MAX) return {};
  const inner = (part: Json) => typeof part === "boolean" ? part : loosen(part, count, depth + 1);
  const loose: JsonObject = {};
  for (const [key, fits] of Object.entries(PLAIN)) {
    if (!Object.hasOwn(schema, key) || !fits(schema[key]!)) continue;
    const kept = loose[key] = schema[key]!;
    if (Array.isArray(kept)) count.parts += kept.length;
  }
  const { properties, patternProperties, additionalProperties, items, prefixItems } = schema;
  if (isJsonObject(properties)) {
    const parts = Object.entries(properties).map(([name, part]) => [name, inner(part)]);
    loose.properties = Object.fromEntries(parts);
  }
  // What a pattern would have named must not count as additional.
  if (additionalProperties !== undefined && patternProperties === undefined) {
    loose.additionalProperties = inner(additionalProperties);
  }
  if (Array.isArray(prefixItems)) loose.prefixItems = prefixItems.map(inner);
  if (items !== undefined) loose.items = inner(items);
  for (const key of ["anyOf", "allOf"]) {
    const parts = schema[key];
    if (Array.isArray(parts) && parts.length > 0) loose[key] = parts.map(inner);
  }
  return loose;
}

function isNumber(value: Json): boolean {
  return typeof value === "number";
}
