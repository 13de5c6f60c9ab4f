/**
 * Which functions there are: for checking expressions before they run.
 *
 * @module
 */
import { environment } from "./expression.ts";

/** The forms of a function by name: how many arguments, on a value or not. */
export interface FunctionForm {
  isMethod: boolean;
  argumentCount: number;
}

/** Written like methods, but part of the language: they bind a variable. */
const MACROS: Readonly<Record<string, FunctionForm[]>> = {
  has: [{ isMethod: false, argumentCount: 1 }],
  all: [{ isMethod: true, argumentCount: 2 }],
  exists: [{ isMethod: true, argumentCount: 2 }],
  exists_one: [{ isMethod: true, argumentCount: 2 }],
  map: [{ isMethod: true, argumentCount: 2 }, { isMethod: true, argumentCount: 3 }],
  filter: [{ isMethod: true, argumentCount: 2 }],
};

const STATUS_FORM: FunctionForm[] = [{ isMethod: false, argumentCount: 0 }];

let known: Map<string, FunctionForm[]> | null = null;

/** Every function by name; operators are left out. */
export function knownFunctions(): ReadonlyMap<string, FunctionForm[]> {
  if (known !== null) return known;
  known = new Map(Object.entries(MACROS));
  for (const name of ["success", "failure", "always", "cancelled"]) known.set(name, STATUS_FORM);
  for (const { name, target, arguments: types } of environment().funcs) {
    if (!/^[a-z]\w*$/i.test(name)) continue;
    const form = { isMethod: target !== undefined, argumentCount: types.length };
    known.set(name, [...known.get(name) ?? [], form]);
  }
  return known;
}

/** Names that other languages use, and what to write here. */
export const FUNCTION_SYNONYMS: Readonly<Record<string, string>> = {
  any: "list.exists(x, …)",
  concat: "a + b",
  count: "size(x)",
  empty: "size(x) == 0",
  every: "list.all(x, …)",
  find: "list.filter(x, …)[0]",
  float: "double(x)",
  format: "'%s'.format([x])",
  includes: "text.contains(x), or x in list",
  integer: "int(x)",
  isEmpty: "size(x) == 0",
  len: "size(x)",
  length: "size(x)",
  lower: "text.lowerAscii()",
  now: "timestamp(run.startedAt)",
  number: "double(x)",
  parseFloat: "double(x)",
  parseInt: "int(x)",
  some: "list.exists(x, …)",
  str: "string(x)",
  toLowerCase: "text.lowerAscii()",
  toString: "string(x)",
  toUpperCase: "text.upperAscii()",
  upper: "text.upperAscii()",
};
