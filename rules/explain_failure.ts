/**
 * Says in plain words why an expression failed.
 *
 * @module
 */
import { isCelError, isCelList, isCelMap } from "@bufbuild/cel";
import { suggest } from "../core/suggest.ts";
import { ExpressionError } from "./expression_error.ts";
import { STEPS_MAX, StepsExceeded } from "./limits.ts";
import type { Reference } from "./references.ts";
import type { Syntax } from "./syntax.ts";

/** What an evaluation needs to explain its failure. */
export interface EvaluationContext {
  source: string;
  syntax: Syntax;
  references: readonly Reference[];
}

/** The typed error for whatever an evaluation threw. */
export function explainFailure(
  context: EvaluationContext,
  error: unknown,
  variables: Readonly<Record<string, unknown>>,
): ExpressionError {
  const { source } = context;
  if (error instanceof StepsExceeded) {
    const message = `Cannot finish ${quote(source)}: it takes more than ${STEPS_MAX} steps`;
    const hint = "Do loops over large lists in an agent, or spread them with forEach";
    return new ExpressionError(message, { hint, source });
  }
  const offset = isCelError(error) && error.exprId !== undefined
    ? context.syntax.offsetOf(error.exprId)
    : undefined;
  const missing = findMissing(context, variables);
  const text = error instanceof Error ? error.message : String(error);
  const { message, hint } = (isAboutMissing(text) ? missing : null) ?? translate(text);
  return new ExpressionError(`Cannot evaluate ${quote(source)}: ${message}`, {
    hint,
    source,
    offset,
  });
}

interface Explanation {
  message: string;
  hint?: string;
}

function isAboutMissing(text: string): boolean {
  return /^(unresolved attribute|field not found|index .* out of bounds)/.test(text);
}

/** The first reference whose value is not there. */
function findMissing(
  { references }: EvaluationContext,
  variables: Readonly<Record<string, unknown>>,
): Explanation | null {
  for (const { path, isTest } of references) {
    let value: unknown = variables[path[0]!];
    if (value === undefined) return { message: `"${path[0]}" is not known here` };
    for (const [i, member] of path.slice(1, isTest ? -1 : undefined).entries()) {
      const owner = formatPath(path.slice(0, i + 1));
      const next = memberOf(value, member);
      if (next === undefined) return describeMissing(owner, value, member);
      value = next;
    }
  }
  return null;
}

function memberOf(value: unknown, member: string | number): unknown {
  if (isCelMap(value)) return value.get(typeof member === "number" ? BigInt(member) : member);
  if (isCelList(value) && typeof member === "number") return value.get(member);
  return undefined;
}

function describeMissing(owner: string, value: unknown, member: string | number): Explanation {
  if (isCelList(value)) {
    return typeof member === "number"
      ? {
        message: `${owner} has ${value.size} items, so there is no item ${member} (the first is 0)`,
      }
      : {
        message: `${owner} is a list and has no member "${member}"`,
        hint: `Choose an item: ${owner}[0]`,
      };
  }
  if (!isCelMap(value)) {
    return { message: `${owner} is ${nameOf(value)} and has no member "${member}"` };
  }
  const names = [...value.keys()].map(String);
  const near = suggest(String(member), names);
  const listed = names.length === 0 ? "it is empty" : `it has ${names.slice(0, 8).join(", ")}`;
  return {
    message: `${owner} has no member "${member}"`,
    hint: `${near === null ? "" : `Did you mean "${near}"? `}${capital(listed)}. ` +
      `Where it may be missing, write: has(${owner}.${member}) ? ${owner}.${member} : other`,
  };
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  return {
    string: "a text",
    number: "a number",
    boolean: "a truth value",
  }[typeof value as string] ??
    "no object";
}

const TYPE_NAMES: Record<string, string> = {
  string: "text",
  double: "number",
  int: "whole number",
  uint: "unsigned number",
  bool: "truth value",
  list: "list",
  map: "object",
  null_type: "null",
  bytes: "bytes",
  "google.protobuf.Timestamp": "timestamp",
  "google.protobuf.Duration": "duration",
};

/** CEL's own messages in words that do not need the specification. */
function translate(text: string): Explanation {
  const overload = /^found no matching overload for '(.+?)' applied to '(?:(.+?)\.)?\((.*)\)'$/
    .exec(text);
  if (overload) return explainOverload(overload[1]!, overload[2], overload[3]!);
  const unbound = /^unbound function: (.+)$/.exec(text);
  if (unbound) return { message: `there is no function "${unbound[1]}"` };
  const mismatch = /^type mismatch: expected bool, got (.+)$/.exec(text);
  if (mismatch) {
    const message = `&& and || need true or false, but got ${typeName(mismatch[1]!)}`;
    return { message, hint: "Compare it with something, for instance x != '' or x > 0" };
  }
  const index = /^index (-?[\d.]+) out of bounds/.exec(text);
  if (index) return { message: `there is no item ${index[1]}; the first is 0` };
  const field = /^field not found: (.+)$/.exec(text);
  if (field) return { message: `there is no member "${field[1]}"` };
  return { message: text };
}

function explainOverload(name: string, target: string | undefined, args: string): Explanation {
  const types = args === "" ? [] : args.split(", ");
  const operator = /^(?:_(.+)_|([!-])_|@(in))$/.exec(name);
  if (operator === null) {
    const given = types.map(typeName).join(", ") || "nothing";
    const on = target === undefined ? "" : ` on ${typeName(target)}`;
    return { message: `${name}()${on} does not take ${given}` };
  }
  const sign = operator[1] ?? operator[2] ?? operator[3];
  const message = `"${sign}" does not work with ${types.map(typeName).join(" and ")}`;
  if (types.includes("string") && sign === "+") {
    return { message, hint: "Wrap the other value in string(…) to join texts" };
  }
  return types.includes("string")
    ? { message, hint: "Wrap the text in double(…) to compute" }
    : { message };
}

function typeName(type: string): string {
  return TYPE_NAMES[type.replace(/\(.*/, "")] ?? type;
}

/** A path as it is written. */
export function formatPath(path: readonly (string | number)[]): string {
  return path.map((part, i) => {
    if (i === 0) return String(part);
    if (typeof part === "number") return `[${part}]`;
    return /^[A-Za-z_]\w*$/.test(part) ? `.${part}` : `['${part}']`;
  }).join("");
}

function quote(source: string): string {
  const line = source.trim().replace(/\s+/g, " ");
  return `"${line.length > 80 ? `${line.slice(0, 77)}...` : line}"`;
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
