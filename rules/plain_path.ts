/**
 * The short way for expressions that only name a value (`input.path`, `tasks['x-y'].output`,
 * `item`): no CEL parser, no CEL evaluation. Anything unusual is left to CEL.
 *
 * @module
 */
import type { Bindings } from "./bindings.ts";

/** Member names and list positions after the first name. */
export interface PlainPath {
  root: keyof Bindings;
  members: readonly (string | number)[];
  /** UTF-16 offset of each part, the root's first. */
  offsets: readonly number[];
}

/** What `lookUp` answers when CEL must decide. */
export const MISS: unique symbol = Symbol("miss");

const ROOTS = new Set([
  "input",
  "tasks",
  "item",
  "index",
  "run",
  "vars",
  "event",
  "output",
  "results",
  "secrets",
]);

/** Words that CEL's grammar keeps for itself, so that they cannot follow a dot everywhere. */
const RESERVED = new Set(
  ("as break const continue else false for function if import in let loop null package namespace " +
    "return true var void while").split(" "),
);

const PART = /\.([A-Za-z_]\w*)|\[(?:'([^'\\\n\r]*)'|"([^"\\\n\r]*)"|(0|[1-9]\d{0,8}))\]/y;

/** The path that `source` is, or `null` when it is any other expression. */
export function parsePlainPath(source: string): PlainPath | null {
  const root = /^\s*([a-z]+)/.exec(source);
  if (root === null || !ROOTS.has(root[1]!)) return null;
  const members: (string | number)[] = [];
  const offsets = [root[0].length - root[1]!.length];
  PART.lastIndex = root[0].length;
  let end = PART.lastIndex;
  for (let part = PART.exec(source); part !== null; part = PART.exec(source)) {
    if (part[1] !== undefined && RESERVED.has(part[1])) return null;
    members.push(part[4] === undefined ? part[1] ?? part[2] ?? part[3]! : Number(part[4]));
    offsets.push(part.index + 1);
    end = PART.lastIndex;
  }
  if (source.slice(end).trim() !== "") return null;
  return { root: root[1] as keyof Bindings, members, offsets };
}

/** The value at a path, by own members only; {@linkcode MISS} when anything is missing. */
export function lookUp(path: PlainPath, bindings: Bindings): unknown {
  let value: unknown = Object.hasOwn(bindings, path.root) ? bindings[path.root] : MISS;
  for (const member of path.members) {
    if (typeof value !== "object" || value === null) return MISS;
    if (Array.isArray(value) !== (typeof member === "number")) return MISS;
    if (!Object.hasOwn(value, member)) return MISS;
    value = (value as Record<string | number, unknown>)[member];
  }
  return value === undefined ? MISS : value;
}
