/**
 * Questions about an expression before it runs. CEL is loaded only for more than a plain path.
 *
 * @module
 */
import defer * as engine from "./engine.ts";
import { parsePlainPath } from "./plain_path.ts";

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

/** The type of an expression that `compileExpression` accepted, and what cannot work in it. */
export function inferType(source: string, typeOfPath: TypeOfPath): Inferred {
  const plain = parsePlainPath(source);
  if (plain === null) return engine.inferCelType(source, typeOfPath);
  const path = [plain.root, ...plain.members];
  const isNamed = path.every((part) => typeof part === "string");
  return { type: isNamed ? typeOfPath(path) : "unknown", problems: [] };
}

/** Every function by name, with the ways to call it; operators are left out. */
export function knownFunctions(): ReadonlyMap<string, FunctionForm[]> {
  return engine.knownFunctions();
}
