/**
 * Checks a tree against a shape, and gathers the templates and expressions on the way.
 *
 * @module
 */
import { parseDurationMs } from "../core/duration.ts";
import { suggest } from "../core/suggest.ts";
import { wholeExpression } from "../rules/mod.ts";
import type { Finding, IssueList } from "./parse_issues.ts";
import { checkJsonSchema } from "./parse_json_schema.ts";
import type { ListNode, MapNode, ScalarNode, TreeNode } from "./parse_tree.ts";
import { type ObjectShape, type Shape, SYNONYMS, type TextRule, type TextShape } from "./shape.ts";

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

function scalarOf(node: TreeNode): ScalarNode | null {
  return node.kind === "scalar" ? node : null;
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

/** What a node is, for people. */
export function describe(node: TreeNode): string {
  if (node.kind === "list") return "a list";
  if (node.kind === "map") return "an object";
  if (node.value === null) return "empty";
  if (typeof node.value === "string") return `the text "${shorten(node.value)}"`;
  return `${typeof node.value === "number" ? "the number" : "the truth value"} ${node.raw}`;
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

/** Reports that a value is of another type than wanted. */
export function reportType(
  node: TreeNode,
  name: string,
  wanted: string,
  hint: string,
  issues: IssueList,
): void {
  const message = `Cannot accept ${name}: it is ${describe(node)}, but must be ${wanted}`;
  issues.add(node, { code: "WRONG_TYPE", message, hint });
}

function checkText(node: TreeNode, shape: TextShape, name: string, issues: IssueList): void {
  const scalar = scalarOf(node);
  if (typeof scalar?.value !== "string") {
    const hint = scalar === null || scalar.value === null
      ? shape.rule?.hint ?? "Write a text"
      : `Quote it: "${quotable(scalar.raw, shape.rule)}"`;
    return reportType(node, name, "a text", hint, issues);
  }
  warnAmbiguous(node, issues);
  const { value } = scalar;
  if (shape.isTemplate && value.includes("${{")) return;
  if (shape.rule === undefined && shape.check === undefined && value.trim() === "") {
    issues.add(node, {
      code: "INVALID_VALUE",
      message: `Cannot accept ${name}: it is empty`,
      hint: "Write a text, or remove the key",
    });
  }
  checkRule(node, value, name, shape.rule, issues);
  const wrong = shape.check?.(value) ?? null;
  if (wrong !== null) {
    const [message, hint] = wrong.split("; ");
    issues.add(node, {
      code: "INVALID_VALUE",
      message: `Cannot accept ${name} "${shorten(value)}": ${message}`,
      hint: capital(hint ?? "Example: 0 9 * * 1-5 (at nine, Monday to Friday)"),
    });
  }
}

/** A number that YAML made of a text, as the text that was probably meant: 1.0 → 1.0.0. */
function quotable(raw: string, rule: TextRule | undefined): string {
  if (rule?.code !== "INVALID_VERSION") return raw;
  return /^\d+$/.test(raw) ? `${raw}.0.0` : /^\d+\.\d+$/.test(raw) ? `${raw}.0` : raw;
}

function checkRule(
  node: TreeNode,
  value: string,
  name: string,
  rule: TextRule | undefined,
  issues: IssueList,
): void {
  if (rule === undefined || rule.pattern.test(value)) return;
  const noun = /^[aeiou]/.test(rule.noun) ? `an ${rule.noun}` : `a ${rule.noun}`;
  const shown = rule.isSecret ? "it" : `"${shorten(value)}"`;
  const message = value === ""
    ? `Cannot accept ${name}: it is empty`
    : `Cannot accept ${name}: ${shown} is not ${noun}`;
  issues.add(node, { code: rule.code, message, hint: rule.hint });
}

function checkDuration(node: TreeNode, name: string, issues: IssueList): void {
  const scalar = scalarOf(node);
  const hint = "Write a number with a unit: 250ms, 30s, 10m, 2h or 7d";
  if (typeof scalar?.value === "number") {
    const seconds = /^\d+(\.\d+)?$/.test(scalar.raw) ? ` (${scalar.raw}s for seconds)` : "";
    const message = `Cannot accept ${name}: ${scalar.raw} has no unit`;
    return issues.add(node, { code: "INVALID_DURATION", message, hint: hint + seconds });
  }
  if (typeof scalar?.value !== "string") return reportType(node, name, "a duration", hint, issues);
  const durationMs = parseDurationMs(scalar.value);
  if (durationMs !== null && durationMs > 0) return;
  const why = durationMs === 0
    ? "it must be more than nothing"
    : `"${shorten(scalar.value)}" is no duration`;
  issues.add(node, { code: "INVALID_DURATION", message: `Cannot accept ${name}: ${why}`, hint });
}

function checkNumber(
  node: TreeNode,
  shape: Extract<Shape, { kind: "number" }>,
  name: string,
  issues: IssueList,
): void {
  const scalar = scalarOf(node);
  const wanted = shape.isInteger ? "a whole number" : "a number";
  const range = shape.max === undefined || shape.max === Number.MAX_SAFE_INTEGER
    ? `${shape.min} or more`
    : `${shape.min} to ${shape.max}`;
  if (typeof scalar?.value !== "number") {
    const isQuoted = typeof scalar?.value === "string" && /^\d+(\.\d+)?$/.test(scalar.value);
    const hint = isQuoted ? `Remove the quotes: ${scalar.value}` : `Write ${wanted}, ${range}`;
    return reportType(node, name, wanted, hint, issues);
  }
  const { value } = scalar;
  const isFine = value >= shape.min && value <= (shape.max ?? Infinity) &&
    (!shape.isInteger || Number.isInteger(value));
  if (isFine) return;
  issues.add(node, {
    code: "INVALID_VALUE",
    message: `Cannot accept ${name}: ${scalar.raw} is not ${wanted} of ${range}`,
    hint: `Write ${wanted}, ${range}`,
  });
}

function checkChoice(
  node: TreeNode,
  of: readonly string[],
  name: string,
  issues: IssueList,
): void {
  const scalar = scalarOf(node);
  const listed = of.join(", ");
  if (typeof scalar?.value !== "string") {
    return reportType(node, name, `one of ${listed}`, `Write one of ${listed}`, issues);
  }
  if (of.includes(scalar.value)) return;
  const near = suggest(scalar.value, of);
  issues.add(node, {
    code: "INVALID_VALUE",
    message: `Cannot accept ${name}: "${shorten(scalar.value)}" is none of ${listed}`,
    hint: near === null ? `Write one of ${listed}` : `Did you mean "${near}"?`,
  });
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
  for (const [i, item] of (node as ListNode).items.entries()) {
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

/** Plain words and numbers that other YAML readers, or their writers, take for something else. */
export function warnAmbiguous(node: TreeNode, issues: IssueList): void {
  if (node.kind === "list") return node.items.forEach((item) => warnAmbiguous(item, issues));
  if (node.kind === "map") {
    return node.entries.values().forEach(({ value }) => warnAmbiguous(value, issues));
  }
  if (node.style !== "plain") return;
  if (/^(yes|no|on|off)$/i.test(node.raw)) {
    const truth = /^(yes|on)$/i.test(node.raw);
    issues.add(
      node,
      ambiguous(
        `Read ${node.raw} as the text "${node.raw}": YAML 1.2 has no such truth value`,
        `Write ${truth} for a truth value, or quote it: "${node.raw}"`,
      ),
    );
  } else if (/^[-+]?0\d+$/.test(node.raw)) {
    issues.add(
      node,
      ambiguous(
        `Read ${node.raw} as the number ${node.value}: the leading zero is lost`,
        `Quote it to keep it as it stands: "${node.raw}"`,
      ),
    );
  }
}

function ambiguous(message: string, hint: string): Finding {
  return { code: "YAML_AMBIGUOUS", message, hint, severity: "warning" };
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
