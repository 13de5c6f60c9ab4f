/**
 * CEL expressions of a workflow: compiled once, evaluated often.
 *
 * @module
 */
import { type CelEnv, isCelError, plan } from "@bufbuild/cel";
import type { Json } from "../core/json.ts";
import type { Bindings } from "./bindings.ts";
import { createEnvironment, ITERATE } from "./cel_environment.ts";
import { type CelFuncGroup, toJson, wrapJson } from "./cel_values.ts";
import { explainFailure } from "./explain_failure.ts";
import { StepsExceeded, withBudget } from "./limits.ts";
import { lookUp, MISS, parsePlainPath, type PlainPath } from "./plain_path.ts";
import { type Call, findMentions, type Reference, referenceOfPath } from "./references.ts";
import { type Expr, parseSyntax, type Syntax } from "./syntax.ts";

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

/** Functions that tell how the tasks before went; they are answered from `bindings.status`. */
export const STATUS_FUNCTIONS: readonly string[] = ["success", "failure", "always", "cancelled"];

/**
 * Compiles CEL (https://github.com/google/cel-spec), without `${{ }}`.
 *
 * @throws {InvalidInputError} `EXPRESSION_SYNTAX` with `details.offset`, a UTF-16 offset
 */
export function compileExpression(source: string): Expression {
  const path = parsePlainPath(source);
  return path === null ? compileCel(source) : compilePath(source, path);
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
      slow ??= compileCel(source);
      return slow.evaluate(bindings);
    },
  };
}

/** The same without the short way: what the short way is tested against. */
export function compileCel(source: string): Expression {
  const syntax = parseSyntax(source);
  const { references, calls } = findMentions(syntax, source);
  const roots = [...new Set(references.map(({ path }) => String(path[0])))];
  const usesStatusFunction = calls.some(isStatusCall);
  let run: ReturnType<typeof plan> | null = null;
  return {
    source,
    references,
    calls,
    usesStatusFunction,
    evaluate(bindings) {
      run ??= plan(environment(), rewrite(syntax.expr));
      return evaluateCel({ source, syntax, references }, run, activate(roots, bindings));
    },
  };
}

/** What an evaluation needs to explain its failure. */
export interface EvaluationContext {
  source: string;
  syntax: Syntax;
  references: readonly Reference[];
}

type Variables = NonNullable<Parameters<ReturnType<typeof plan>>[0]>;

function evaluateCel(
  context: EvaluationContext,
  run: ReturnType<typeof plan>,
  variables: Variables,
): Json {
  try {
    return withBudget(() => {
      const result = run(variables);
      if (isCelError(result)) throw result;
      return toJson(result, textFunctions!);
    });
  } catch (error) {
    const cause = isCelError(error) && error.cause instanceof StepsExceeded ? error.cause : error;
    throw explainFailure(context, cause, variables);
  }
}

/** Names as CEL values. Without a prototype, so that `constructor` is as unknown as any other. */
function activate(roots: readonly string[], bindings: Bindings): Variables {
  const variables: Record<string, unknown> = Object.create(null);
  for (const root of roots) {
    variables[root] = Object.hasOwn(bindings, root)
      ? wrapJson(bindings[root as keyof Bindings])
      : undefined;
  }
  if (bindings.status !== undefined) {
    variables["@success"] = bindings.status.success;
    variables["@failure"] = bindings.status.failure;
    variables["@cancelled"] = bindings.status.cancelled;
  }
  variables["@always"] = true;
  return variables as Variables;
}

let sharedEnvironment: CelEnv | null = null;
let textFunctions: CelFuncGroup | undefined;

/** The one environment, made when it is first needed. */
export function environment(): CelEnv {
  if (sharedEnvironment === null) {
    sharedEnvironment = createEnvironment({ mixed: true });
    textFunctions = sharedEnvironment.funcs.find("string");
  }
  return sharedEnvironment;
}

function isStatusCall(call: Call): boolean {
  return STATUS_FUNCTIONS.includes(call.name) && !call.isMethod && call.argumentCount === 0;
}

/** The tree with status functions as variables and every loop counted before it runs. */
export function rewrite(expr: Expr): Expr {
  const kind = expr.exprKind;
  const all = (exprs: Expr[]) => exprs.map(rewrite);
  const maybe = (part: Expr | undefined) => part && rewrite(part);
  switch (kind.case) {
    case "selectExpr":
      return {
        ...expr,
        exprKind: { ...kind, value: { ...kind.value, operand: maybe(kind.value.operand) } },
      };
    case "listExpr":
      return {
        ...expr,
        exprKind: { ...kind, value: { ...kind.value, elements: all(kind.value.elements) } },
      };
    case "callExpr":
      return rewriteCall(expr, kind.value);
    case "structExpr": {
      const entries = kind.value.entries.map((entry) => ({
        ...entry,
        keyKind: entry.keyKind.case === "mapKey"
          ? { ...entry.keyKind, value: rewrite(entry.keyKind.value) }
          : entry.keyKind,
        value: maybe(entry.value),
      }));
      return { ...expr, exprKind: { ...kind, value: { ...kind.value, entries } } };
    }
    case "comprehensionExpr": {
      const { iterRange, accuInit, loopCondition, loopStep, result } = kind.value;
      const parts = {
        iterRange: iterRange && counted(rewrite(iterRange)),
        accuInit: maybe(accuInit),
        loopCondition: maybe(loopCondition),
        loopStep: maybe(loopStep),
        result: maybe(result),
      };
      return { ...expr, exprKind: { ...kind, value: { ...kind.value, ...parts } } };
    }
    default:
      return expr;
  }
}

type CallKind = Extract<Expr["exprKind"], { case: "callExpr" }>["value"];

function rewriteCall(expr: Expr, call: CallKind): Expr {
  const { function: name, target, args } = call;
  if (target === undefined && args.length === 0 && STATUS_FUNCTIONS.includes(name)) {
    const value = { $typeName: "cel.expr.Expr.Ident" as const, name: `@${name}` };
    return { ...expr, exprKind: { case: "identExpr", value } };
  }
  const value = { ...call, target: target && rewrite(target), args: args.map(rewrite) };
  return { ...expr, exprKind: { case: "callExpr", value } };
}

function counted(range: Expr): Expr {
  const value = { $typeName: "cel.expr.Expr.Call" as const, function: ITERATE, args: [range] };
  return { ...range, exprKind: { case: "callExpr", value } };
}
