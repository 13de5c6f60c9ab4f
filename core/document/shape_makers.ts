/**
 * Short ways to write shapes, so that a format reads like a table.
 *
 * @module
 */
import type { NumberShape, ObjectShape, Shape, TextRule, TextShape } from "./shape.ts";

/** A text; `example` is what a beginner may begin with. */
export function text(doc: string, rule?: TextRule, example?: string): TextShape {
  return { kind: "text", doc, rule, example };
}

/** A text in which `${{ }}` may stand. */
export function templateText(doc: string, rule?: TextRule, example?: string): TextShape {
  return { ...text(doc, rule, example), isTemplate: true };
}

/** A whole number from `min` to `max`; `example` is what a beginner may begin with. */
export function integer(min: number, max: number, doc: string, example?: string): NumberShape {
  return { kind: "number", isInteger: true, min, max, doc, example };
}

/** A length of time, longer than nothing. */
export function duration(doc: string): Shape {
  return { kind: "duration", doc };
}

/** One of several words. */
export function choice(doc: string, ...of: string[]): Shape {
  return { kind: "choice", of, doc };
}

/** A list of what `of` describes. */
export function list(of: Shape, doc: string, example?: string): Shape {
  return { kind: "list", of, doc, example };
}

/** An object with these members. */
export function object(
  noun: string,
  members: Record<string, Shape>,
  options: Partial<Pick<ObjectShape, "required" | "oneOf" | "doc" | "shorthand">> = {},
): ObjectShape {
  return { kind: "object", noun, members, ...options };
}

/** The rule for paths of modules; `example` as in the hint. */
export function moduleRule(example: string): TextRule {
  return {
    pattern: /^(?!\w+:\/\/)[^\0]+\.(ts|mts|js|mjs|tsx|jsx)$/,
    noun: "module",
    code: "INVALID_MODULE",
    hint: `Write the path of a TypeScript or JavaScript file, relative to this file: ${example}`,
  };
}

/** How failed work is tried again: pauses that grow. `longest` is what `max` is by default. */
export function backoffShape(longest: string): ObjectShape {
  return object("backoff", {
    initial: duration("Delay before the second attempt. Default 200ms."),
    factor: {
      kind: "number",
      isInteger: false,
      min: 1,
      max: 100,
      doc: "Growth per attempt. Default 2.",
    },
    max: duration(`Longest delay. Default ${longest}.`),
    jitter: choice(
      "full: uniform between 0 and the delay; none: the delay itself.",
      "full",
      "none",
    ),
  });
}
