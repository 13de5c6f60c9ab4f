import assert from "node:assert/strict";
import { fitsPattern, isNamePattern } from "./name_pattern.ts";
import { processorTimeMs } from "../../tests/processor_time.ts";

Deno.test("fitsPattern() takes a star for any text", () => {
  const table: [name: string, pattern: string, fits: boolean][] = [
    ["repo-audit", "repo-*", true],
    ["repo-", "repo-*", true],
    ["repo", "repo-*", false],
    ["xrepo-a", "repo-*", false],
    ["aa", "a*a", true],
    ["a", "a*a", false],
    ["", "*", true],
    ["a.b", "a?b", false],
    ["Repo", "repo", false],
  ];
  for (const [name, pattern, fits] of table) {
    assert.equal(fitsPattern(name, pattern), fits, `${name} ${pattern}`);
  }
});

Deno.test("fitsPattern() is quick with names made to slow it down", () => {
  const beforeMs = processorTimeMs();
  assert.ok(!fitsPattern("a".repeat(100_000), "*a*a*a*a*a*a*ab"));
  assert.ok(processorTimeMs() - beforeMs < 2_000);
});

Deno.test("isNamePattern() refuses what no name has", () => {
  for (const text of ["repo-*", "*", "größe", "a/b"]) assert.ok(isNamePattern(text), text);
  for (const text of ["", "a b", "a\n", "x".repeat(201), "*".repeat(9), "a\u202e"]) {
    assert.ok(!isNamePattern(text), JSON.stringify(text));
  }
});
