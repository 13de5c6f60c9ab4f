/**
 * Where a character of a YAML text stands in the file: quotes, escapes and folding are between.
 *
 * @module
 */
import type { ScalarNode } from "./tree_node.ts";

/** The file offset of position `at` of a scalar's text. */
export function placeInText(node: ScalarNode, at: number): number {
  const value = String(node.value);
  const { raw } = node;
  if (node.style === "plain" && raw === value) return node.offset + at;
  if (node.style !== "block" && raw.slice(1, -1) === value) return node.offset + 1 + at;
  return node.offset + align(value, raw, node.style, at);
}

/** Walks text and source side by side; white space may have been folded, so it matches loosely. */
function align(value: string, raw: string, style: ScalarNode["style"], at: number): number {
  let source = startOf(raw, style);
  for (let i = 0; i < value.length; i++) {
    const char = value[i]!;
    if (/\s/.test(char)) {
      if (i === at) return source;
      if (raw[source] === char) source++;
      continue;
    }
    while (source < raw.length && raw[source] !== char) {
      const escape = style === "double" && raw[source] === "\\" ? escapeLength(raw, source) : 0;
      if (escape > 0 && unescaped(raw, source, char)) break;
      source += Math.max(escape, 1);
    }
    if (i === at) return source;
    source += style === "double" && raw[source] === "\\" ? escapeLength(raw, source) : 1;
  }
  return Math.min(source, raw.length);
}

/** Block scalars begin with a header line (`|`, `>-` …), the others with a quote or at once. */
function startOf(raw: string, style: ScalarNode["style"]): number {
  if (style === "block") return raw.indexOf("\n") + 1;
  return style === "plain" ? 0 : 1;
}

const ESCAPE_LENGTHS: Record<string, number> = { x: 4, u: 6, U: 10 };

function escapeLength(raw: string, at: number): number {
  return ESCAPE_LENGTHS[raw[at + 1] ?? ""] ?? 2;
}

function unescaped(raw: string, at: number, char: string): boolean {
  return raw[at + 1] === char;
}
