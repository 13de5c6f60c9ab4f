/**
 * What a form needs to know of a JSON Schema (2020-12): which control each place takes, what it
 * begins with, and what is missing. Places that no control fits are written as JSON.
 *
 * @module
 */

import type { Json, JsonObject } from "../../../../core/json.ts";

/** A schema as far as forms look at it. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  default?: Json;
  examples?: Json[];
  enum?: Json[];
  const?: Json;
  format?: string;
  properties?: Record<string, Schema | boolean>;
  required?: string[];
  items?: Schema | boolean;
  prefixItems?: unknown[];
  minItems?: number;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  multipleOf?: number;
  $defs?: Record<string, Schema | boolean>;
  definitions?: Record<string, Schema | boolean>;
  [keyword: string]: unknown;
}

/** How a place is filled in. */
export type Shape =
  | { kind: "text"; isLong: boolean }
  | { kind: "number"; isInteger: boolean }
  | { kind: "boolean" }
  | { kind: "choice"; options: Json[] }
  | { kind: "list"; items: Schema }
  | { kind: "object"; properties: [name: string, schema: Schema, isRequired: boolean][] }
  | { kind: "json" };

const LONG_TEXT = 200;
const REFS_MAX = 20;
/** Keywords that say more than a control can offer. */
const COMPLEX = ["oneOf", "anyOf", "allOf", "if", "not", "prefixItems", "patternProperties"];

/** The schema with its reference into `root` followed. */
export function resolveSchema(schema: Schema | boolean | undefined, root: Schema): Schema {
  let found = schema;
  for (let turn = 0; turn < REFS_MAX; turn++) {
    if (typeof found !== "object" || found === null) return {};
    if (found.$ref === undefined) return found;
    const { $ref, ...own } = found;
    const target = lookUp(root, $ref);
    if (target === null) return own;
    found = { ...target, ...own };
  }
  return {};
}

function lookUp(root: Schema, ref: string): Schema | null {
  if (ref !== "#" && !ref.startsWith("#/")) return null;
  let place: unknown = root;
  for (const part of ref.split("/").slice(1)) {
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof place !== "object" || place === null || !Object.hasOwn(place, key)) return null;
    place = (place as Record<string, unknown>)[key];
  }
  return typeof place === "object" && place !== null ? place as Schema : null;
}

/** Which control a place takes. The schema has no reference of its own any more. */
export function shapeOf(schema: Schema, root: Schema): Shape {
  if (schema.const !== undefined) return { kind: "choice", options: [schema.const] };
  if (schema.enum !== undefined) return { kind: "choice", options: schema.enum };
  if (COMPLEX.some((keyword) => schema[keyword] !== undefined)) return { kind: "json" };
  switch (typeOf(schema)) {
    case "string":
      return { kind: "text", isLong: isLong(schema) };
    case "integer":
      return { kind: "number", isInteger: true };
    case "number":
      return { kind: "number", isInteger: false };
    case "boolean":
      return { kind: "boolean" };
    case "array":
      return schema.items === undefined || typeof schema.items === "boolean"
        ? { kind: "json" }
        : { kind: "list", items: resolveSchema(schema.items, root) };
    case "object":
      return objectShape(schema, root);
    default:
      return { kind: "json" };
  }
}

/** `null` beside one type means that the place may stay empty. */
function typeOf(schema: Schema): string | undefined {
  if (typeof schema.type === "string") return schema.type;
  const types = schema.type?.filter((type) => type !== "null") ?? [];
  if (types.length > 0) return types.length === 1 ? types[0] : undefined;
  if (schema.properties !== undefined) return "object";
  return schema.items !== undefined ? "array" : undefined;
}

function isLong(schema: Schema): boolean {
  return (schema.maxLength ?? 0) > LONG_TEXT || schema.format === "multiline" ||
    String(schema.default ?? "").includes("\n");
}

function objectShape(schema: Schema, root: Schema): Shape {
  const { properties = {}, required = [] } = schema;
  // Names that are not known beforehand cannot be offered.
  if (Object.keys(properties).length === 0) return { kind: "json" };
  return {
    kind: "object",
    properties: Object.entries(properties).map(([name, property]) => [
      name,
      resolveSchema(property, root),
      required.includes(name),
    ]),
  };
}

/** What a place begins with: the schema's default, and those of what it is made of. */
export function initialValue(schema: Schema, root: Schema, depth = 0): Json | undefined {
  if (schema.default !== undefined) return structuredClone(schema.default);
  if (schema.const !== undefined) return structuredClone(schema.const);
  const shape = shapeOf(schema, root);
  // A schema may hold itself.
  if (shape.kind !== "object" || depth > 8) return undefined;
  const entries = shape.properties
    .map(([name, property]) => [name, initialValue(property, root, depth + 1)] as const)
    .filter((entry): entry is readonly [string, Json] => entry[1] !== undefined);
  return entries.length === 0 && depth > 0 ? undefined : Object.fromEntries(entries);
}

/** Places that must be filled in and are not, by JSON pointer. */
export function findMissing(
  value: Json | undefined,
  schema: Schema,
  root: Schema,
  pointer = "",
): string[] {
  const shape = shapeOf(schema, root);
  if (shape.kind === "list" && Array.isArray(value)) {
    return value.flatMap((item, index) =>
      findMissing(item, shape.items, root, `${pointer}/${index}`)
    );
  }
  if (shape.kind !== "object" || !isObject(value)) return [];
  return shape.properties.flatMap(([name, property, isRequired]) => {
    const at = `${pointer}/${escapePointer(name)}`;
    if (value[name] === undefined) return isRequired ? [at] : [];
    return findMissing(value[name], property, root, at);
  });
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member's name as a part of a JSON pointer (RFC 6901). */
export function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** `fooBar_baz` as a label: `Foo bar baz`. */
export function labelOf(name: string, schema: Schema): string {
  if (schema.title) return schema.title;
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
}
