import assert from "node:assert/strict";
import fc from "fast-check";
import { LineSplitter } from "./lines.ts";
import { LineWriter } from "./line_writer.ts";

Deno.test("LineSplitter finds the same lines however the bytes are cut", () => {
  const anyLine = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", ""));
  fc.assert(fc.property(fc.array(anyLine), fc.array(fc.nat(40)), (texts, cuts) => {
    const bytes = new TextEncoder().encode(texts.map((text) => `${text}\n`).join(""));
    const lines = new LineSplitter(1_000_000);
    const found: string[] = [];
    let from = 0;
    for (const length of [...cuts, bytes.length]) {
      // The buffer is reused after each push, as a socket's is.
      const chunk = bytes.slice(from, from + length);
      found.push(...lines.push(chunk));
      chunk.fill(88);
      from += length;
    }
    assert.deepEqual(found, texts.map((text) => text.toWellFormed()));
  }));
});

Deno.test("LineSplitter throws when a line has no end", () => {
  const lines = new LineSplitter(10);
  lines.push(new Uint8Array(8));
  assert.throws(() => lines.push(new Uint8Array(8)), RangeError);
});

Deno.test("LineWriter writes everything in order, whatever the sink takes at once", async () => {
  const taken: number[] = [];
  const sink = {
    write(bytes: Uint8Array): Promise<number> {
      const count = Math.min(3, bytes.length);
      taken.push(...bytes.subarray(0, count));
      return Promise.resolve(count);
    },
  };
  const writer = new LineWriter(sink, () => assert.fail("no error was expected"));
  for (const line of ["first", "zweite äöü", ""]) writer.write(line);
  while (new TextDecoder().decode(new Uint8Array(taken)) !== "first\nzweite äöü\n\n") {
    await Promise.resolve();
  }
  assert.equal(writer.waitingChars, 0);
});

Deno.test("LineWriter tells once that the other side is gone", async () => {
  let errors = 0;
  const sink = { write: () => Promise.reject(new Error("gone")) };
  const writer = new LineWriter(sink, () => errors++);
  writer.write("a");
  writer.write("b");
  await new Promise((resolve) => setTimeout(resolve, 0));
  writer.write("c");
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(errors, 1);
});
