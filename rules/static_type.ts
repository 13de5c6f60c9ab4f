/**
 * What can be said of an expression before it runs.
 *
 * @module
 */

/** How a function is called: how many arguments, on a value or not. */
export interface FunctionForm {
  isMethod: boolean;
  argumentCount: number;
}

/** A type as people name it. */
export type StaticType = "text" | "number" | "truth value" | "list" | "object" | "null" | "unknown";

/** A mistake that will happen in every run that gets there. */
export interface TypeProblem {
  offset: number;
  message: string;
  hint: string;
}

/** Answers the type of a path such as `["input", "n"]`, as far as it is known. */
export type TypeOfPath = (path: readonly string[]) => StaticType;

/** What is certain about an expression. */
export interface Inferred {
  type: StaticType;
  problems: TypeProblem[];
}
