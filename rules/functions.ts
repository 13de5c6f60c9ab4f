/**
 * Which functions there are: for checking expressions before they run.
 *
 * @module
 */
import type { FunctionForm } from "./static_type.ts";
import { environment } from "./engine.ts";
import { STATUS_FUNCTIONS } from "./status_functions.ts";

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
  for (const name of STATUS_FUNCTIONS) known.set(name, STATUS_FORM);
  for (const { name, target, arguments: types } of environment().funcs) {
    if (!/^[a-z]\w*$/i.test(name)) continue;
    const form = { isMethod: target !== undefined, argumentCount: types.length };
    known.set(name, [...known.get(name) ?? [], form]);
  }
  return known;
}
