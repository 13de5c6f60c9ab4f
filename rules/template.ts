/**
 * Templates: JSON whose strings may hold `${{ CEL }}`.
 *
 * @module
 */
import { InvalidInputError } from "../core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import type { Bindings } from "./bindings.ts";
import { compileExpression, type Expression } from "./expression.ts";
import type { Reference } from "./references.ts";
import { endOfExpression } from "./scan.ts";

/** A piece of a string template. */
export type TemplatePart =
  | { type: "text"; text: string }
  /** `offset`: where the source begins in the string, just after `${{`. */
  | { type: "expression"; source: string; offset: number };

/** A compiled template. */
export interface CompiledTemplate {
  readonly references: readonly Reference[];
  /** Whether there is no expression in it: then `render` answers the same value each time. */
  readonly isConstant: boolean;
  /**
   * The template with every expression evaluated. May share structure with the bindings.
   *
   * @throws {ExpressionError} `EXPRESSION_FAILED`
   */
  render(bindings: Bindings): Json;
}

/**
 * Splits a string at its `${{ }}`. `$${{` stands for `${{` itself.
 *
 * @throws {InvalidInputError} `EXPRESSION_SYNTAX` with `details.offset` when one is not closed
 */
export function splitTemplate(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let plain = "";
  let at = 0;
  for (let open = text.indexOf("${{"); open >= 0; open = text.indexOf("${{", at)) {
    if (text[open - 1] === "$" && open > at) {
      plain += `${text.slice(at, open - 1)}\${{`;
      at = open + 3;
      continue;
    }
    const close = endOfExpression(text, open + 3);
    if (close === null) throw unclosed(open);
    plain += text.slice(at, open);
    if (plain !== "") parts.push({ type: "text", text: plain });
    parts.push({ type: "expression", source: text.slice(open + 3, close), offset: open + 3 });
    plain = "";
    at = close + 2;
  }
  plain += text.slice(at);
  if (plain !== "" || parts.length === 0) parts.push({ type: "text", text: plain });
  return parts;
}

function unclosed(offset: number): InvalidInputError {
  return new InvalidInputError("EXPRESSION_SYNTAX", {
    message: 'Cannot read the text: its "${{" is never closed',
    hint: 'Close it with "}}", or write $${{ for the characters themselves',
    details: { offset },
  });
}

/**
 * The CEL of a string that is one expression and nothing else (white space around it does not
 * count), or `null`.
 */
export function wholeExpression(text: string): string | null {
  const parts = splitTemplate(text.trim());
  return parts.length === 1 && parts[0]!.type === "expression" ? parts[0]!.source.trim() : null;
}

/**
 * Compiles a template. A string that is one whole expression keeps the value's type; inside longer
 * text values are formatted: texts as they are, objects and lists as JSON.
 *
 * @throws {InvalidInputError} `EXPRESSION_SYNTAX` with `details.offset` within its string
 */
export function compileTemplate(template: Json): CompiledTemplate {
  const references: Reference[] = [];
  const render = compileNode(template, references);
  if (render === null) return { references, isConstant: true, render: () => template };
  if (typeof render === "string") return { references, isConstant: true, render: () => render };
  return { references, isConstant: false, render };
}

type Render = (bindings: Bindings) => Json;

/** `null`: the node is constant as it stands; a string: it is constant once unescaped. */
function compileNode(node: Json, references: Reference[]): Render | string | null {
  if (typeof node === "string") return compileText(node, references);
  if (Array.isArray(node)) return compileList(node, references);
  return isJsonObject(node) ? compileObject(node, references) : null;
}

function compileText(text: string, references: Reference[]): Render | string | null {
  if (!text.includes("${{")) return null;
  const whole = wholeExpression(text);
  if (whole !== null) {
    const expression = compileExpression(whole);
    references.push(...expression.references);
    return (bindings) => expression.evaluate(bindings);
  }
  const parts = splitTemplate(text).map((part) => {
    if (part.type === "text") return part.text;
    const expression = compileExpression(part.source);
    references.push(...expression.references);
    return expression;
  });
  if (parts.length === 1) return String(parts[0]);
  return (bindings) => parts.map((part) => formatPart(part, bindings)).join("");
}

function formatPart(part: string | Expression, bindings: Bindings): string {
  if (typeof part === "string") return part;
  const value = part.evaluate(bindings);
  return typeof value === "string" ? value : JSON.stringify(value);
}

function compileList(items: Json[], references: Reference[]): Render | null {
  const renders = items.map((item) => toRender(item, references));
  if (renders.every((render) => render === null)) return null;
  return (bindings) =>
    items.map((item, i) => {
      const render = renders[i]!;
      return render === null ? item : render(bindings);
    });
}

function compileObject(object: JsonObject, references: Reference[]): Render | null {
  const keys = Object.keys(object);
  const renders = keys.map((key) => toRender(object[key]!, references));
  if (renders.every((render) => render === null)) return null;
  const hasProto = keys.includes("__proto__");
  return (bindings) => {
    const value = (i: number): Json => {
      const render = renders[i]!;
      return render === null ? object[keys[i]!]! : render(bindings);
    };
    // Assigning would set the prototype; `fromEntries` defines a member.
    if (hasProto) return Object.fromEntries(keys.map((key, i) => [key, value(i)]));
    const rendered: JsonObject = {};
    for (let i = 0; i < keys.length; i++) rendered[keys[i]!] = value(i);
    return rendered;
  };
}

function toRender(node: Json, references: Reference[]): Render | null {
  const compiled = compileNode(node, references);
  return typeof compiled === "string" ? () => compiled : compiled;
}
