/**
 * Cyclomatic complexity, length and nesting of each function, from a syntax tree.
 *
 * Complexity is 1 and one for each decision (T. McCabe, "A Complexity Measure", 1976): `if`, loops,
 * cases that are not the default, `catch`, conditional expressions, `&&`, `||` and `??`. Decisions
 * inside a nested function are its own.
 *
 * @module
 */
import type { Node, Tree } from "web-tree-sitter";
import type { Grammar } from "./grammars.ts";

/** A stretch of source text, in UTF-16 units; `end` is not part of it. */
export interface Span {
  start: number;
  end: number;
}

/** One function. */
export interface FunctionShape {
  node: Node;
  /** First line, from 1. */
  line: number;
  lines: number;
  complexity: number;
  nesting: number;
}

/** What a syntax tree says about a file. */
export interface Shape {
  functions: FunctionShape[];
  /** Decisions outside of any function. */
  decisionsOutside: number;
  nestingOutside: number;
  comments: Span[];
}

/** A node and all it was captured as. */
interface Mark {
  node: Node;
  start: number;
  end: number;
  captures: Set<string>;
}

/** What is open at a point of the text: a function, or one level of nesting. */
interface Frame {
  end: number;
  shape: FunctionShape;
  depth: number;
}

/** Reads the measures off a parsed file. The nodes are valid until the tree is deleted. */
export function shapeOf(tree: Tree, grammar: Grammar): Shape {
  const outside: FunctionShape = {
    node: tree.rootNode,
    line: 1,
    lines: 0,
    complexity: 0,
    nesting: 0,
  };
  const shape: Shape = { functions: [], decisionsOutside: 0, nestingOutside: 0, comments: [] };
  const frames: Frame[] = [{ end: Infinity, shape: outside, depth: 0 }];
  for (const mark of marksOf(tree, grammar)) {
    while (frames.at(-1)!.end <= mark.start) frames.pop();
    enter(mark, frames, shape);
  }
  shape.decisionsOutside = outside.complexity;
  shape.nestingOutside = outside.nesting;
  return shape;
}

function enter(mark: Mark, frames: Frame[], shape: Shape): void {
  const { node, end, captures } = mark;
  const frame = frames.at(-1)!;
  if (captures.has("comment")) shape.comments.push(mark);
  if (captures.has("decision") && !captures.has("default")) frame.shape.complexity++;
  if (captures.has("nest")) {
    const depth = frame.depth + (captures.has("flat") ? 0 : 1);
    frame.shape.nesting = Math.max(frame.shape.nesting, depth);
    frames.push({ end, shape: frame.shape, depth });
  }
  if (captures.has("function")) {
    const line = node.startPosition.row + 1;
    const lines = node.endPosition.row + 2 - line;
    const opened: FunctionShape = { node, line, lines, complexity: 1, nesting: 0 };
    shape.functions.push(opened);
    frames.push({ end, shape: opened, depth: 0 });
  }
}

/** The captured nodes in the order of the text, an outer one before what it holds. */
function marksOf(tree: Tree, grammar: Grammar): Mark[] {
  const marks = new Map<number, Mark>();
  for (const { node, name } of grammar.query.captures(tree.rootNode)) {
    const mark = marks.get(node.id);
    if (mark) mark.captures.add(name);
    else {
      const { startIndex: start, endIndex: end } = node;
      marks.set(node.id, { node, start, end, captures: new Set([name]) });
    }
  }
  return [...marks.values()].sort((a, b) => a.start - b.start || b.end - a.end);
}

/** Longest name that is reported. */
const NAME_LENGTH_MAX = 80;

/** Name of a function: its own, or that of what it is assigned to. */
export function functionName(node: Node): string {
  const named = node.childForFieldName("name") ?? namedChild(node, "function_name") ??
    declaratorOf(node) ?? nameOfHolder(node);
  const text = named?.text.replace(/\s+/g, " ") ?? "(anonymous)";
  return text.length <= NAME_LENGTH_MAX ? text : `${text.slice(0, NAME_LENGTH_MAX - 1)}…`;
}

/** PowerShell has the name in a node, not in a field. */
function namedChild(node: Node, type: string): Node | null {
  return node.namedChildren.find((child) => child?.type === type) ?? null;
}

/** C and C++ hide the name in nested declarators. */
function declaratorOf(node: Node): Node | null {
  let declarator = node.childForFieldName("declarator");
  for (let next = declarator; next; next = next.childForFieldName("declarator")) declarator = next;
  return /^(?:abstract|lambda)_/.test(declarator?.type ?? "") ? null : declarator;
}

/** `f` of `const f = () => 1`, `{ f: () => 1 }`, `this.f = () => 1`; Dart's signature. */
function nameOfHolder(node: Node): Node | null {
  if (node.type === "function_body") return signatureName(node.previousNamedSibling);
  const holder = node.parent;
  for (const field of ["name", "key", "property", "left"]) {
    const named = holder?.childForFieldName(field);
    if (named && named.id !== node.id && named.endIndex <= node.startIndex) return named;
  }
  return null;
}

function signatureName(signature: Node | null): Node | null {
  const inner = signature?.childForFieldName("name") ?? signature?.firstNamedChild ?? null;
  return inner?.childForFieldName("name") ?? inner;
}
