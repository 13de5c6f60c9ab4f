import assert from "node:assert/strict";
import { findUnfit, type Unfit } from "./find_unfit.ts";

const LIMITS = { charsMax: 1_000, valuesMax: 500, depthMax: 10 };

function foreign(path: (string | number)[], what: string): Unfit {
  return { fault: "foreign", path, what };
}

Deno.test("findUnfit() names the place of what JSON would change without a word", () => {
  const cases: [unknown, Unfit][] = [
    [NaN, foreign([], "NaN")],
    [{ a: [1, NaN] }, foreign(["a", 1], "NaN")],
    [[[-Infinity]], foreign([0, 0], "-Infinity")],
    [[undefined], foreign([0], "undefined")],
    [new Array(1), foreign([0], "undefined")],
    [[() => 1], foreign([0], "a function")],
    [{ f() {} }, foreign(["f"], "a function")],
    [{ s: Symbol("s") }, foreign(["s"], "a symbol")],
    [{ n: 1n }, foreign(["n"], "a BigInt")],
    [{ m: new Map([[1, 2]]) }, foreign(["m"], "of class Map")],
    [new Set(), foreign([], "of class Set")],
    [{ e: new TypeError("no") }, foreign(["e"], "of class TypeError")],
    [new Uint8Array(2), foreign([], "of class Uint8Array")],
    [new ArrayBuffer(2), foreign([], "of class ArrayBuffer")],
    [/a/, foreign([], "of class RegExp")],
    [[Promise.resolve()], foreign([0], "of class Promise")],
    [new Headers(), foreign([], "of class Headers")],
    [new Date(NaN), foreign([], "an invalid date")],
    [
      new (class Point {
        x = NaN;
      })(),
      foreign(["x"], "NaN"),
    ],
  ];
  for (const [value, expected] of cases) assert.deepEqual(findUnfit(value, LIMITS), expected);
});

Deno.test("findUnfit() lets pass what JSON says as well", () => {
  const values = [
    null,
    "text",
    { a: [1, "b", true, null], gone: undefined },
    Object.assign(Object.create(null), { a: 1 }),
    new Date(0),
    new URL("https://example.org"),
    new (class Point {
      x = 1;
    })(),
    new (class Empty {})(),
    { toJSON: () => 1 },
  ];
  for (const value of values) assert.equal(findUnfit(value, LIMITS), null);
});

Deno.test("findUnfit() finds what is too long, too large or too deep, and ends on circles", () => {
  const circle: Record<string, unknown> = {};
  circle.left = circle.right = circle;
  const deep = Array.from({ length: 10 }).reduce<unknown>((inner) => [inner], []);
  assert.deepEqual(findUnfit(circle, LIMITS), { fault: "deep" });
  assert.deepEqual(findUnfit(deep, LIMITS), { fault: "deep" });
  assert.deepEqual(findUnfit(["x".repeat(600), "y".repeat(600)], LIMITS), { fault: "long" });
  assert.deepEqual(findUnfit({ ["k".repeat(2_000)]: 1 }, LIMITS), { fault: "long" });
  assert.deepEqual(findUnfit(Array.from({ length: 500 }, () => 0), LIMITS), { fault: "large" });
});
