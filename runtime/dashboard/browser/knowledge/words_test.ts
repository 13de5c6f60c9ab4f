import assert from "node:assert/strict";
import { factName, linkText, shortLabel } from "./words.ts";

Deno.test("linkText() tells an edge from the side of the reader", () => {
  assert.equal(linkText({ kind: "attempted", isOut: true, count: 12 }), "tried, 12 times");
  assert.equal(linkText({ kind: "attempted", isOut: false, count: 1 }), "tried by");
  assert.equal(linkText({ kind: "unheard", isOut: true, count: 0 }), "unheard");
});

Deno.test("shortLabel() and factName() make short names", () => {
  assert.equal(shortLabel("measure"), "measure");
  assert.equal(shortLabel("01M80SVB2W9TR5BQJ13TS3FQF3 count #2"), "…FQF3 count #2");
  assert.equal(shortLabel("x".repeat(200)).length, 28);
  assert.equal(factName("finishedAt"), "finished");
  assert.equal(factName("latencyMs"), "latency");
  assert.equal(factName("inputHash"), "input hash");
});
