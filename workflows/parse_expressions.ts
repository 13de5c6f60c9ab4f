/**
 * Checks the expressions of a file: syntax, names, functions and types, each at its own column.
 *
 * @module
 */
import {
  entriesOf,
  memberOf,
  type Place,
  type ScalarNode,
  type TreeNode,
} from "../core/document/mod.ts";
import { DenizenError } from "../core/errors.ts";
import {
  compileExpression,
  type Expression,
  inferType,
  splitTemplate,
  type StaticType,
  wholeExpression,
} from "../rules/mod.ts";
import { checkCall } from "./parse_calls.ts";
import { checkReference, reportDashes } from "./parse_references.ts";
import { NAMES, schemaAt, type Scope, typeOfSchema } from "./parse_scope.ts";
import { type FileContext, placeAt, Site } from "./parse_site.ts";

/** Checks every expression in a template. */
export function checkTemplate(node: TreeNode | undefined, scope: Scope, file: FileContext): void {
  if (node === undefined) return;
  if (node.kind === "list") return node.items.forEach((item) => checkTemplate(item, scope, file));
  if (node.kind === "map") {
    return entriesOf(node).forEach(({ value }) => checkTemplate(value, scope, file));
  }
  if (typeof node.value === "string") checkText(node, node.value, scope, file);
}

function checkText(node: ScalarNode, text: string, scope: Scope, file: FileContext): void {
  if (!text.includes("{")) return;
  try {
    const parts = splitTemplate(text);
    // Asked once: to ask for each of many expressions takes their number squared.
    const isWhole = wholeExpression(text) !== null;
    for (const part of parts) {
      if (part.type === "text") {
        // Where one whole expression is wanted, the text as a whole is reported already.
        if (scope.wanted === undefined) warnLookalike(node, text, part.text, file);
      } else checkExpression(new Site(node, part, scope, file), isWhole);
    }
  } catch (error) {
    reportSyntaxError(error, (offset) => placeAt(node, offset), file);
  }
}

function reportSyntaxError(
  error: unknown,
  place: (offset: number) => Place,
  file: FileContext,
): void {
  if (!(error instanceof DenizenError)) throw error;
  const offset = Number(error.details?.offset ?? 0);
  file.issues.add(place(offset), {
    code: error.code,
    message: error.message,
    hint: error.hint ?? "",
  });
}

const LOOKALIKE = /((?<!\$)\{\{|\$\{)\s*((?:input|tasks|item|index|run|vars|event|secrets)\b)/;

/** `{{ input.x }}` and `${input.x}` are plain texts; nearly always they were not meant so. */
function warnLookalike(node: ScalarNode, text: string, part: string, file: FileContext): void {
  const found = LOOKALIKE.exec(part);
  if (found === null) return;
  const at = text.indexOf(found[0]);
  file.issues.add(placeAt(node, Math.max(at, 0)), {
    code: "EXPRESSION_LOOKALIKE",
    message: `Read "${found[1]}" as plain text: expressions begin with "\${{"`,
    hint: `Write "\${{ ${found[2]}… }}"`,
    severity: "warning",
  });
}

function checkExpression(site: Site, isWhole: boolean): void {
  let expression: Expression;
  try {
    expression = compileExpression(site.part.source);
  } catch (error) {
    reportSyntaxError(error, (offset) => placeAt(site.node, site.part.offset + offset), site.file);
    return;
  }
  const skipped = reportDashes(expression, site);
  let isSound = skipped === null;
  const badCalls = expression.calls.filter((call) => !checkCall(call, site));
  if (badCalls.length > 0) isSound = false;
  const hasBadLoop = badCalls.some(({ name }) => LOOPS.has(name));
  for (const reference of expression.references) {
    const [start] = reference.offsets;
    // The variable of a loop that is not understood is no unknown name.
    if (hasBadLoop && !NAMES.includes(String(reference.path[0]))) continue;
    if (skipped !== null && start! >= skipped.from && start! <= skipped.to) continue;
    const finding = checkReference(reference, site);
    if (finding === null) continue;
    isSound = false;
    site.report(finding.offset, finding);
  }
  if (isSound) checkTypes(expression, isWhole, site);
}

const LOOPS = new Set(["all", "exists", "exists_one", "map", "filter"]);

function checkTypes(expression: Expression, isWhole: boolean, site: Site): void {
  const { type, problems } = inferType(expression.source, (path) => typeOfPath(path, site));
  for (const problem of problems) {
    site.report(problem.offset, { code: "EXPRESSION_TYPE", ...problem });
  }
  const { wanted, where } = site.scope;
  if (problems.length > 0 || !isWhole || wanted === undefined) return;
  if (type === "unknown" || type === wanted) return;
  const start = /^\s*/.exec(expression.source)![0].length;
  site.report(start, {
    code: "EXPRESSION_TYPE",
    message: `Cannot accept ${where}: it is a ${type}, but must be a ${wanted}`,
    hint: wanted === "list"
      ? "Name a list: tasks.ID.output.files"
      : "Compare something: x == 'yes', size(x) > 0",
  });
}

function typeOfPath(path: readonly string[], { file }: Site): StaticType {
  if (path[0] === "index" && path.length === 1) return "number";
  if (path[0] === "run" && path.length === 2) return path[1] === "attempt" ? "number" : "text";
  if (path[0] === "tasks" && path[2] === "status" && path.length === 3) return "text";
  if (path[0] === "input") {
    const type = typeOfSchema(schemaAt(memberOf(file.root, "input"), path.slice(1)));
    return path.length === 1 ? "object" : type;
  }
  return "unknown";
}
