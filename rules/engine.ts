/**
 * Everything that needs CEL itself: parsing and evaluating what is more than a plain path.
 *
 * @module
 */
import { type CelEnv, isCelError, plan } from "@bufbuild/cel";
import type { Json } from "../core/json.ts";
import type { Bindings } from "./bindings.ts";
import { createEnvironment, ITERATE } from "./cel_environment.ts";
import { type CelFuncGroup, toJson, wrapJson } from "./cel_values.ts";
import { type EvaluationContext, explainFailure } from "./explain_failure.ts";
import type { Expression } from "./expression.ts";
import { StepsExceeded, withBudget } from "./limits.ts";
import { type Call, findMentions } from "./references.ts";
import { STATUS_FUNCTIONS } from "./status_functions.ts";
import { type Expr, parseSyntax } from "./syntax.ts";

/** Compiles any expression, without the short way for plain paths. */
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
        iterRange: iterRange && counted(rewrite(iterRange), loopStep),
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

/** The range of a loop, counted; a round weighs more the more its body does. */
function counted(range: Expr, body: Expr | undefined): Expr {
  const weight = BigInt(Math.ceil(countNodes(body) / NODES_PER_STEP));
  const literal: Expr = {
    ...range,
    exprKind: {
      case: "constExpr",
      value: {
        $typeName: "cel.expr.Constant",
        constantKind: { case: "int64Value", value: weight },
      },
    },
  };
  const value = {
    $typeName: "cel.expr.Expr.Call" as const,
    function: ITERATE,
    args: [range, literal],
  };
  return { ...range, exprKind: { case: "callExpr", value } };
}

/** `filter(x, x.a > 1)` expands to a dozen nodes, which count as one step. */
const NODES_PER_STEP = 16;

/** Nodes of a tree; loops within it count their own rounds, but are set up once in each of ours. */
function countNodes(expr: Expr | undefined): number {
  const kind = expr?.exprKind;
  switch (kind?.case) {
    case "selectExpr":
      return 1 + countNodes(kind.value.operand);
    case "listExpr":
      return kind.value.elements.reduce((sum, each) => sum + countNodes(each), 1);
    case "callExpr":
      return kind.value.args.reduce((sum, each) => sum + countNodes(each), 1) +
        countNodes(kind.value.target);
    case "structExpr":
      return kind.value.entries.reduce((sum, each) => sum + 1 + countNodes(each.value), 1);
    case "comprehensionExpr":
      return 8 + countNodes(kind.value.iterRange);
    case undefined:
      return 0;
    default:
      return 1;
  }
}
