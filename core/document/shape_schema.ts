/**
 * The JSON Schema of a format, for editors, from the same shapes that files are checked with.
 *
 * @module
 */
import type { JsonObject } from "../json.ts";
import type { ObjectShape, Shape, TextShape } from "./shape.ts";

const DURATION = { type: "string", pattern: "^(\\d+(\\.\\d+)?(ms|s|m|h|d))+$" };

/** The JSON Schema (2020-12) of a whole file. */
export function documentSchema(
  shape: ObjectShape,
  names: { $id: string; title: string },
): JsonObject {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    ...names,
    ...toSchema(shape),
  };
}

function toSchema(shape: Shape): JsonObject {
  const schema = bareSchema(shape);
  return shape.doc ? { description: shape.doc, ...schema } : schema;
}

function bareSchema(shape: Shape): JsonObject {
  switch (shape.kind) {
    case "text":
      return textSchema(shape);
    case "duration":
      return DURATION;
    case "number":
      return {
        type: shape.isInteger ? "integer" : "number",
        minimum: shape.min,
        ...(shape.max !== undefined && { maximum: shape.max }),
      };
    case "boolean":
      return { type: "boolean" };
    case "choice":
      return { enum: [...shape.of] };
    case "list":
      return { type: "array", items: toSchema(shape.of) };
    case "record":
      return {
        type: "object",
        propertyNames: { pattern: shape.key.pattern.source },
        additionalProperties: toSchema(shape.of),
        ...(shape.min !== undefined && { minProperties: shape.min }),
      };
    case "object":
      return objectSchema(shape);
    case "either":
      return { anyOf: [toSchema(shape.short), toSchema(shape.long)] };
    case "special":
      return shape.schema;
    case "constants":
      return { type: "object" };
    case "jsonSchema":
      return { $ref: "https://json-schema.org/draft/2020-12/schema" };
  }
}

function textSchema(shape: TextShape): JsonObject {
  const rule = shape.rule?.pattern.source;
  if (rule === undefined) return { type: "string", minLength: 1 };
  if (!shape.isTemplate) return { type: "string", pattern: rule };
  return { type: "string", anyOf: [{ pattern: rule }, { pattern: "\\$\\{\\{" }] };
}

function objectSchema(shape: ObjectShape): JsonObject {
  const members = Object.entries(shape.members);
  return {
    type: "object",
    properties: Object.fromEntries(members.map(([key, member]) => [key, toSchema(member)])),
    additionalProperties: false,
    ...(shape.required && { required: [...shape.required] }),
    ...(shape.oneOf && { oneOf: shape.oneOf.keys.map((key) => ({ required: [key] })) }),
  };
}
