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
  const writer = new SchemaWriter();
  const schema = writer.write(shape);
  const definitions = Object.fromEntries(writer.definitions);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    ...names,
    ...schema,
    ...(writer.definitions.size > 0 && { $defs: definitions }),
  };
}

class SchemaWriter {
  /** Shapes with a name; one is there, still empty, as soon as it is begun. */
  readonly definitions = new Map<string, JsonObject>();

  write(shape: Shape): JsonObject {
    const schema = this.#writeBare(shape);
    return shape.kind !== "reference" && shape.doc ? { description: shape.doc, ...schema } : schema;
  }

  #writeBare(shape: Shape): JsonObject {
    switch (shape.kind) {
      case "text":
        return textSchema(shape);
      case "duration":
        return shape.words === undefined
          ? DURATION
          : { anyOf: [DURATION, { enum: [...shape.words] }] };
      case "number":
        return numberSchema(shape);
      case "boolean":
        return { type: "boolean" };
      case "choice":
        return { enum: [...shape.of] };
      case "list":
        return { type: "array", items: this.write(shape.of) };
      case "record":
        return this.#writeRecord(shape);
      case "object":
        return this.#writeObject(shape);
      case "either":
        return { anyOf: [this.write(shape.short), this.write(shape.long)] };
      case "variant":
        return { oneOf: Object.values(shape.of).map((one) => this.write(one)) };
      case "reference":
        return this.#refer(shape.name, shape.of);
      case "special":
        return shape.schema;
      case "constants":
        return { type: "object" };
      case "jsonSchema":
        return { $ref: "https://json-schema.org/draft/2020-12/schema" };
    }
  }

  #writeRecord(shape: Extract<Shape, { kind: "record" }>): JsonObject {
    return {
      type: "object",
      propertyNames: { pattern: shape.key.pattern.source },
      additionalProperties: this.write(shape.of),
      ...(shape.min !== undefined && { minProperties: shape.min }),
      ...(shape.max !== undefined && { maxProperties: shape.max }),
    };
  }

  #writeObject(shape: ObjectShape): JsonObject {
    const members = Object.entries(shape.members);
    return {
      type: "object",
      properties: Object.fromEntries(members.map(([key, member]) => [key, this.write(member)])),
      additionalProperties: false,
      ...(shape.required && { required: [...shape.required] }),
      ...(shape.oneOf && { oneOf: shape.oneOf.keys.map((key) => ({ required: [key] })) }),
    };
  }

  #refer(name: string, of: () => Shape): JsonObject {
    if (!this.definitions.has(name)) {
      this.definitions.set(name, {});
      this.definitions.set(name, this.write(of()));
    }
    return { $ref: `#/$defs/${name}` };
  }
}

function numberSchema(shape: Extract<Shape, { kind: "number" }>): JsonObject {
  return {
    type: shape.isInteger ? "integer" : "number",
    minimum: shape.min,
    ...(shape.max !== undefined && { maximum: shape.max }),
  };
}

function textSchema(shape: TextShape): JsonObject {
  const rule = shape.rule?.pattern.source;
  if (rule === undefined) return { type: "string", minLength: 1 };
  if (!shape.isTemplate) return { type: "string", pattern: rule };
  return { type: "string", anyOf: [{ pattern: rule }, { pattern: "\\$\\{\\{" }] };
}
