import assert from "node:assert/strict";
import { chooseVersion, parseReference } from "./workflow_reference.ts";

const hash = (digit: string) => digit.repeat(64);
const ROWS = [
  { hash: hash("a"), version: "1.0.0" },
  { hash: hash("b"), version: "2.0.0-rc.1" },
  { hash: hash("c"), version: "1.4.2" },
  { hash: hash("d"), version: null },
  { hash: hash("e"), version: "1.3.0" },
];
const choose = (version: string | null) => chooseVersion(ROWS, version)?.hash[0] ?? null;

Deno.test("parseReference() splits name and version", () => {
  assert.deepEqual(parseReference("audit"), { name: "audit", version: null });
  assert.deepEqual(parseReference("audit@^1"), { name: "audit", version: "^1" });
  assert.deepEqual(parseReference("a@sha256:00"), { name: "a", version: "sha256:00" });
});

Deno.test("parseReference() refuses what cannot be a name", () => {
  for (const text of ["", "A", "../x", "a/b", "@1", "a b", "a\0"]) {
    assert.throws(() => parseReference(text), { code: "WORKFLOW_NOT_FOUND" }, text);
  }
});

Deno.test("chooseVersion() takes the last one where none is named", () => {
  assert.equal(choose(null), "e");
  assert.equal(choose("latest"), "e");
  assert.equal(chooseVersion([], null), null);
});

Deno.test("chooseVersion() takes versions, ranges and hashes", () => {
  assert.equal(choose("1.0.0"), "a");
  assert.equal(choose("^1"), "c");
  assert.equal(choose("~1.3"), "e");
  assert.equal(choose("2.0.0-rc.1"), "b");
  assert.equal(choose("^2"), null);
  assert.equal(choose(`sha256:${hash("d")}`), "d");
  assert.equal(choose("bbbbbbbb"), "b");
  assert.equal(choose("bbb"), null);
  assert.equal(choose("not a range"), null);
});
