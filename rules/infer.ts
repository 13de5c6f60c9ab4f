/**
 * Types that are certain before a run: from literals, operators, functions and the input's schema.
 * What is not certain is `unknown`, and nothing is said about it.
 *
 * @module
 */
import type { Inferred, StaticType, TypeOfPath, TypeProblem } from "./static_type.ts";
import { type Expr, parseSyntax, type Syntax } from "./syntax.ts";

/** The type of an expression that `compileExpression` accepted, and what cannot work in it. */
export function inferCelType(source: string, typeOfPath: TypeOfPath): Inferred {
  const inference = new Inference(parseSyntax(source), typeOfPath);
  return { type: inference.typeOf(inference.syntax.expr, []), problems: inference.problems };
}

const COMPARISONS = new Set(["_<_", "_<=_", "_>_", "_>=_"]);
const ARITHMETIC = new Set(["_-_", "_*_", "_/_", "_%_"]);
const TRUTH = new Set([
  "_==_",
  "_!=_",
  "@in",
  "startsWith",
  "endsWith",
  "contains",
  "matches",
  "bool",
]);
const TEXT = new Set([
  "string",
  "lowerAscii",
  "upperAscii",
  "trim",
  "replace",
  "substring",
  "join",
  "format",
  "charAt",
]);
const NUMBER = new Set(["size", "int", "uint", "double", "indexOf", "lastIndexOf"]);

class Inference {
  readonly problems: TypeProblem[] = [];

  constructor(readonly syntax: Syntax, readonly typeOfPath: TypeOfPath) {}

  typeOf(expr: Expr | undefined, locals: readonly string[]): StaticType {
    const kind = expr?.exprKind;
    switch (kind?.case) {
      case "constExpr":
        return typeOfConstant(kind.value.constantKind.case);
      case "identExpr":
      case "selectExpr":
        return this.typeOfName(expr!, locals);
      case "listExpr":
        for (const element of kind.value.elements) this.typeOf(element, locals);
        return "list";
      case "structExpr":
        for (const entry of kind.value.entries) this.typeOf(entry.value, locals);
        return kind.value.messageName === "" ? "object" : "unknown";
      case "callExpr":
        return this.typeOfCall(expr!, locals);
      case "comprehensionExpr":
        return this.typeOfLoop(expr!, locals);
      default:
        return "unknown";
    }
  }

  typeOfName(expr: Expr, locals: readonly string[]): StaticType {
    if (expr.exprKind.case === "selectExpr" && expr.exprKind.value.testOnly) return "truth value";
    const path = pathOf(expr);
    if (path !== null) return locals.includes(path[0]!) ? "unknown" : this.typeOfPath(path);
    if (expr.exprKind.case === "selectExpr") this.typeOf(expr.exprKind.value.operand, locals);
    return "unknown";
  }

  typeOfLoop(expr: Expr, locals: readonly string[]): StaticType {
    if (expr.exprKind.case !== "comprehensionExpr") return "unknown";
    const { iterRange, iterVar, accuVar, accuInit, loopStep } = expr.exprKind.value;
    const range = this.typeOf(iterRange, locals);
    if (!["list", "object", "unknown"].includes(range)) {
      const message = `Cannot loop over a ${range}: it must be a list`;
      this.report(iterRange!, message, "Loop over a list: tasks.list.output.files.map(f, f.name)");
    }
    this.typeOf(loopStep, [...locals, iterVar, accuVar]);
    const start = this.typeOf(accuInit, locals);
    return start === "number" ? "truth value" : start;
  }

  typeOfCall(expr: Expr, locals: readonly string[]): StaticType {
    if (expr.exprKind.case !== "callExpr") return "unknown";
    const { function: name, target, args } = expr.exprKind.value;
    if (target !== undefined) this.typeOf(target, locals);
    const types = args.map((arg) => this.typeOf(arg, locals));
    if (ARITHMETIC.has(name) || name === "_+_") return this.typeOfArithmetic(expr, name, types);
    if (COMPARISONS.has(name)) return this.checkComparison(expr, name, types);
    if (name === "_&&_" || name === "_||_" || name === "!_") {
      return this.checkLogic(args, name.replaceAll("_", ""), types);
    }
    if (name === "_?_:_") {
      this.checkLogic(args.slice(0, 1), "?", types.slice(0, 1));
      return types[1] === types[2] ? types[1]! : "unknown";
    }
    if (name === "-_") return types[0] === "number" ? "number" : "unknown";
    if (name === "split") return "list";
    if (name === "size" && target === undefined) this.checkSize(args[0]!, types[0]!);
    if (["success", "failure", "always", "cancelled"].includes(name)) return "truth value";
    return TRUTH.has(name)
      ? "truth value"
      : TEXT.has(name)
      ? "text"
      : NUMBER.has(name)
      ? "number"
      : "unknown";
  }

  typeOfArithmetic(expr: Expr, name: string, [left, right]: StaticType[]): StaticType {
    if (left === "unknown" || right === "unknown") return "unknown";
    const sign = name.replaceAll("_", "");
    const isFine = left === right &&
      (left === "number" || (sign === "+" && ["text", "list"].includes(left!)));
    if (isFine) return left!;
    const isText = sign === "+" && (left === "text" || right === "text");
    this.report(
      expr,
      `Cannot compute ${left} ${sign} ${right}`,
      isText
        ? "Wrap the other value in string(…) to join texts"
        : "Convert texts with double(…), count lists with size(…)",
    );
    return "unknown";
  }

  checkComparison(expr: Expr, name: string, [left, right]: StaticType[]): StaticType {
    const sign = name.replaceAll("_", "");
    const isKnown = left !== "unknown" && right !== "unknown";
    if (isKnown && (left !== right || !["text", "number", "truth value"].includes(left!))) {
      const hint = "Compare values of one type: convert with double(…), count with size(…)";
      this.report(expr, `Cannot compare ${left} ${sign} ${right}`, hint);
    }
    return "truth value";
  }

  checkLogic(args: readonly Expr[], sign: string, types: readonly StaticType[]): StaticType {
    for (const [i, type] of types.entries()) {
      if (type === "unknown" || type === "truth value") continue;
      const hint = type === "text"
        ? "Compare it: x != ''"
        : type === "number"
        ? "Compare it: x > 0"
        : "Compare it: size(x) > 0";
      this.report(args[i]!, `Cannot use a ${type} with "${sign}": it takes true or false`, hint);
    }
    return "truth value";
  }

  checkSize(arg: Expr, type: StaticType): void {
    if (type !== "number" && type !== "truth value" && type !== "null") return;
    this.report(
      arg,
      `Cannot take the size of a ${type}`,
      "Give size() a text, a list or an object",
    );
  }

  report(expr: Expr, message: string, hint: string): void {
    this.problems.push({ offset: this.syntax.offsetOf(expr.id), message, hint });
  }
}

function typeOfConstant(kind: string | undefined): StaticType {
  switch (kind) {
    case "stringValue":
      return "text";
    case "int64Value":
    case "uint64Value":
    case "doubleValue":
      return "number";
    case "boolValue":
      return "truth value";
    case "nullValue":
      return "null";
    default:
      return "unknown";
  }
}

function pathOf(expr: Expr): string[] | null {
  const kind = expr.exprKind;
  if (kind.case === "identExpr") return [kind.value.name];
  if (kind.case !== "selectExpr" || kind.value.operand === undefined) return null;
  const before = pathOf(kind.value.operand);
  return before === null ? null : [...before, kind.value.field];
}
