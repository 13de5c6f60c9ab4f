/**
 * Finds every expression of a file and says what it may name there.
 *
 * @module
 */
import {
  entriesOf,
  itemsOf,
  type MapEntry,
  memberOf,
  textOf,
  type TreeNode,
} from "../core/document/mod.ts";
import { compileExpression, wholeExpression } from "../rules/mod.ts";
import { checkTemplate } from "./parse_expressions.ts";
import type { FileContext } from "./parse_site.ts";
import { type Scope, START_NAMES, taskNames } from "./parse_scope.ts";

/** Checks all expressions of a file. */
export function checkExpressions(file: FileContext): void {
  const { root } = file;
  for (const { key, value } of entriesOf(memberOf(root, "agents"))) {
    const where = `the permissions of ${key}`;
    checkTemplate(memberOf(value, "permissions"), { where, names: START_NAMES }, file);
  }
  for (const trigger of itemsOf(memberOf(root, "on"))) checkTrigger(trigger, file);
  for (const entry of entriesOf(memberOf(root, "tasks"))) checkTask(entry, file);
  const output = { where: "output", names: taskNames() };
  checkTemplate(memberOf(root, "output"), output, file);
  refuseConstantTemplates(root, file);
}

function checkTrigger(trigger: TreeNode, file: FileContext): void {
  for (const { key, value } of entriesOf(trigger)) {
    const names = new Set(["event", "vars"]);
    const scope: Scope = { where: `the "if" of a trigger`, names, wanted: "truth value" };
    checkTemplate(memberOf(value, "if"), scope, file);
    if (key !== "webhook") continue;
    const secret = { where: "a signature", names: new Set(["secrets"]) };
    checkTemplate(memberOf(value, "signature"), secret, file);
  }
}

function checkTask({ key, value }: MapEntry, file: FileContext): void {
  const item = memberOf(value, "forEach") === undefined ? [] : ["item", "index"];
  const secrets = memberOf(value, "uses") === undefined ? [] : ["secrets"];
  const scope = (name: string, ...extra: string[]): Scope => ({
    where: `${name} of ${key}`,
    names: taskNames(...extra),
    task: key,
  });
  const check = (name: string, options: Scope) =>
    checkTemplate(memberOf(value, name), options, file);
  check("if", { ...scope('"if"'), hasStatusFunctions: true, wanted: "truth value" });
  // A list of constants is looked at as such below.
  if (memberOf(value, "forEach")?.kind !== "list") {
    check("forEach", { ...scope("forEach"), wanted: "list" });
  }
  check("with", scope("with", ...item, ...secrets));
  check("value", scope("value", ...item));
  check("wait", scope("wait"));
  check("approve", scope("approve", ...item));
  check("emit", scope("emit", ...item));
  const until = { ...scope("repeat.until", "output", ...item), wanted: "truth value" as const };
  checkTemplate(memberOf(memberOf(value, "repeat"), "until"), until, file);
  checkCompensation({ key, value }, item, file);
  checkAssignment({ key, value }, item, file);
  checkReachable({ key, value }, file);
}

function checkCompensation(
  { key, value }: Pick<MapEntry, "key" | "value">,
  item: string[],
  file: FileContext,
): void {
  const compensate = memberOf(value, "compensate");
  const secrets = memberOf(compensate, "uses") === undefined ? [] : ["secrets"];
  const names = taskNames("output", ...item, ...secrets);
  const scope = { where: `compensate of ${key}`, names, task: key };
  checkTemplate(memberOf(compensate, "with"), scope, file);
}

function checkAssignment(
  { key, value }: Pick<MapEntry, "key" | "value">,
  item: string[],
  file: FileContext,
): void {
  const assign = memberOf(value, "assign");
  const permissions = { where: `assign.permissions of ${key}`, names: START_NAMES };
  checkTemplate(memberOf(assign, "permissions"), permissions, file);
  const merge = {
    where: `assign.merge of ${key}`,
    names: taskNames("results", ...item),
    task: key,
  };
  checkTemplate(memberOf(memberOf(assign, "merge"), "value"), merge, file);
}

/** A condition that never holds is a task that never runs. */
function checkReachable({ key, value }: Pick<MapEntry, "key" | "value">, file: FileContext): void {
  const node = memberOf(value, "if");
  if (node === undefined || !isNever(node, itemsOf(memberOf(value, "needs")).length > 0)) return;
  const behind = file.dependentsOf(key);
  const also = behind.length === 0
    ? ""
    : `, nor does what needs it (${behind.slice(0, 5).join(", ")}) unless its own "if" allows it`;
  file.issues.add(node, {
    code: "UNREACHABLE_TASK",
    message: `Skip "${key}" in every run: its "if" never holds${also}`,
    hint: "Remove the task, or change its condition",
    severity: "warning",
  });
}

function isNever(node: TreeNode, hasNeeds: boolean): boolean {
  if (node.kind === "scalar" && node.value === false) return true;
  try {
    const source = wholeExpression(textOf(node) ?? "");
    if (source === null) return false;
    const expression = compileExpression(source);
    if (expression.references.length > 0) return false;
    // What failed before a task that needs nothing? Nothing.
    const isAsked = expression.usesStatusFunction;
    if (isAsked && (hasNeeds || !/^\s*failure\(\)\s*$/.test(source))) return false;
    const status = { success: true, failure: false, cancelled: false };
    return expression.evaluate({ status }) === false;
  } catch {
    return false;
  }
}

/** Places where `${{ }}` would be taken as text, which is never meant. */
function refuseConstantTemplates(root: TreeNode, file: FileContext): void {
  refuseIn(memberOf(root, "vars"), "vars", file);
  for (const { key, value } of entriesOf(memberOf(root, "tasks"))) {
    const items = memberOf(value, "forEach");
    if (items?.kind === "list") refuseIn(items, `the list of forEach in ${key}`, file);
  }
}

function refuseIn(node: TreeNode | undefined, where: string, file: FileContext): void {
  if (node === undefined) return;
  for (const item of itemsOf(node)) refuseIn(item, where, file);
  for (const { value } of entriesOf(node)) refuseIn(value, where, file);
  const at = textOf(node)?.indexOf("${{") ?? -1;
  if (at < 0) return;
  file.issues.add(node, {
    code: "EXPRESSION_NOT_ALLOWED",
    message: `Cannot use an expression in ${where}: only constants may stand there`,
    hint: where === "vars"
      ? "Write the expression where it is used, or in a task with value:"
      : 'Write the whole list as one expression: "${{ [a, b] }}"',
  });
}
