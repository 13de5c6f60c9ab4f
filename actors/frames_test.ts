import assert from "node:assert/strict";
import fc from "fast-check";
import { findUntamed, JSON_DEPTH_MAX, toErrorCode, toPlainText } from "./frames.ts";

Deno.test("findUntamed() agrees with a count of depth and values on any JSON", () => {
  const depthOf = (value: unknown): number =>
    isContainer(value) ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
  const isContainer = (value: unknown): value is object =>
    typeof value === "object" && value !== null;
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(2 * JSON_DEPTH_MAX), (value, extra) => {
      // Wrapped to come near the limit, padded so that short text is scanned as well.
      const core = JSON.stringify([value, '"]},'.repeat(200)]);
      const text = "[".repeat(extra) + core + "]".repeat(extra);
      const isDeep = extra + depthOf([value]) > JSON_DEPTH_MAX;
      assert.equal(findUntamed(text, 1_000_000), isDeep ? "deep" : null);
    }),
  );
});

Deno.test("findUntamed() counts values, not what stands in strings", () => {
  const list = (count: number) => JSON.stringify(Array(count).fill(0.125));
  assert.equal(findUntamed(list(998), 1_000), null);
  assert.equal(findUntamed(list(1_001), 1_000), "large");
  assert.equal(findUntamed(JSON.stringify(Array(600).fill({})), 1_000), "large");
  assert.equal(findUntamed(JSON.stringify([",[{".repeat(5_000)]), 1_000), null);
});

Deno.test("findUntamed() ends on text that is no JSON", () => {
  for (const text of ['"'.repeat(5_000), "\\".repeat(5_000), `"${"\\".repeat(5_001)}`]) {
    assert.doesNotThrow(() => findUntamed(text, 10));
  }
});

Deno.test("toErrorCode() keeps codes and replaces the rest", () => {
  for (const code of ["A", "NO_SUCH_FILE", "E404", "A".repeat(64)]) {
    assert.equal(toErrorCode(code), code);
  }
  for (const code of ["", "lower", "_A", "1A", "A-B", "A B", "A\n", "A".repeat(65)]) {
    assert.equal(toErrorCode(code), "FAILED");
  }
});

Deno.test("toPlainText() removes escape sequences and controls", () => {
  const cases: [text: string, plain: string][] = [
    ["plain äöü 😀\nnext\tcolumn", "plain äöü 😀\nnext\tcolumn"],
    ["\x1b[31mred\x1b[0m", "red"],
    ["\x1b]0;title\x07text", "text"],
    ["\x1b]8;;http://x\x1b\\link", "link"],
    ["\x9b2Jcleared", "cleared"],
    ["bell\x07 back\b null\0 return\r", "bell back null return"],
    ["\u202eevil\u202c \u2066x\u2069", "evil x"],
    ["\x1b", ""],
    ["half \ud83d", "half \ufffd"],
  ];
  for (const [text, plain] of cases) assert.equal(toPlainText(text), plain);
});

Deno.test("toPlainText() is bounded, well formed and free of controls for any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 50 }), (text, max) => {
      const plain = toPlainText(text, max);
      assert.ok(plain.length <= max);
      assert.ok(plain.isWellFormed());
      // deno-lint-ignore no-control-regex -- what must not be there
      assert.doesNotMatch(plain, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    }),
  );
});
