/**
 * Checks that a JSON Schema (2020-12) is one: known keywords with values of the right kind. Whether
 * data fit it is another matter, and another module's.
 *
 * @module
 */
import { suggest } from "../suggest.ts";
import type { IssueList } from "./issue_list.ts";
import { describe, reportType } from "./describe.ts";
import type { MapEntry, TreeNode } from "./tree_node.ts";

const TYPES = ["string", "number", "integer", "boolean", "array", "object", "null"];

type Kind =
  | "schema"
  | "schemaList"
  | "schemaMap"
  | "count"
  | "number"
  | "positive"
  | "boolean"
  | "text"
  | "texts"
  | "pattern"
  | "list"
  | "type"
  | "any"
  | "object";

const KEYWORDS: Record<string, Kind> = {
  $id: "text",
  $schema: "text",
  $ref: "text",
  $anchor: "text",
  $dynamicRef: "text",
  $dynamicAnchor: "text",
  $comment: "text",
  $defs: "schemaMap",
  $vocabulary: "object",
  type: "type",
  enum: "list",
  const: "any",
  multipleOf: "positive",
  maximum: "number",
  exclusiveMaximum: "number",
  minimum: "number",
  exclusiveMinimum: "number",
  maxLength: "count",
  minLength: "count",
  pattern: "pattern",
  maxItems: "count",
  minItems: "count",
  uniqueItems: "boolean",
  maxContains: "count",
  minContains: "count",
  maxProperties: "count",
  minProperties: "count",
  required: "texts",
  dependentRequired: "object",
  allOf: "schemaList",
  anyOf: "schemaList",
  oneOf: "schemaList",
  not: "schema",
  if: "schema",
  then: "schema",
  else: "schema",
  dependentSchemas: "schemaMap",
  prefixItems: "schemaList",
  items: "schema",
  contains: "schema",
  properties: "schemaMap",
  patternProperties: "schemaMap",
  additionalProperties: "schema",
  propertyNames: "schema",
  unevaluatedItems: "schema",
  unevaluatedProperties: "schema",
  format: "text",
  contentEncoding: "text",
  contentMediaType: "text",
  contentSchema: "schema",
  title: "text",
  description: "text",
  default: "any",
  deprecated: "boolean",
  readOnly: "boolean",
  writeOnly: "boolean",
  examples: "list",
};

/** Checks a schema; with `isObject`, its own type must be `object`. */
export function checkJsonSchema(
  node: TreeNode,
  name: string,
  options: { isObject: boolean },
  issues: IssueList,
): void {
  if (node.kind === "scalar" && typeof node.value === "boolean" && !options.isObject) return;
  if (node.kind !== "map") {
    const hint = "Write a JSON Schema: { type: object, properties: { path: { type: string } } }";
    return reportType(node, name, "a JSON Schema", hint, issues);
  }
  if (options.isObject && !checkRootType(node.entries, node, name, issues)) return;
  for (const entry of node.entries.values()) checkKeyword(entry, name, issues);
  checkRequired(node.entries, name, issues);
}

/** Whether the rest is worth a look. */
function checkRootType(
  entries: ReadonlyMap<string, MapEntry>,
  node: TreeNode,
  name: string,
  issues: IssueList,
): boolean {
  const type = entries.get("type")?.value;
  if (type?.kind === "scalar" && type.value === "object") return true;
  if (
    type === undefined &&
    ["properties", "$ref", "allOf", "anyOf", "oneOf"].some((key) => entries.has(key))
  ) {
    return true;
  }
  const isForgotten = type === undefined && ![...entries.keys()].some((key) => key in KEYWORDS);
  issues.add(type ?? node, {
    code: "INVALID_SCHEMA",
    message: isForgotten
      ? `Cannot accept ${name}: it names values, but must be a JSON Schema`
      : `Cannot accept ${name}: its type must be object${
        type === undefined ? "" : `, not ${describe(type)}`
      }`,
    hint: isForgotten
      ? `Write ${name}: { type: object, properties: { ${
        [...entries.keys()][0] ?? "path"
      }: { type: string } } }`
      : "Write type: object, and the values under properties:",
  });
  return false;
}

function checkKeyword({ key, place, value }: MapEntry, name: string, issues: IssueList): void {
  const kind = Object.hasOwn(KEYWORDS, key) ? KEYWORDS[key] : undefined;
  if (kind === undefined) {
    if (key.startsWith("x-")) return;
    const near = suggest(key, Object.keys(KEYWORDS));
    issues.add(place, {
      code: "INVALID_SCHEMA",
      message: `Cannot accept "${key}" in ${name}: JSON Schema has no such keyword`,
      hint: near === null ? "Put names of values under properties:" : `Did you mean "${near}"?`,
    });
    return;
  }
  checkKind(value, kind, `${name}.${key}`, issues);
}

function checkKind(node: TreeNode, kind: Kind, name: string, issues: IssueList): void {
  switch (kind) {
    case "schema":
      return checkJsonSchema(node, name, { isObject: false }, issues);
    case "schemaList":
      return checkEach(
        node,
        name,
        issues,
        (item, at) => checkJsonSchema(item, at, { isObject: false }, issues),
      );
    case "schemaMap":
      return checkSchemaMap(node, name, issues);
    case "texts":
      return checkEach(node, name, issues, (item, at) => checkScalar(item, "text", at, issues));
    case "list":
      return checkEach(node, name, issues, () => {});
    case "type":
      return checkType(node, name, issues);
    case "any":
      return;
    case "object":
      if (node.kind !== "map") wrong(node, name, "an object", issues);
      return;
    default:
      return checkScalar(node, kind, name, issues);
  }
}

function checkEach(
  node: TreeNode,
  name: string,
  issues: IssueList,
  check: (item: TreeNode, name: string) => void,
): void {
  if (node.kind !== "list") return wrong(node, name, "a list", issues);
  node.items.forEach((item, i) => check(item, `${name}[${i}]`));
}

function checkSchemaMap(node: TreeNode, name: string, issues: IssueList): void {
  if (node.kind !== "map") return wrong(node, name, "an object of schemas", issues);
  for (const { key, value } of node.entries.values()) {
    if (value.kind === "scalar" && typeof value.value === "string" && TYPES.includes(value.value)) {
      issues.add(value, {
        code: "INVALID_SCHEMA",
        message: `Cannot accept ${name}.${key}: it must be a schema, not ${describe(value)}`,
        hint: `Write ${key}: { type: ${value.value} }`,
      });
    } else checkJsonSchema(value, `${name}.${key}`, { isObject: false }, issues);
  }
}

function checkScalar(node: TreeNode, kind: Kind, name: string, issues: IssueList): void {
  const value = node.kind === "scalar" ? node.value : undefined;
  switch (kind) {
    case "text":
      return typeof value === "string" ? undefined : wrong(node, name, "a text", issues);
    case "boolean":
      return typeof value === "boolean" ? undefined : wrong(node, name, "true or false", issues);
    case "number":
      return typeof value === "number" ? undefined : wrong(node, name, "a number", issues);
    case "positive":
      return typeof value === "number" && value > 0
        ? undefined
        : wrong(node, name, "a number above 0", issues);
    case "count":
      return Number.isInteger(value) && Number(value) >= 0
        ? undefined
        : wrong(node, name, "a whole number, 0 or more", issues);
    case "pattern":
      if (typeof value !== "string") return wrong(node, name, "a regular expression", issues);
      if (!isRegExp(value)) wrong(node, name, "a regular expression", issues);
  }
}

function isRegExp(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}

function checkType(node: TreeNode, name: string, issues: IssueList): void {
  if (node.kind === "list") return node.items.forEach((item) => checkType(item, name, issues));
  const value = node.kind === "scalar" ? node.value : undefined;
  if (typeof value === "string" && TYPES.includes(value)) return;
  const near = typeof value === "string" ? suggest(value, TYPES) ?? FOREIGN_TYPES[value] : "null";
  issues.add(node, {
    code: "INVALID_SCHEMA",
    message: `Cannot accept ${name}: ${describe(node)} is no type`,
    hint: near === undefined
      ? `Write one of ${TYPES.join(", ")}`
      : value === null
      ? 'Write a type such as string; "null" needs quotes'
      : `Did you mean "${near}"?`,
  });
}

const FOREIGN_TYPES: Record<string, string> = {
  bool: "boolean",
  int: "integer",
  float: "number",
  double: "number",
  text: "string",
  str: "string",
  list: "array",
  map: "object",
  dict: "object",
};

/** Required names that are not described are nearly always misspelt. */
function checkRequired(
  entries: ReadonlyMap<string, MapEntry>,
  name: string,
  issues: IssueList,
): void {
  const properties = entries.get("properties")?.value;
  const required = entries.get("required")?.value;
  if (properties?.kind !== "map" || required?.kind !== "list") return;
  const known = [...properties.entries.keys()];
  for (const item of required.items) {
    const value = item.kind === "scalar" ? item.value : undefined;
    if (typeof value !== "string" || known.includes(value)) continue;
    const near = suggest(value, known);
    issues.add(item, {
      code: "INVALID_SCHEMA",
      message: `Cannot find "${value}" among the properties of ${name}, but it is required`,
      hint: near === null
        ? `Add it under properties: ${value}: { type: string }`
        : `Did you mean "${near}"?`,
      severity: "warning",
    });
  }
}

function wrong(node: TreeNode, name: string, wanted: string, issues: IssueList): void {
  issues.add(node, {
    code: "INVALID_SCHEMA",
    message: `Cannot accept ${name}: it is ${describe(node)}, but must be ${wanted}`,
    hint: `Write ${wanted}`,
  });
}
