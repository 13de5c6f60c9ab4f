import assert from "node:assert/strict";
import fc from "fast-check";
import { isTopicName, isTopicPattern, matchesTopic, normalSegments } from "./pattern.ts";
import { processorTimeMs } from "../../tests/processor_time.ts";

const SEGMENTS = ["a", "b", "c"];
const topic = fc.array(fc.constantFrom(...SEGMENTS), { minLength: 1, maxLength: 7 })
  .map((segments) => segments.join("."));
const pattern = fc.array(fc.constantFrom(...SEGMENTS, "*", "**"), { minLength: 1, maxLength: 7 })
  .map((segments) => segments.join("."));

/** The definition, word for word. */
function coversDumbly(pattern: readonly string[], topic: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return topic.length === 0;
  if (first === "**") {
    return [...topic.keys(), topic.length].some((at) => coversDumbly(rest, topic.slice(at)));
  }
  return topic.length > 0 && (first === "*" || first === topic[0]) &&
    coversDumbly(rest, topic.slice(1));
}

Deno.test("matchesTopic() says what the definition says", () => {
  fc.assert(
    fc.property(pattern, topic, (pattern, topic) => {
      const expected = coversDumbly(pattern.split("."), topic.split("."));
      assert.equal(matchesTopic(pattern, topic), expected);
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("matchesTopic() reads stars as segments", () => {
  const table: [pattern: string, topic: string, covers: boolean][] = [
    ["files.*", "files.found", true],
    ["files.*", "files", false],
    ["files.*", "files.found.twice", false],
    ["files.**", "files", true],
    ["files.**", "files.found.twice", true],
    ["**", "anything.at.all", true],
    ["**.end", "end", true],
    ["**.end", "a.b.end", true],
    ["**.end", "a.end.b", false],
    ["a.**.z", "a.z", true],
    ["a.**.z", "a.m.z.z", true],
    ["*.b", "a.b", true],
    ["a", "ab", false],
  ];
  for (const [pattern, topic, covers] of table) {
    assert.equal(matchesTopic(pattern, topic), covers, `${pattern} ~ ${topic}`);
  }
});

Deno.test("matchesTopic() is not exponential for hostile patterns", () => {
  const hostile = `${"**.a.".repeat(200)}b`;
  const topic = Array(2_000).fill("a").join(".");
  const beforeMs = processorTimeMs();
  assert.equal(matchesTopic(hostile, topic), false);
  assert.equal(matchesTopic(`${"**.".repeat(500)}b`, topic), false);
  assert.ok(processorTimeMs() - beforeMs < 5_000);
});

Deno.test("normalSegments() covers the same topics and leaves no ** before a star", () => {
  fc.assert(fc.property(pattern, topic, (pattern, topic) => {
    const normal = normalSegments(pattern).join(".");
    assert.equal(matchesTopic(normal, topic), matchesTopic(pattern, topic));
    assert.doesNotMatch(normal, /\*\*\.\*/);
    assert.deepEqual(normalSegments(normal).join("."), normal);
  }));
});

Deno.test("isTopicName() and isTopicPattern() accept what they should", () => {
  for (const name of ["a", "files.found", "a_b.c-d.0", Array(32).fill("a").join(".")]) {
    assert.ok(isTopicName(name) && isTopicPattern(name), name);
  }
  for (const pattern of ["*", "**", "a.*", "**.a.*.b.**", "**.**.**.**.**.**", "a.**.*"]) {
    assert.ok(isTopicPattern(pattern) && !isTopicName(pattern), pattern);
  }
});

Deno.test("isTopicName() and isTopicPattern() refuse what is malformed or too large", () => {
  const bad: unknown[] = ["", ".", "a.", ".a", "a..b", "A", "a b", "a\n", "ü", null, 1, ["a"]];
  const large = ["a".repeat(257), Array(33).fill("a").join(".")];
  for (const value of [...bad, ...large]) {
    assert.ok(!isTopicName(value) && !isTopicPattern(value), JSON.stringify(value));
  }
  for (const pattern of ["***", "a*", "*a", "a.b*", "**.a.**.a.**.a.**.a.**"]) {
    assert.ok(!isTopicPattern(pattern), pattern);
  }
});
