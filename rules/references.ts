/**
 * What an expression mentions: names with their members, and functions.
 *
 * @module
 */
import type { Expr, Syntax } from "./syntax.ts";
import type { PlainPath } from "./plain_path.ts";

/** A name with the members that are asked of it, as far as they are constant. */
export interface Reference {
  /** `tasks.list.output.files[0]` is `["tasks", "list", "output", "files", 0]`. */
  path: (string | number)[];
  /** UTF-16 offset in the source of each part of the path. */
  offsets: number[];
  /** Asked by `has()`: the last member may be missing. */
  isTest: boolean;
  /** Whether a computed member follows, as in `tasks[input.name]`. */
  isPartial: boolean;
}

/** A function or method that is called. */
export interface Call {
  name: string;
  offset: number;
  isMethod: boolean;
  argumentCount: number;
}

/** All that a syntax tree mentions. */
export interface Mentions {
  references: Reference[];
  calls: Call[];
}

/** The reference that a plain path is. */
export function referenceOfPath(path: PlainPath): Reference {
  return {
    path: [path.root, ...path.members],
    offsets: [...path.offsets],
    isTest: false,
    isPartial: false,
  };
}

/** Walks a tree. Variables of `map`, `filter`, `all` … are not references. */
export function findMentions(syntax: Syntax, source: string): Mentions {
  const walk = new Walk(syntax, source);
  walk.visit(syntax.expr, []);
  return { references: walk.references, calls: walk.calls };
}

/** One walk over one tree. `locals` are the variables of the loops around a node. */
class Walk {
  readonly references: Reference[] = [];
  readonly calls: Call[] = [];

  constructor(readonly syntax: Syntax, readonly source: string) {}

  visit(expr: Expr | undefined, locals: readonly string[]): void {
    if (expr === undefined) return;
    const reference = this.referenceOf(expr, locals);
    if (reference !== null) {
      this.references.push(reference);
      this.visitComputedKeys(expr, locals);
    } else {
      this.visitParts(expr, locals);
    }
  }

  /** `tasks.a.output[input.key].x` is one reference, and `input.key` another. */
  visitComputedKeys(expr: Expr | undefined, locals: readonly string[]): void {
    const kind = expr?.exprKind;
    if (kind?.case === "selectExpr") this.visitComputedKeys(kind.value.operand, locals);
    if (kind?.case !== "callExpr") return;
    const [operand, key] = kind.value.args;
    this.visitComputedKeys(operand, locals);
    if (constantKey(key) === null) this.visit(key, locals);
  }

  visitParts(expr: Expr, locals: readonly string[]): void {
    const kind = expr.exprKind;
    switch (kind.case) {
      case "selectExpr":
        return this.visit(kind.value.operand, locals);
      case "callExpr":
        return this.visitCall(expr, locals);
      case "listExpr":
        return kind.value.elements.forEach((element) => this.visit(element, locals));
      case "structExpr":
        for (const entry of kind.value.entries) {
          if (entry.keyKind.case === "mapKey") this.visit(entry.keyKind.value, locals);
          this.visit(entry.value, locals);
        }
        return;
      case "comprehensionExpr": {
        const inner = [...locals, kind.value.iterVar, kind.value.accuVar];
        this.visit(kind.value.iterRange, locals);
        this.visit(kind.value.loopCondition, inner);
        this.visit(kind.value.loopStep, inner);
      }
    }
  }

  visitCall(expr: Expr, locals: readonly string[]): void {
    if (expr.exprKind.case !== "callExpr") return;
    const { function: name, target, args } = expr.exprKind.value;
    if (/^\w+$/.test(name)) {
      const offset = offsetOfName(name, this.syntax.offsetOf(expr.id), this.source);
      const isMethod = target !== undefined;
      this.calls.push({ name, offset, isMethod, argumentCount: args.length });
    }
    this.visit(target, locals);
    for (const arg of args) this.visit(arg, locals);
  }

  /** The chain that ends here, when it begins with a free name. */
  referenceOf(expr: Expr, locals: readonly string[]): Reference | null {
    const kind = expr.exprKind;
    if (kind.case === "identExpr") {
      const name = kind.value.name.replace(/^\./, "");
      if (locals.includes(name)) return null;
      const offsets = [this.syntax.offsetOf(expr.id)];
      return { path: [name], offsets, isTest: false, isPartial: false };
    }
    if (kind.case === "selectExpr") {
      const before = kind.value.operand && this.referenceOf(kind.value.operand, locals);
      if (!before) return null;
      const { field, testOnly } = kind.value;
      const from = testOnly ? before.offsets.at(-1)! : this.syntax.offsetOf(expr.id);
      return extend(before, field, offsetOfName(field, from, this.source), testOnly);
    }
    if (kind.case !== "callExpr" || kind.value.function !== "_[_]") return null;
    const [operand, index] = kind.value.args;
    const before = operand && this.referenceOf(operand, locals);
    if (!before) return null;
    const key = constantKey(index);
    if (key === null) return { ...before, isPartial: true };
    return extend(before, key, this.syntax.offsetOf(index!.id), false);
  }
}

function extend(
  before: Reference,
  key: string | number,
  offset: number,
  isTest: boolean,
): Reference {
  if (before.isPartial) return before;
  return {
    path: [...before.path, key],
    offsets: [...before.offsets, offset],
    isTest: before.isTest || isTest,
    isPartial: false,
  };
}

function constantKey(expr: Expr | undefined): string | number | null {
  if (expr?.exprKind.case !== "constExpr") return null;
  const { constantKind } = expr.exprKind.value;
  if (constantKind.case === "stringValue") return constantKind.value;
  return constantKind.case === "int64Value" ? Number(constantKind.value) : null;
}

/** The tree knows where the dot or bracket is; the name itself stands near it. */
function offsetOfName(name: string, from: number, source: string): number {
  const at = source.indexOf(name, from);
  return at < 0 ? from : at;
}
