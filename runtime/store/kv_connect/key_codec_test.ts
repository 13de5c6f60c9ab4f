import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeKey, encodeKey } from "./key_codec.ts";

const numbers = fc.double({ noNaN: true });
const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("\0", "\u0001", "ÿ", "a", "😀") }),
);
const keys = fc.array(fc.oneof(numbers, texts, fc.integer()), { maxLength: 5 });

Deno.test("decodeKey() gives back what encodeKey() was given", () => {
  fc.assert(fc.property(keys, (key) => assert.deepEqual(decodeKey(encodeKey(key)), key)));
});

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    if (a[at] !== b[at]) return a[at]! - b[at]!;
  }
  return a.length - b.length;
}

Deno.test("encodeKey() keeps the order of numbers and of UTF-8 texts", () => {
  const utf8 = (text: string) => new TextEncoder().encode(text);
  fc.assert(fc.property(numbers, numbers, (a, b) => {
    if (Object.is(a, b) || a === b) return;
    const order = compareBytes(encodeKey(["k", a]), encodeKey(["k", b]));
    assert.equal(Math.sign(order), a < b ? -1 : 1);
  }));
  fc.assert(fc.property(texts, texts, (a, b) => {
    const expected = Math.sign(compareBytes(utf8(a), utf8(b)));
    assert.equal(Math.sign(compareBytes(encodeKey([a, 1]), encodeKey([b, 1]))), expected);
  }));
});

Deno.test("encodeKey() and decodeKey() refuse parts that stores do not use", () => {
  assert.throws(() => encodeKey([true]), TypeError);
  assert.throws(() => encodeKey([1n]), TypeError);
  assert.throws(() => decodeKey(new Uint8Array([0x26])), TypeError);
  assert.throws(() => decodeKey(new Uint8Array([0x21, 1, 2])), TypeError);
});
