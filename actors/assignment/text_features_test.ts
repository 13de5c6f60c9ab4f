import assert from "node:assert/strict";
import fc from "fast-check";
import { hashText } from "./random.ts";
import { wordsOf } from "./text_features.ts";

/** The words as Unicode has them, the first 32. */
function expected(text: string): number[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
  return [...new Set(words.map((word) => hashText(word)))].slice(0, 32).sort((a, b) => a - b);
}

Deno.test("wordsOf() finds the words of any text, each once, the first 32", () => {
  const ascii = fc.string({ unit: fc.constantFrom(..."aAzZ09_ .-/@[`{"), maxLength: 40 });
  const many = fc.array(fc.nat(60), { maxLength: 80 }).map((words) => words.join(" "));
  const text = fc.oneof(ascii, many, fc.string({ unit: "binary" }), fc.string());
  fc.assert(fc.property(text, (one) => assert.deepEqual([...wordsOf(one)], expected(one))));
  for (const one of ["", " ", "a", "Größe der Datei", "\u212Aelvin k", "x\u0130y", "a\u0000b"]) {
    assert.deepEqual([...wordsOf(one)], expected(one), one);
  }
});

Deno.test("wordsOf() hands out an array that later texts leave alone", () => {
  const words = wordsOf("measure a file");
  const before = [...words];
  wordsOf("paint the whole house");
  assert.deepEqual([...words], before);
});
