/**
 * JSON as CEL sees it, without copying: a map or list of CEL looks into the JavaScript value when
 * it is asked. `@bufbuild/cel` itself would turn every object that it meets into a `Map` (touching
 * all members, so also the lazy ones) and cannot take an object with a member named `constructor`.
 *
 * JSON numbers are CEL doubles, as `google.protobuf.Value` has it.
 *
 * @module
 */
import { celType, isCelList, isCelMap, isCelType, isCelUint } from "@bufbuild/cel";
import type { CelFunc, CelList, CelMap, CelValue } from "@bufbuild/cel";
import type { Json } from "../core/json.ts";
import { charge } from "./limits.ts";

// The library knows its own maps and lists by these registered symbols.
const MAP = Symbol.for("@bufbuild/cel/map");
const LIST = Symbol.for("@bufbuild/cel/list");

/** A JSON value for CEL; `undefined` stays so: no such member. */
export function wrapJson(value: unknown): CelValue | undefined {
  if (typeof value !== "object" || value === null) return value as CelValue | undefined;
  const wrapped: unknown = Array.isArray(value) ? new JsonList(value) : new JsonMap(value);
  return wrapped as CelValue;
}

/** An object as a map with text keys. Only own members count, never those of a prototype. */
class JsonMap {
  readonly [MAP] = MAP;
  constructor(readonly source: object) {}

  get size(): number {
    return Object.keys(this.source).length;
  }

  get(key: unknown): CelValue | undefined {
    if (typeof key !== "string" || !Object.hasOwn(this.source, key)) return undefined;
    return wrapJson((this.source as Record<string, unknown>)[key]);
  }

  has(key: unknown): boolean {
    return this.get(key) !== undefined;
  }

  keys(): IterableIterator<string> {
    return Object.keys(this.source).values();
  }

  *values(): IterableIterator<CelValue> {
    for (const key of Object.keys(this.source)) yield this.get(key)!;
  }

  *entries(): IterableIterator<[string, CelValue]> {
    for (const key of Object.keys(this.source)) yield [key, this.get(key)!];
  }

  forEach(callback: (value: CelValue, key: string, map: unknown) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this);
  }

  [Symbol.iterator](): IterableIterator<[string, CelValue]> {
    return this.entries();
  }
}

/** An array as a list. */
class JsonList {
  readonly [LIST] = LIST;
  constructor(readonly source: readonly unknown[]) {}

  get size(): number {
    return this.source.length;
  }

  get(index: number): CelValue | undefined {
    return wrapJson(this.source[index]);
  }

  *values(): IterableIterator<CelValue> {
    for (const item of this.source) yield wrapJson(item)!;
  }

  [Symbol.iterator](): IterableIterator<CelValue> {
    return this.values();
  }
}

/**
 * A list that grew. `map` and `filter` add one item at a time, so lists share their items: only
 * the one that sees all of them may push in place, any other copies first.
 */
class GrownList {
  readonly [LIST] = LIST;
  constructor(readonly items: CelValue[], readonly size: number) {}

  get(index: number): CelValue | undefined {
    return index < this.size ? this.items[index] : undefined;
  }

  *values(): IterableIterator<CelValue> {
    for (let i = 0; i < this.size; i++) yield this.items[i]!;
  }

  [Symbol.iterator](): IterableIterator<CelValue> {
    return this.values();
  }
}

/** `left + right`, in constant time per added item when `left` is the newest view of its items. */
export function concatLists(left: CelList, right: CelList): CelList {
  const isNewest = left instanceof GrownList && left.items.length === left.size;
  charge((isNewest ? 0 : left.size) + (right.size > 1 ? right.size : 0));
  const items = isNewest ? left.items : [...left];
  for (const item of right) items.push(item);
  const grown: unknown = new GrownList(items, items.length);
  return grown as CelList;
}

/**
 * What a loop runs over, counted when the loop begins. The charge must come from the iterator: an
 * error from a function would be a value, which `exists` and `||` may swallow, and the loop would
 * go on.
 *
 * @param weight steps that one round counts for
 */
export function countRounds(range: CelValue, weight: number): CelValue {
  const list = isCelMap(range) ? keysOf(range) : range;
  if (!isCelList(list)) return range;
  const counted: unknown = new CountedList(list, weight);
  return counted as CelValue;
}

function keysOf(map: CelMap): CelList {
  const keys: CelValue[] = [...map.keys()];
  const list: unknown = new GrownList(keys, keys.length);
  return list as CelList;
}

/** A list that takes its size from the budget whenever it is iterated. */
class CountedList {
  readonly [LIST] = LIST;
  constructor(readonly inner: CelList, readonly weight: number) {}

  get size(): number {
    return this.inner.size;
  }

  get(index: number): CelValue | undefined {
    return this.inner.get(index);
  }

  values(): IterableIterator<CelValue> {
    charge(this.inner.size * this.weight);
    return this.inner.values();
  }

  [Symbol.iterator](): IterableIterator<CelValue> {
    return this.values();
  }
}

/**
 * The JSON of a CEL value: numbers of any kind become numbers, timestamps RFC 3339 text, durations
 * text such as `3.5s`, bytes base64.
 *
 * @param toText CEL's own `string()`, for timestamps and durations
 * @throws {RangeError} for a number that JSON cannot hold exactly
 */
export function toJson(value: CelValue, toText: CelFuncGroup): Json {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number") return finite(value);
  if (typeof value === "bigint") return safe(value);
  if (value instanceof JsonMap || value instanceof JsonList) return value.source as Json;
  if (isCelUint(value)) return safe(value.value);
  if (value instanceof Uint8Array) return btoa(String.fromCharCode(...value));
  if (isCelList(value)) return Array.from(value, (item) => toJson(item, toText));
  if (isCelMap(value)) return mapToJson(value, toText);
  if (isCelType(value)) return value.name;
  const text = toText.call(0, undefined, [value]);
  if (typeof text === "string") return text;
  throw new RangeError(`a ${celType(value).name} cannot be passed on`);
}

/** What the environment finds by name. */
export type CelFuncGroup = { call: CelFunc["call"] };

function mapToJson(map: CelMap, toText: CelFuncGroup): Json {
  const members: [string, Json][] = [];
  for (const [key, item] of map) {
    members.push([String(isCelUint(key) ? key.value : key), toJson(item, toText)]);
  }
  return Object.fromEntries(members);
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new RangeError(`the result is ${value}, which is no JSON number (divided by zero?)`);
}

function safe(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new RangeError(`the result ${value} is too large to be exact as a number`);
}
