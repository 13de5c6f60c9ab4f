import * as assert from "node:assert/strict";
import fc from "fast-check";
import { toPlain } from "./tree_node.ts";
import { parseValue } from "./parse_value.ts";

const WORDS = { noun: "thing", emptyHint: "Write it", objectHint: "Write an object" };

function codesOf(value: unknown): [code: string, pointer: string][] {
  const { root, issues } = parseValue(value, "code", WORDS);
  assert.equal(root, null);
  return issues.sorted().map(({ code, pointer }) => [code, pointer]);
}

Deno.test("parseValue() keeps every JSON object as it is", () => {
  const object = fc.dictionary(
    fc.string().filter((key) => key !== "__proto__"),
    fc.jsonValue({ noUnicodeString: false }).filter((value) =>
      !JSON.stringify(value).includes("__proto__")
    ),
  );
  fc.assert(fc.property(object, (value) => {
    const plain = JSON.parse(JSON.stringify(value));
    const { root, issues } = parseValue(plain, "code", WORDS);
    assert.deepEqual(issues.sorted(), []);
    assert.deepEqual(toPlain(root!), plain);
  }));
});

Deno.test("parseValue() leaves out members that are undefined, as JSON does", () => {
  const { root } = parseValue({ a: undefined, b: 1 }, "code", WORDS);
  assert.deepEqual(toPlain(root!), { b: 1 });
});

Deno.test("parseValue() refuses what is no JSON, at its place", () => {
  class Point {}
  const list: [unknown, string][] = [
    [() => {}, "/a/0"],
    [NaN, "/a/0"],
    [10n, "/a/0"],
    [Symbol("s"), "/a/0"],
    [new Date(0), "/a/0"],
    [new Map(), "/a/0"],
    [new Point(), "/a/0"],
    [undefined, "/a/0"],
  ];
  for (const [value, pointer] of list) {
    assert.deepEqual(codesOf({ a: [value] }), [["WRONG_TYPE", pointer]]);
  }
  assert.deepEqual(codesOf([]), [["FILE_NOT_OBJECT", ""]]);
  assert.deepEqual(codesOf(undefined), [["WRONG_TYPE", ""]]);
});

Deno.test("parseValue() refuses keys that would change what an object is", () => {
  const value = JSON.parse('{ "a/b": { "__proto__": { "admin": true } } }');
  assert.deepEqual(codesOf(value), [["DANGEROUS_KEY", "/a~1b/__proto__"]]);
});

Deno.test("parseValue() ends in values that hold themselves or stand for too many", () => {
  const ring: Record<string, unknown> = {};
  ring.self = ring;
  assert.equal(codesOf(ring)[0]![0], "NESTING_TOO_DEEP");
  const twice: Record<string, unknown> = {};
  Object.assign(twice, { a: twice, b: [twice, twice] });
  assert.ok(codesOf(twice).some(([code]) => code === "FILE_TOO_LARGE"));
  let bomb: unknown = [];
  for (let i = 0; i < 30; i++) bomb = [bomb, bomb];
  assert.deepEqual(codesOf({ bomb }), [["FILE_TOO_LARGE", ""]]);
  assert.deepEqual(codesOf({ sparse: new Array(1e9) }), [["FILE_TOO_LARGE", ""]]);
});
