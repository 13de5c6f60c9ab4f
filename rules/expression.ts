/**
 * CEL expressions of a workflow: compiled once, evaluated often.
 *
 * @module
 */
import type { Json } from "../core/json.ts";
import type { Bindings } from "./bindings.ts";
// Loading and starting CEL takes tens of milliseconds. Most expressions only name a value, so it
// waits until one does more (https://github.com/tc39/proposal-defer-import-eval).
import defer * as engine from "./engine.ts";
import { lookUp, MISS, parsePlainPath, type PlainPath } from "./plain_path.ts";
import { type Call, type Reference, referenceOfPath } from "./references.ts";

/** A compiled expression. */
export interface Expression {
  /** As written, without `${{` and `}}`. */
  readonly source: string;
  readonly references: readonly Reference[];
  readonly calls: readonly Call[];
  /** Whether `success()`, `failure()`, `always()` or `cancelled()` is used. */
  readonly usesStatusFunction: boolean;
  /**
   * The value, as JSON. It may share structure with the bindings.
   *
   * @throws {ExpressionError} `EXPRESSION_FAILED`
   */
  evaluate(bindings: Bindings): Json;
}

/**
 * Compiles CEL (https://github.com/google/cel-spec), without `${{ }}`.
 *
 * @throws {InvalidInputError} `EXPRESSION_SYNTAX` with `details.offset`, a UTF-16 offset
 */
export function compileExpression(source: string): Expression {
  const path = parsePlainPath(source);
  return path === null ? engine.compileCel(source) : compilePath(source, path);
}

function compilePath(source: string, path: PlainPath): Expression {
  const references = [referenceOfPath(path)];
  let slow: Expression | null = null;
  return {
    source,
    references,
    calls: [],
    usesStatusFunction: false,
    evaluate(bindings) {
      const value = lookUp(path, bindings);
      if (value !== MISS) return value as Json;
      // Something is missing: CEL decides, so that there is one set of rules and messages.
      slow ??= engine.compileCel(source);
      return slow.evaluate(bindings);
    },
  };
}
