/**
 * Puts what the node found wrong with an input beside the fields that it is about.
 *
 * @module
 */
import type { Problem } from "../api/mod.ts";
import { escapePointer, labelOf, resolveSchema, type Schema } from "./schema_shape.ts";

/** Messages by JSON pointer into the input; `""` is the input as a whole. */
export type FieldErrors = ReadonlyMap<string, string>;

interface Issue {
  pointer?: unknown;
  message?: unknown;
}

/** Messages of a refused submission. Pointers are into the request, or into its input. */
export function placeIssues(problem: Problem): FieldErrors {
  const details = problem.details as { problems?: unknown } | undefined;
  const listed = Array.isArray(details?.problems) ? details.problems as Issue[] : [];
  const errors = new Map<string, string>();
  for (const { pointer, message } of [...problem.issues ?? [], ...listed]) {
    if (typeof pointer !== "string" || typeof message !== "string") continue;
    const place = placeOf(pointer, message);
    const before = errors.get(place);
    const told = withoutPlace(message, place);
    errors.set(place, before === undefined ? told : `${before}; ${told}`);
  }
  return errors;
}

/**
 * A refusal as a form tells it: fields have their titles, and what helps on the command line is left
 * out. What is about no field stays as it is.
 */
export function inWordsOfForm(problem: Problem, schema: Schema): Problem {
  const errors = [...placeIssues(problem)];
  if (problem.code !== "INVALID_INPUT" || errors.length === 0) return problem;
  const { hint: _, ...rest } = problem;
  const issues = errors.map(([pointer, message]) => ({
    pointer: "",
    message: `${titleAt(schema, pointer)}: ${message}`,
  }));
  return { ...rest, detail: "The input does not fit the workflow", issues };
}

/** `Address, City`: titles from the outermost to the field; an item of a list has its number. */
function titleAt(root: Schema, pointer: string): string {
  const names: string[] = [];
  let schema = root;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    const isItem = schema.properties === undefined && schema.items !== undefined;
    schema = resolveSchema(isItem ? schema.items : schema.properties?.[name], root);
    names.push(isItem ? String(Number(name) + 1) : labelOf(name, schema));
  }
  return names.length === 0 ? "Input" : names.join(", ");
}

/** Beside its field a message need not say where it is. */
function withoutPlace(message: string, place: string): string {
  const start = `"${place}" `;
  return place !== "" && message.startsWith(start) ? message.slice(start.length) : message;
}

const MISSING = /^"(.+)" is (?:missing|not an input of this workflow)$/;

function placeOf(pointer: string, message: string): string {
  const inInput = pointer.replace(/^#/, "").replace(/^\/input(?=\/|$)/, "").replace(/^\/$/, "");
  // Told of the object that should have it: the field is where it is looked for.
  const missing = MISSING.exec(message)?.[1];
  return missing === undefined ? inInput : `${inInput}/${escapePointer(missing)}`;
}
