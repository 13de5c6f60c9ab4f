/**
 * Checks a tree against a shape, and gathers the templates and expressions on the way.
 *
 * @module
 */
import { suggest } from "../core/suggest.ts";
import { wholeExpression } from "../rules/mod.ts";
import { reportType, scalarOf, shorten, warnAmbiguous } from "./parse_describe.ts";
import type { Finding, IssueList } from "./parse_issues.ts";
import { checkJsonSchema } from "./parse_json_schema.ts";
import { checkChoice, checkDuration, checkNumber, checkText } from "./parse_scalars.ts";
import type { MapNode, ScalarNode, TreeNode } from "./parse_tree.ts";
import { type ObjectShape, type Shape, SYNONYMS } from "./shape.ts";

/** Checks `node` and everything in it. `name` is how messages call it. */
export function checkShape(node: TreeNode, shape: Shape, name: string, issues: IssueList): void {
  switch (shape.kind) {
    case "text":
      return checkText(node, shape, name, issues);
    case "duration":
      return checkDuration(node, name, issues);
    case "number":
      return checkNumber(node, shape, name, issues);
    case "boolean":
      if (scalarOf(node)?.value === true || scalarOf(node)?.value === false) return;
      return reportType(node, name, "true or false", "Write true or false, without quotes", issues);
    case "choice":
      return checkChoice(node, shape.of, name, issues);
    case "list":
      return checkList(node, shape, name, issues);
    case "record":
      return checkRecord(node, shape, name, issues);
    case "object":
      return checkObject(node, shape, name, issues);
    case "either":
      return checkShape(node, node.kind === "map" ? shape.long : shape.short, name, issues);
    case "expression":
      return checkExpressionShape(node, shape.constant, name, issues);
    case "template":
      warnAmbiguous(node, issues);
      if (shape.isObject && node.kind !== "map" && !isWholeExpression(node)) {
        reportType(node, name, "an object", "Write entries: { key: value }", issues);
      }
      return;
    case "constants":
      warnAmbiguous(node, issues);
      if (node.kind === "map") return;
      return reportType(node, name, "an object", "Write entries: { key: value }", issues);
    case "jsonSchema":
      return checkJsonSchema(node, name, { isObject: shape.isObject ?? false }, issues);
  }
}

function isWholeExpression(node: TreeNode): boolean {
  if (node.kind !== "scalar" || typeof node.value !== "string") return false;
  try {
    return wholeExpression(node.value) !== null;
  } catch {
    // It is not closed, which is reported with the expressions.
    return true;
  }
}

function checkList(
  node: TreeNode,
  shape: Extract<Shape, { kind: "list" }>,
  name: string,
  issues: IssueList,
): void {
  if (node.kind !== "list") {
    const hint = isItem(node, shape.of)
      ? `Write it as a list: [${node.raw}]`
      : node.kind === "map"
      ? 'Put "- " before each entry'
      : `Write a list: ${shape.example ?? "[a, b]"}`;
    return reportType(node, name, "a list", hint, issues);
  }
  for (const [i, item] of node.items.entries()) {
    checkShape(item, shape.of, `${name}[${i}]`, issues);
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
  issues: IssueList,
): void {
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
  for (const { key, place, value } of node.entries.values()) {
    if (!shape.key.pattern.test(key)) {
      issues.add(place, {
        code: shape.key.code,
        message: `Cannot accept "${shorten(key)}" as a name in ${name}`,
        hint: shape.key.hint,
      });
    }
    checkShape(value, shape.of, `${name}.${key}`, issues);
  }
}

function checkObject(node: TreeNode, shape: ObjectShape, name: string, issues: IssueList): void {
  if (node.kind !== "map") {
    const keys = (shape.oneOf?.keys ?? Object.keys(shape.members)).slice(0, 4).join(", ");
    const isPlain = node.kind === "scalar" && node.value !== null && shape.shorthand !== undefined;
    const hint = isPlain
      ? `Write { ${shape.shorthand}: ${node.raw} }`
      : `Write entries such as ${keys}`;
    return reportType(node, name, "an object", hint, issues);
  }
  const unknown = checkKeys(node, shape, name, issues);
  for (const key of shape.required ?? []) {
    // A misspelt key is one mistake, not two.
    if (node.entries.has(key) || unknown.has(key)) continue;
    issues.add(node, {
      code: "MISSING_KEY",
      message: `Cannot accept ${name}: "${key}" is missing`,
      hint: `Add ${key}: ${EXAMPLES[key] ?? exampleOf(shape.members[key]!)}`,
    });
  }
  if (shape.oneOf !== undefined) checkOneOf(node, shape, name, unknown, issues);
}

/** Checks the members; answers the keys that unknown ones were probably meant to be. */
function checkKeys(
  node: MapNode,
  shape: ObjectShape,
  name: string,
  issues: IssueList,
): Set<string> {
  const meant = new Set<string>();
  const known = Object.keys(shape.members);
  for (const { key, place, value } of node.entries.values()) {
    const member = Object.hasOwn(shape.members, key) ? shape.members[key] : undefined;
    if (member !== undefined) {
      checkShape(value, member, name === "the workflow" ? key : `${name}.${key}`, issues);
      continue;
    }
    const near = nearestKey(key, known);
    if (near !== null) meant.add(near);
    issues.add(place, unknownKey(key, near, known, name));
  }
  return meant;
}

function nearestKey(key: string, known: readonly string[]): string | null {
  const near = suggest(key, known);
  if (near !== null) return near;
  const synonym = Object.hasOwn(SYNONYMS, key) ? SYNONYMS[key]! : null;
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

/** What a beginner may begin with. */
const EXAMPLES: Readonly<Record<string, string>> = {
  agent: "NAME",
  cron: '"0 9 * * 1-5"',
  module: "./agents/NAME.ts",
  name: "my-workflow",
  path: "./inbox",
  scheme: "github",
  secret: "secrets.NAME",
  title: "Publish?",
  topic: "orders.new",
};

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
    case "expression":
      return '"${{ … }}"';
    default:
      return "…";
  }
}

function checkExpressionShape(
  node: TreeNode,
  constant: "boolean" | "list" | undefined,
  name: string,
  issues: IssueList,
): void {
  if (constant === "list" && node.kind === "list") return warnAmbiguous(node, issues);
  const scalar = scalarOf(node);
  if (constant === "boolean" && typeof scalar?.value === "boolean") return;
  if (isWholeExpression(node)) return;
  const wanted = constant === "list" ? "a list or one expression" : "one expression";
  if (typeof scalar?.value !== "string") {
    const hint = constant === "list"
      ? 'Write a list, [a, b], or an expression that yields one: "${{ tasks.ID.output.files }}"'
      : `Write ${constant === "boolean" ? "true, false or " : ""}"\${{ … }}"`;
    return reportType(node, name, wanted, hint, issues);
  }
  const bare = scalar.value.trim();
  issues.add(node, {
    code: "EXPRESSION_EXPECTED",
    message: `Cannot accept ${name}: "${shorten(bare)}" is not one whole expression`,
    hint: bare.includes("${{")
      ? 'Put everything inside one "${{ … }}"'
      : `Write "\${{ ${shorten(bare.replace(/^\$?\{+\s*(.*?)\s*\}+$/s, "$1"))} }}"`,
  });
}
