/**
 * Checks the names in expressions: are they there, and may they be used here?
 *
 * @module
 */
import {
  entriesOf,
  type Finding,
  hintFrom,
  itemsOf,
  memberOf,
  textOf,
  type TreeNode,
} from "../core/document/mod.ts";
import { suggest } from "../core/suggest.ts";
import type { Expression, Reference } from "../rules/mod.ts";
import { closedProperties, NAMES, PLACES_OF_NAMES, schemaAt, typeOfSchema } from "./parse_scope.ts";
import type { FileContext, Site } from "./parse_site.ts";

/** `tasks.x-y.output` is a subtraction to CEL. Reports it once, and answers where it stands. */
export function reportDashes(
  expression: Expression,
  site: Site,
): { from: number; to: number } | null {
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

/** An issue and its offset within the expression. */
export type Located = Finding & { offset: number };

/** Names of CEL types, which stand for themselves. */
const TYPE_NAMES = new Set(
  "int uint double bool string bytes list map null_type type".split(" "),
);

/** What is wrong with a reference, or `null`. */
export function checkReference(reference: Reference, site: Site): Located | null {
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
