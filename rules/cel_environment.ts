/**
 * The CEL environment of Denizen: the standard functions, the strings extension, arithmetic that
 * mixes JSON numbers (doubles) with whole-number literals (ints), and a budget on what can grow.
 *
 * @module
 */
import {
  celEnv,
  celFunc,
  celMethod,
  CelScalar,
  isCelError,
  isCelList,
  listType,
} from "@bufbuild/cel";
import type { CelEnv, CelFunc, CelType, CelValue } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import { RE2JS } from "@bufbuild/re2";
import { concatLists, countRounds } from "./cel_values.ts";
import { charge, TEXT_LENGTH_MAX } from "./limits.ts";

const { BOOL, DOUBLE, DYN, INT, STRING } = CelScalar;
const LIST = listType(DYN);

/** Counts the rounds of a loop before they are run; wrapped around what every macro iterates. */
export const ITERATE = "@iterate";

type Arithmetic = (left: number, right: number) => number;

const ARITHMETIC: Record<string, Arithmetic> = {
  "_+_": (left, right) => left + right,
  "_-_": (left, right) => left - right,
  "_*_": (left, right) => left * right,
  "_/_": (left, right) => left / right,
  "_%_": (left, right) => left % right,
};

/**
 * `double op int` and `int op double`, and `%` of doubles, as doubles. CEL proper has none of them;
 * without them `input.n + 1` would fail for every number that comes from JSON.
 */
export function mixedArithmetic(): CelFunc[] {
  return Object.entries(ARITHMETIC).flatMap(([name, apply]) => [
    celFunc(name, [DOUBLE, INT], DOUBLE, (left, right) => apply(left, Number(right))),
    celFunc(name, [INT, DOUBLE], DOUBLE, (left, right) => apply(Number(left), right)),
    ...(name === "_%_" ? [celFunc(name, [DOUBLE, DOUBLE], DOUBLE, apply)] : []),
  ]);
}

const patterns = new Map<string, ReturnType<typeof RE2JS.compile>>();
const PATTERNS_MAX = 64;

/** Patterns are nearly always constants, and compiling one takes longer than many matches. */
function compilePattern(source: string) {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  charge(100 + source.length);
  if (patterns.size >= PATTERNS_MAX) patterns.clear();
  const pattern = RE2JS.compile(source);
  patterns.set(source, pattern);
  return pattern;
}

/** Replacements of standard functions whose cost grows with their lists, with the same results. */
export function budgeted(): CelFunc[] {
  const equals = celEnv().funcs.find("_==_")!;
  const isEqual = (left: CelValue, right: CelValue): boolean => {
    if (isCelList(left) && isCelList(right)) charge(Math.min(left.size, right.size));
    return equals.call(0, undefined, [left, right]) === true;
  };
  return [
    celFunc("_+_", [LIST, LIST], LIST, concatLists),
    celFunc("_==_", [DYN, DYN], BOOL, isEqual),
    celFunc("_!=_", [DYN, DYN], BOOL, (left, right) => !isEqual(left, right)),
    celFunc("@in", [DYN, LIST], BOOL, (item, list) => {
      charge(list.size);
      for (const candidate of list) if (isEqual(item, candidate)) return true;
      return false;
    }),
    celFunc(ITERATE, [DYN, INT], DYN, (range, weight) => countRounds(range, Number(weight))),
    celMethod("matches", STRING, [STRING], BOOL, function (pattern) {
      charge(4 + (this.length >> 6));
      return compilePattern(pattern).test(this);
    }),
  ];
}

/** The strings extension, bounded in what it makes. */
export function boundedStrings(): CelFunc[] {
  return [
    ...strings.map((func) =>
      func.target === undefined ? func : boundedMethod(func, func.arguments)
    ),
    celMethod("replace", STRING, [STRING, STRING], STRING, function (from, to) {
      return replaceText(this, from, to, Infinity);
    }),
    celMethod("replace", STRING, [STRING, STRING, INT], STRING, function (from, to, times) {
      return replaceText(this, from, to, times < 0n ? Infinity : Number(times));
    }),
  ];
}

/** The strings extension once more, taking whole JSON numbers where it wants ints. */
export function stringsWithDoubles(): CelFunc[] {
  return boundedStrings()
    .filter((func) => func.arguments.some((type) => type === INT))
    .flatMap((func) => intOrDouble(func.arguments).map((types) => boundedMethod(func, types)));
}

/** All ways to give a double for at least one int. */
function intOrDouble(types: readonly CelType[]): CelType[][] {
  const ways = types.reduce<CelType[][]>(
    (found, type) =>
      found.flatMap((way) => (type === INT ? [INT, DOUBLE] : [type]).map((each) => [...way, each])),
    [[]],
  );
  return ways.filter((way) => way.includes(DOUBLE));
}

function boundedMethod(func: CelFunc, types: readonly CelType[]): CelFunc {
  return celMethod(func.name, func.target!, types, func.result, function (...args: CelValue[]) {
    if (typeof this === "string") charge(this.length >> 8);
    const whole = args.map((arg, i) => types[i] === DOUBLE ? wholeNumber(arg) : arg);
    const result = func.call(0, this, whole);
    if (result === undefined || isCelError(result)) throw result ?? new Error("no such overload");
    if (typeof result === "string") boundText(result.length);
    return result;
  });
}

function wholeNumber(value: CelValue): bigint {
  if (Number.isSafeInteger(value)) return BigInt(value as number);
  throw new Error(`${value} is not a whole number`);
}

/** In linear time; the library's own copies the text once for each hit. */
function replaceText(text: string, from: string, to: string, timesMax: number): string {
  const parts = text.split(from);
  const times = from === "" ? text.length + 1 : parts.length - 1;
  boundText(text.length + Math.min(times, timesMax) * to.length);
  if (timesMax >= times) return text.replaceAll(from, () => to);
  let result = "";
  let at = 0;
  for (let i = 0; i < timesMax; i++) {
    const hit = text.indexOf(from, at + (from === "" && i > 0 ? 1 : 0));
    result += text.slice(at, hit) + to;
    at = hit + from.length;
  }
  return result + text.slice(at);
}

function boundText(length: number): void {
  if (length > TEXT_LENGTH_MAX) throw new Error(`the text would have ${length} characters`);
}

/**
 * The environment in which every expression of a workflow is evaluated.
 *
 * @param options `mixed: false` leaves out what is not CEL proper, for the conformance test
 */
export function createEnvironment(options: { mixed: boolean }): CelEnv {
  const extra = options.mixed ? [...mixedArithmetic(), ...stringsWithDoubles()] : [];
  return celEnv({ funcs: [...boundedStrings(), ...budgeted(), ...extra] });
}
