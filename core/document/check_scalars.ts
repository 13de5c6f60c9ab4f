/**
 * Checks texts, durations, numbers and words against their shapes.
 *
 * @module
 */
import { parseDurationMs } from "../duration.ts";
import { suggest } from "../suggest.ts";
import { reportType, scalarOf, shorten, warnAmbiguous } from "./describe.ts";
import type { IssueList } from "./issue_list.ts";
import type { TreeNode } from "./tree_node.ts";
import type { DurationShape, Shape, TextRule, TextShape } from "./shape.ts";

/** Checks a text against its rule. */
export function checkText(node: TreeNode, shape: TextShape, name: string, issues: IssueList): void {
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
    issues.add(node, {
      code: "INVALID_VALUE",
      message: `Cannot accept ${name} "${shorten(value)}": ${wrong.problem}`,
      hint: wrong.hint,
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

/** Checks a duration. */
export function checkDuration(
  node: TreeNode,
  shape: DurationShape,
  name: string,
  issues: IssueList,
): void {
  const scalar = scalarOf(node);
  const words = shape.words === undefined ? "" : `; or ${shape.words.join(" or ")}`;
  const unit = "Write a number with a unit: 250ms, 30s, 10m, 2h or 7d";
  const hint = unit + words;
  if (typeof scalar?.value === "number") {
    const seconds = /^\d+(\.\d+)?$/.test(scalar.raw) ? ` (${scalar.raw}s for seconds)` : "";
    const message = `Cannot accept ${name}: ${scalar.raw} has no unit`;
    return issues.add(node, { code: "INVALID_DURATION", message, hint: unit + seconds + words });
  }
  if (typeof scalar?.value !== "string") return reportType(node, name, "a duration", hint, issues);
  if (shape.words?.includes(scalar.value)) return;
  const why = findDurationProblem(scalar.value, shape);
  if (why === null) return;
  issues.add(node, { code: "INVALID_DURATION", message: `Cannot accept ${name}: ${why}`, hint });
}

function findDurationProblem(text: string, shape: DurationShape): string | null {
  const durationMs = parseDurationMs(text);
  if (durationMs === null) return `"${shorten(text)}" is no duration`;
  if (durationMs === 0 && !shape.isZeroAllowed) return "it must be more than nothing";
  const isTooLong = shape.max !== undefined && durationMs > parseDurationMs(shape.max)!;
  return isTooLong ? `"${text}" is longer than ${shape.max}` : null;
}

/** Checks a number and its range. */
export function checkNumber(
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

/** Checks one of several words. */
export function checkChoice(
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
