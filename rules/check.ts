/**
 * Questions about an expression before it runs. CEL is loaded only for more than a plain path.
 *
 * @module
 */
import defer * as functions from "./functions.ts";
import defer * as inference from "./infer.ts";
import { parsePlainPath } from "./plain_path.ts";
import type { FunctionForm, Inferred, TypeOfPath } from "./static_type.ts";

/** The type of an expression that `compileExpression` accepted, and what cannot work in it. */
export function inferType(source: string, typeOfPath: TypeOfPath): Inferred {
  const plain = parsePlainPath(source);
  if (plain === null) return inference.inferCelType(source, typeOfPath);
  const path = [plain.root, ...plain.members];
  const isNamed = path.every((part) => typeof part === "string");
  return { type: isNamed ? typeOfPath(path) : "unknown", problems: [] };
}

/** Every function by name, with the ways to call it; operators are left out. */
export function knownFunctions(): ReadonlyMap<string, FunctionForm[]> {
  return functions.knownFunctions();
}
