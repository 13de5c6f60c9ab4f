import assert from "node:assert/strict";
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
