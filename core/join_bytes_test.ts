import assert from "node:assert/strict";
import fc from "fast-check";
import { joinBytes } from "./join_bytes.ts";

Deno.test("joinBytes() gives back what was cut, wherever that was", () => {
  const cases = fc.tuple(fc.uint8Array(), fc.array(fc.nat({ max: 12 })));
  fc.assert(fc.property(cases, ([bytes, cuts]) => {
    const places = cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b);
    const parts = [0, ...places].map((from, at) => bytes.slice(from, places[at]));
    assert.deepEqual(joinBytes(parts), bytes);
  }));
});
