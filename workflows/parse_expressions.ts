/**
 * Checks the expressions of a file: syntax, names, functions and types, each at its own column.
 *
 * @module
 */
import { DenizenError } from "../core/errors.ts";
import { suggest } from "../core/suggest.ts";
import {
  type Call,
  compileExpression,
  type Expression,
  FUNCTION_SYNONYMS,
  inferType,
  knownFunctions,
  type Reference,
  splitTemplate,
  type StaticType,
  STATUS_FUNCTIONS,
  wholeExpression,
} from "../rules/mod.ts";
import { type Finding, hintFrom, type IssueList, type Place } from "./parse_issues.ts";
import { placeInText } from "./parse_places.ts";
import {
  closedProperties,
  NAMES,
  PLACES_OF_NAMES,
  schemaAt,
  type Scope,
  typeOfSchema,
} from "./parse_scope.ts";
import {
  entriesOf,
  itemsOf,
  memberOf,
  type ScalarNode,
  textOf,
  type TreeNode,
} from "./parse_tree.ts";

/** What a file holds that expressions may name. */
export interface FileContext {
  issues: IssueList;
  root: TreeNode;
  taskIds: ReadonlySet<string>;
  /** Whether the first task ends before the second starts; `null` when that is unclear. */
  endsBefore: (need: string, id: string) => boolean | null;
}

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
    for (const part of parts) {
      if (part.type === "text") {
        // Where one whole expression is wanted, the text as a whole is reported already.
        if (scope.wanted === undefined) warnLookalike(node, text, part.text, file);
      } else checkExpression(new Site(node, part, scope, file), wholeExpression(text) !== null);
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

function placeAt(node: ScalarNode, offset: number): Place {
  return { offset: placeInText(node, offset), pointer: node.pointer };
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

/** One expression where it stands. */
class Site {
  constructor(
    readonly node: ScalarNode,
    readonly part: { source: string; offset: number },
    readonly scope: Scope,
    readonly file: FileContext,
  ) {}

  report(offset: number, finding: Finding): void {
    this.file.issues.add(placeAt(this.node, this.part.offset + offset), finding);
  }
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

/** `tasks.x-y.output` is a subtraction to CEL. Reports it once, and answers where it stands. */
function reportDashes(expression: Expression, site: Site): { from: number; to: number } | null {
  for (const { path, offsets } of expression.references) {
    if (path[0] !== "tasks" && path[0] !== "input" && path[0] !== "vars") continue;
    const member = path.length - 1;
    const from = offsets[member]!;
    const dashed = /^[A-Za-z_]\w*(?:-\w+)+/.exec(site.part.source.slice(from))?.[0];
    if (dashed === undefined || !namesBelow(path.slice(0, member), site).includes(dashed)) continue;
    const owner = site.part.source.slice(offsets[0], from).replace(/\.\s*$/, "");
    site.report(from, {
      code: "UNKNOWN_NAME",
      message: `Cannot read "${dashed}" after a dot: the hyphen means minus`,
      hint: `Write ${owner}['${dashed}']`,
    });
    return { from: offsets[0]!, to: from + dashed.length };
  }
  return null;
}

function namesBelow(path: readonly (string | number)[], { file }: Site): string[] {
  if (path.length === 1 && path[0] === "tasks") return [...file.taskIds];
  if (path[0] === "vars") {
    const vars = path.slice(1).reduce<TreeNode | undefined>(
      (node, name) => memberOf(node, String(name)),
      memberOf(file.root, "vars"),
    );
    return entriesOf(vars).map(({ key }) => key);
  }
  const schema = schemaAt(memberOf(file.root, "input"), path.slice(1).map(String));
  return path[0] === "input" ? entriesOf(memberOf(schema, "properties")).map(({ key }) => key) : [];
}

type Located = Finding & { offset: number };

/** Names of CEL types, which stand for themselves. */
const TYPE_NAMES = new Set(
  "int uint double bool string bytes list map null_type type".split(" "),
);

function checkReference(reference: Reference, site: Site): Located | null {
  const root = String(reference.path[0]);
  const offset = reference.offsets[0]!;
  if (root === "google" || (TYPE_NAMES.has(root) && reference.path.length === 1)) return null;
  if (!NAMES.includes(root)) return { offset, ...unknownName(root, site) };
  if (!site.scope.names.has(root)) return { offset, ...misplacedName(root, site) };
  switch (root) {
    case "tasks":
      return checkTaskReference(reference, site);
    case "run":
      return checkMember(reference, 1, ["id", "name", "attempt", "startedAt"], "run");
    case "vars":
      return checkVars(reference, site);
    case "input":
      return checkInput(reference, site);
    default:
      return null;
  }
}

function unknownName(name: string, { file, scope }: Site): Finding {
  const message = `Cannot find "${name}"`;
  const code = "UNKNOWN_NAME";
  if (file.taskIds.has(name)) {
    return { code, message, hint: `Write tasks.${name}.output for the output of that task` };
  }
  const inputs = entriesOf(memberOf(memberOf(file.root, "input"), "properties"));
  if (inputs.some(({ key }) => key === name)) return { code, message, hint: `Write input.${name}` };
  if (entriesOf(memberOf(file.root, "vars")).some(({ key }) => key === name)) {
    return { code, message, hint: `Write vars.${name}` };
  }
  const foreign: Record<string, string> = {
    inputs: "input",
    steps: "tasks",
    needs: "tasks",
    jobs: "tasks",
    env: "vars",
    each: "item",
    it: "item",
    i: "index",
    result: "output",
    workflow: "run",
    undefined: "null",
    True: "true",
    False: "false",
    None: "null",
  };
  const synonym = Object.hasOwn(foreign, name) ? foreign[name] : undefined;
  if (synonym !== undefined) return { code, message, hint: `Did you mean "${synonym}"?` };
  const near = hintFrom(name, [...scope.names], "names");
  return { code, message, hint: near.startsWith("Did") ? near : `${near}. Quote texts: '${name}'` };
}

function misplacedName(name: string, { scope }: Site): Finding {
  const code = name === "secrets" ? "SECRET_NOT_ALLOWED" : "NAME_NOT_AVAILABLE";
  const hint = PLACES_OF_NAMES[name] ?? `Here you can use ${[...scope.names].join(", ")}`;
  return { code, message: `Cannot use "${name}" in ${scope.where}`, hint };
}

function checkTaskReference(reference: Reference, site: Site): Located | null {
  const { path, offsets, isPartial } = reference;
  const [, id, member] = path;
  const offset = offsets[1] ?? offsets[0]!;
  if (id === undefined) {
    const message = "Cannot tell which task is meant: tasks must be followed by an id";
    return {
      offset,
      code: "UNKNOWN_TASK",
      message,
      hint: "Write tasks.ID.output, or tasks['my-id'].output",
    };
  }
  if (!site.file.taskIds.has(String(id))) {
    const message = `Cannot find the task "${id}"`;
    const hint = hintFrom(String(id), [...site.file.taskIds], "tasks");
    return { offset, code: "UNKNOWN_TASK", message, hint };
  }
  const missing = checkNeed(String(id), offset, site);
  if (missing !== null) return missing;
  if (member === undefined && !isPartial) {
    const message = `Cannot use the task "${id}" as a value`;
    return { offset, code: "UNKNOWN_MEMBER", message, hint: `Write ${written(path)}.output` };
  }
  return isPartial && member === undefined
    ? null
    : checkMember(reference, 2, ["output", "status", "error"], `tasks.${id}`);
}

function written(path: readonly (string | number)[]): string {
  return path.map(String).reduce((text, part) =>
    /^[A-Za-z_]\w*$/.test(part) ? `${text}.${part}` : `${text}['${part}']`
  );
}

function checkNeed(id: string, offset: number, { scope, file }: Site): Located | null {
  if (scope.task === undefined) return null;
  if (id === scope.task) {
    const message = `Cannot use "${id}" in its own task: it has no output yet`;
    return {
      offset,
      code: "MISSING_NEED",
      message,
      hint: "In repeat.until the output of the round is called output",
    };
  }
  if (file.endsBefore(id, scope.task) !== false) return null;
  return {
    offset,
    code: "MISSING_NEED",
    message:
      `Cannot use tasks.${id} in ${scope.where}: "${scope.task}" does not need "${id}", so it may not have ended`,
    hint: `Add it to the needs of ${scope.task}: needs: [${
      [...directNeeds(scope.task, file), id].join(", ")
    }]`,
  };
}

function directNeeds(id: string, { root }: FileContext): string[] {
  const needs = memberOf(memberOf(memberOf(root, "tasks"), id), "needs");
  return itemsOf(needs).flatMap((item) => textOf(item) ?? []);
}

function checkMember(
  reference: Reference,
  at: number,
  known: readonly string[],
  owner: string,
): Located | null {
  const member = reference.path[at];
  if (member === undefined || known.includes(String(member))) return null;
  return {
    offset: reference.offsets[at]!,
    code: "UNKNOWN_MEMBER",
    message: `Cannot find "${member}" in ${owner}`,
    hint: hintFrom(String(member), known, "members"),
  };
}

function checkVars(reference: Reference, { file }: Site): Located | null {
  const vars = memberOf(file.root, "vars");
  if (vars !== undefined && vars.kind !== "map") return null;
  const known = entriesOf(vars).map(({ key }) => key);
  const finding = checkMember(reference, 1, known, "vars");
  if (finding !== null && known.length === 0) {
    finding.hint = "Add it at the top of the file: vars: { … }";
  }
  return finding;
}

/** Walks down the input's schema as long as it says which members there are. */
function checkInput(reference: Reference, { file }: Site): Located | null {
  let schema = memberOf(file.root, "input");
  for (let at = 1; at < reference.path.length; at++) {
    const known = closedProperties(schema, at === 1);
    const member = String(reference.path[at]);
    if (known !== null && !known.has(member)) {
      const owner = at === 1 ? "the input's schema" : written(reference.path.slice(0, at));
      const finding = checkMember(reference, at, [...known.keys()], owner)!;
      if (suggest(member, known.keys()) === null) {
        finding.hint = `Add it to input: properties: { ${member}: { type: string } }`;
      }
      return finding;
    }
    const type = typeOfSchema(schema);
    if (["text", "number", "truth value", "null"].includes(type)) {
      const message = `Cannot find "${member}" in ${
        written(reference.path.slice(0, at))
      }: it is a ${type}`;
      return {
        offset: reference.offsets[at]!,
        code: "EXPRESSION_TYPE",
        message,
        hint: "Only objects have members",
      };
    }
    schema = known?.get(member) ?? memberOf(memberOf(schema, "properties"), member);
  }
  return null;
}

/** Whether a call can be what was meant. */
function checkCall(call: Call, site: Site): boolean {
  const forms = knownFunctions().get(call.name);
  if (forms === undefined) {
    const synonym = Object.hasOwn(FUNCTION_SYNONYMS, call.name)
      ? FUNCTION_SYNONYMS[call.name]
      : undefined;
    const names = [...knownFunctions().keys()];
    site.report(call.offset, {
      code: "UNKNOWN_FUNCTION",
      message: `Cannot find the function "${call.name}"`,
      hint: synonym === undefined ? hintFrom(call.name, names, "functions") : `Write ${synonym}`,
    });
    return false;
  }
  if (
    !forms.some((form) =>
      form.isMethod === call.isMethod && form.argumentCount === call.argumentCount
    )
  ) {
    site.report(call.offset, { code: "UNKNOWN_FUNCTION", ...explainForm(call, forms) });
    return false;
  }
  if (!STATUS_FUNCTIONS.includes(call.name) || site.scope.hasStatusFunctions) return true;
  site.report(call.offset, {
    code: "NAME_NOT_AVAILABLE",
    message: `Cannot use "${call.name}()" in ${site.scope.where}`,
    hint: 'Use it in the "if" of a task; elsewhere ask tasks.ID.status',
  });
  return false;
}

function explainForm(
  call: Call,
  forms: readonly { isMethod: boolean; argumentCount: number }[],
): { message: string; hint: string } {
  const sameKind = forms.filter((form) => form.isMethod === call.isMethod);
  if (sameKind.length === 0) {
    return call.isMethod
      ? { message: `Cannot call "${call.name}" on a value`, hint: `Write ${call.name}(x)` }
      : {
        message: `Cannot call "${call.name}" without a value before it`,
        hint: `Write x.${call.name}(…)`,
      };
  }
  const counts = [...new Set(sameKind.map((form) => form.argumentCount))].sort().join(" or ");
  return {
    message: `Cannot call "${call.name}" with ${call.argumentCount} arguments: it takes ${counts}`,
    hint: call.name === "map" || call.name === "filter"
      ? `Write list.${call.name}(x, …): first a name for the item, then what to do with it`
      : "Add or remove arguments",
  };
}

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
