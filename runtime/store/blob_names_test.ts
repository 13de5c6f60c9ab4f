import assert from "node:assert/strict";
import fc from "fast-check";
import { blobNames, mayNameBlobs } from "./blob_names.ts";

const NAME = "0123456789abcdef".repeat(4);
const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("blobNames() finds every name, in text and in bytes", () => {
  const other = "f".repeat(64);
  const text = `{"$blob":"${NAME}","ü":["${other}","${NAME}"]}`;
  for (const form of [text, encode(text)]) {
    assert.deepEqual(blobNames(form), new Set([NAME, other]));
  }
  assert.deepEqual(blobNames(encode(`xx${NAME}`).subarray(2)), new Set([NAME]));
});

Deno.test("blobNames() takes nothing longer or shorter, and no capitals, for a name", () => {
  for (const text of ["", NAME.slice(1), `${NAME}0`, `a${NAME}`, NAME.toUpperCase()]) {
    assert.deepEqual(blobNames(text), new Set());
    assert.equal(mayNameBlobs(encode(text)), false);
  }
  assert.equal(mayNameBlobs(encode(`"${NAME}"`)), true);
  assert.equal(mayNameBlobs(encode(`"${NAME}"`)), true, "again: no state is kept");
});

Deno.test("blobNames() finds what a search at every place finds", () => {
  const part = fc.oneof(
    fc.integer({ min: 60, max: 68 }).map((length) => "0a".repeat(64).slice(0, length)),
    fc.string({ unit: fc.constantFrom("0", "f", "g", '"', "ü", "F"), maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const text = parts.join("");
      const names = new Set(text.match(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g));
      assert.deepEqual([blobNames(text), blobNames(encode(text))], [names, names]);
    }),
    { numRuns: 2_000 },
  );
});
