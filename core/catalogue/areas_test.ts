import assert from "node:assert/strict";
import { AREAS, ERRORS } from "./areas.ts";

Deno.test("AREAS have each code once, so that no area hides a code of another", () => {
  const codes = Object.values(AREAS).flatMap((area) => Object.keys(area));
  const repeated = codes.filter((code, index) => codes.indexOf(code) !== index);
  assert.deepEqual(repeated, []);
  assert.equal(Object.keys(ERRORS).length, codes.length);
});
