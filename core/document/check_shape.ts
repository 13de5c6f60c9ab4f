/**
 * Checks a tree against a shape, each mistake where it stands.
 *
 * @module
 */
import { suggest } from "../suggest.ts";
import { checkJsonSchema } from "./check_json_schema.ts";
import { checkChoice, checkDuration, checkNumber, checkText } from "./check_scalars.ts";
import { reportType, scalarOf, shorten, warnAmbiguous } from "./describe.ts";
import type { Finding, IssueList } from "./issue_list.ts";
import type { MapNode, ScalarNode, TreeNode } from "./tree_node.ts";
import type { ObjectShape, Shape, VariantShape } from "./shape.ts";

/** What a kind of file may hold. */
export interface DocumentFormat {
  /** The whole file. */
  shape: ObjectShape;
  /** Spellings of other tools, and what they are called here. */
  synonyms: Readonly<Record<string, string>>;
}

/** Checks a whole file against its format. */
export function checkDocument(root: MapNode, format: DocumentFormat, issues: IssueList): void {
  const context = { issues, synonyms: format.synonyms };
  checkShape(root, format.shape, `the ${format.shape.noun}`, context);
}

interface Context {
  issues: IssueList;
  synonyms: DocumentFormat["synonyms"];
}

/** Checks `node` and everything in it. `name` is how messages call it. */
function checkShape(node: TreeNode, shape: Shape, name: string, context: Context): void {
  const { issues } = context;
  switch (shape.kind) {
    case "text":
      return checkText(node, shape, name, issues);
    case "duration":
      return checkDuration(node, shape, name, issues);
    case "number":
      return checkNumber(node, shape, name, issues);
    case "boolean":
      if (scalarOf(node)?.value === true || scalarOf(node)?.value === false) return;
      return reportType(node, name, "true or false", "Write true or false, without quotes", issues);
    case "choice":
      return checkChoice(node, shape.of, name, issues);
    case "list":
      return checkList(node, shape, name, context);
    case "record":
      return checkRecord(node, shape, name, context);
    case "object":
      return checkObject(node, shape, name, context);
    case "either":
      return checkShape(node, node.kind === "scalar" ? shape.short : shape.long, name, context);
    case "variant":
      return checkVariant(node, shape, name, context);
    case "reference":
      return checkShape(node, shape.of(), name, context);
    case "special":
      return shape.check(node, name, issues);
    case "constants":
      warnAmbiguous(node, issues);
      if (node.kind === "map") return;
      return reportType(node, name, "an object", "Write entries: { key: value }", issues);
    case "jsonSchema":
      return checkJsonSchema(node, name, { isObject: shape.isObject ?? false }, issues);
  }
}

function checkList(
  node: TreeNode,
  shape: Extract<Shape, { kind: "list" }>,
  name: string,
  context: Context,
): void {
  if (node.kind !== "list") {
    const hint = isItem(node, shape.of)
      ? `Write it as a list: [${node.raw}]`
      : node.kind === "map"
      ? 'Put "- " before each entry'
      : `Write a list: ${shape.example ?? "[a, b]"}`;
    return reportType(node, name, "a list", hint, context.issues);
  }
  for (const [i, item] of node.items.entries()) {
    checkShape(item, shape.of, `${name}[${i}]`, context);
  }
}

/** Whether a value would be fine as an item of the list that it is not. */
function isItem(node: TreeNode, of: Shape): node is ScalarNode {
  return node.kind === "scalar" && typeof node.value === "string" && of.kind === "text" &&
    (of.rule?.pattern.test(node.value) ?? true);
}

function checkRecord(
  node: TreeNode,
  shape: Extract<Shape, { kind: "record" }>,
  name: string,
  context: Context,
): void {
  const { issues } = context;
  if (node.kind !== "map") {
    const hint = node.kind === "list"
      ? `Write entries by name instead of a list: ${name}: { my-name: { … } }`
      : "Write entries: my-name: { … }";
    return reportType(node, name, "an object", hint, issues);
  }
  if (node.entries.size < (shape.min ?? 0)) {
    issues.add(node, {
      code: "MISSING_KEY",
      message: `Cannot accept ${name}: it has no entry`,
      hint: "Write at least one",
    });
  }
  if (shape.max !== undefined && node.entries.size > shape.max) {
    issues.add(node, {
      code: "INVALID_VALUE",
      message: `Cannot accept ${name}: it has ${node.entries.size} entries, more than ${shape.max}`,
      hint: "Spread them over several files",
    });
  }
  for (const { key, place, value } of node.entries.values()) {
    if (!shape.key.pattern.test(key)) {
      issues.add(place, {
        code: shape.key.code,
        message: `Cannot accept "${shorten(key)}" as a name in ${name}`,
        hint: shape.key.hint,
      });
    }
    checkShape(value, shape.of, `${name}.${key}`, context);
  }
}

function checkObject(node: TreeNode, shape: ObjectShape, name: string, context: Context): void {
  const { issues } = context;
  if (node.kind !== "map") {
    const keys = (shape.oneOf?.keys ?? Object.keys(shape.members)).slice(0, 4).join(", ");
    const hint = isShorthand(node, shape)
      ? `Write { ${shape.shorthand}: ${node.raw} }`
      : `Write entries such as ${keys}`;
    return reportType(node, name, "an object", hint, issues);
  }
  const unknown = checkKeys(node, shape, name, context);
  for (const key of shape.required ?? []) {
    // A misspelt key is one mistake, not two; with a merge key it may be in what was to be merged.
    if (node.entries.has(key) || unknown.has(key) || node.entries.has("<<")) continue;
    issues.add(node, {
      code: "MISSING_KEY",
      message: `Cannot accept ${name}: "${key}" is missing`,
      hint: `Add ${key}: ${exampleOf(shape.members[key]!)}`,
    });
  }
  if (shape.oneOf !== undefined) checkOneOf(node, shape, name, unknown, issues);
}

/** Whether a plain value was probably meant for the member that a beginner thinks of first. */
function isShorthand(node: TreeNode, shape: ObjectShape): node is ScalarNode {
  if (node.kind !== "scalar" || node.value === null || shape.shorthand === undefined) return false;
  const isNumber = shape.members[shape.shorthand]!.kind === "number";
  return !isNumber || typeof node.value === "number";
}

/** Checks the members; answers the keys that unknown ones were probably meant to be. */
function checkKeys(
  node: MapNode,
  shape: ObjectShape,
  name: string,
  context: Context,
): Set<string> {
  const meant = new Set<string>();
  const known = Object.keys(shape.members);
  for (const { key, place, value } of node.entries.values()) {
    const member = Object.hasOwn(shape.members, key) ? shape.members[key] : undefined;
    if (member !== undefined) {
      checkShape(value, member, node.pointer === "" ? key : `${name}.${key}`, context);
      continue;
    }
    const near = nearestKey(key, known, context.synonyms);
    if (near !== null) meant.add(near);
    context.issues.add(place, unknownKey(key, near, known, name));
  }
  return meant;
}

function nearestKey(
  key: string,
  known: readonly string[],
  synonyms: Context["synonyms"],
): string | null {
  const near = suggest(key, known);
  if (near !== null) return near;
  const synonym = Object.hasOwn(synonyms, key) ? synonyms[key]! : null;
  return synonym !== null && known.includes(synonym) ? synonym : null;
}

function unknownKey(
  key: string,
  near: string | null,
  known: readonly string[],
  name: string,
): Finding {
  const message = `Cannot accept the key "${shorten(key)}" in ${name}`;
  if (key === "<<") {
    return {
      code: "UNKNOWN_KEY",
      message,
      hint: "Merge keys (<<) are not part of YAML 1.2: write the entries out",
    };
  }
  const hint = near === null ? `Known keys: ${known.join(", ")}` : `Did you mean "${near}"?`;
  return { code: "UNKNOWN_KEY", message, hint };
}

function checkOneOf(
  node: MapNode,
  shape: ObjectShape,
  name: string,
  meant: ReadonlySet<string>,
  issues: IssueList,
): void {
  const oneOf = shape.oneOf!;
  const known = new Set(Object.keys(shape.members));
  const present = oneOf.keys.filter((key) => node.entries.has(key));
  const listed = oneOf.keys.join(", ");
  const isForeign = node.entries.size > 0 &&
    node.entries.values().every(({ key }) => !known.has(key));
  if (present.length === 0 && !isForeign && !oneOf.keys.some((key) => meant.has(key))) {
    issues.add(node, {
      code: oneOf.missing,
      message: `Cannot accept ${name}: it does not say ${oneOf.purpose}`,
      hint: `Add one of ${listed}`,
    });
  }
  if (present.length > 1) {
    issues.add(node.entries.get(present[1]!)!.place, {
      code: oneOf.conflict,
      message: `Cannot accept ${name}: it has ${
        present.map((key) => `"${key}"`).join(" and ")
      }, but only one may be there`,
      hint: `Keep one of ${listed}`,
    });
  }
}

function checkVariant(
  node: TreeNode,
  shape: VariantShape,
  name: string,
  context: Context,
): void {
  const { issues } = context;
  const tags = Object.keys(shape.of);
  const listed = tags.join(", ");
  if (node.kind !== "map") {
    return reportType(node, name, "an object", `Write entries such as ${listed}`, issues);
  }
  const present = tags.filter((tag) => node.entries.has(tag));
  // A misspelt key counts as the one that was meant.
  const tag = present[0] ??
    [...node.entries.keys()].map((key) => nearestKey(key, tags, context.synonyms))
      .find((near) => near !== null);
  if (tag === undefined) {
    return issues.add(node, {
      code: "MISSING_KEY",
      message: `Cannot accept ${name}: it does not say ${shape.purpose}`,
      hint: `Add one of ${listed}`,
    });
  }
  if (present.length > 1) {
    return issues.add(node.entries.get(present[1]!)!.place, {
      code: "INVALID_COMBINATION",
      message: `Cannot accept ${name}: it has ${
        present.map((key) => `"${key}"`).join(" and ")
      }, but only one may be there`,
      hint: `Keep one of ${listed}`,
    });
  }
  checkObject(node, shape.of[tag]!, name, context);
}

function exampleOf(shape: Shape): string {
  switch (shape.kind) {
    case "duration":
      return "30s";
    case "list":
      return "[…]";
    case "record":
    case "object":
      return "{ … }";
    case "choice":
      return shape.of[0]!;
    case "text":
    case "number":
    case "special":
      return shape.example ?? "…";
    default:
      return "…";
  }
}
