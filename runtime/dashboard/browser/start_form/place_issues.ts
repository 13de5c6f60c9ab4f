/**
 * Puts what the node found wrong with an input beside the fields that it is about.
 *
 * @module
 */
import type { Problem } from "../api/mod.ts";
import { escapePointer } from "./schema_shape.ts";

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
    errors.set(place, before === undefined ? message : `${before}; ${message}`);
  }
  return errors;
}

const MISSING = /^"(.+)" is (?:missing|not an input of this workflow)$/;

function placeOf(pointer: string, message: string): string {
  const inInput = pointer.replace(/^#/, "").replace(/^\/input(?=\/|$)/, "").replace(/^\/$/, "");
  // Told of the object that should have it: the field is where it is looked for.
  const missing = MISSING.exec(message)?.[1];
  return missing === undefined ? inInput : `${inInput}/${escapePointer(missing)}`;
}
