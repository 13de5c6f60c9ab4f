/**
 * Shapes of values that hold expressions.
 *
 * @module
 */
import {
  type IssueList,
  reportType,
  scalarOf,
  type Shape,
  shorten,
  type TreeNode,
  warnAmbiguous,
} from "../core/document/mod.ts";
import type { JsonObject } from "../core/json.ts";
import { wholeExpression } from "../rules/mod.ts";

/** One whole expression, with white space around it at most. */
const EXPRESSION = { type: "string", pattern: "^\\s*\\$\\{\\{[\\s\\S]*\\}\\}\\s*$" };

/** A value that an expression may stand for. */
type Constant = "boolean" | "list";

/** CEL in `${{ }}` and nothing around it; `constant` also allows a value of that kind. */
export function expression(doc: string, constant?: Constant): Shape {
  return {
    kind: "special",
    check: (node, name, issues) => checkExpressionShape(node, constant, name, issues),
    schema: expressionSchema(constant),
    example: '"${{ … }}"',
    doc,
  };
}

function expressionSchema(constant: Constant | undefined): JsonObject {
  if (constant === undefined) return EXPRESSION;
  return { anyOf: [EXPRESSION, { type: constant === "list" ? "array" : "boolean" }] };
}

/** Any JSON; strings may hold `${{ }}`. `isObject`: an object, or one whole expression. */
export function template(doc: string, options: { isObject?: boolean } = {}): Shape {
  const isObject = options.isObject ?? false;
  return {
    kind: "special",
    check(node, name, issues) {
      warnAmbiguous(node, issues);
      if (isObject && node.kind !== "map" && !isWholeExpression(node)) {
        reportType(node, name, "an object", "Write entries: { key: value }", issues);
      }
    },
    schema: isObject ? { anyOf: [{ type: "object" }, EXPRESSION] } : {},
    doc,
  };
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

function checkExpressionShape(
  node: TreeNode,
  constant: Constant | undefined,
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
