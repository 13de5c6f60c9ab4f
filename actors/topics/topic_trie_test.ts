import assert from "node:assert/strict";
import fc from "fast-check";
import { matchesTopic, normalSegments } from "./pattern.ts";
import { TopicTrie } from "./topic_trie.ts";
import { processorTimeMs } from "../../tests/processor_time.ts";

const SEGMENTS = ["a", "b", "c"];
const topic = fc.array(fc.constantFrom(...SEGMENTS), { minLength: 1, maxLength: 6 })
  .map((segments) => segments.join("."));
const pattern = fc.array(fc.constantFrom(...SEGMENTS, "*", "**"), { minLength: 1, maxLength: 6 })
  .map((segments) => segments.join("."));
const step = fc.record({ pattern, value: fc.nat(5), isAdd: fc.boolean() });

Deno.test("TopicTrie finds what asking each pattern finds, after any adds and removes", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.array(topic), (steps, topics) => {
      const trie = new TopicTrie<number>();
      const list = new Map<string, Set<number>>();
      for (const { pattern, value, isAdd } of steps) {
        const values = list.get(pattern) ?? new Set<number>();
        list.set(pattern, values);
        if (isAdd) values.add(value), trie.add(pattern, value);
        else if (!hasTwin(list, pattern, value)) {
          assert.equal(trie.remove(pattern, value), values.delete(value));
        }
      }
      for (const topic of topics) {
        const expected = [...list].filter(([pattern]) => matchesTopic(pattern, topic))
          .flatMap(([, values]) => [...values]);
        assert.deepEqual(trie.match(topic), new Set(expected));
      }
    }),
    { numRuns: 500 },
  );
});

/** Whether another spelling of the pattern, such as `**.**` of `**`, holds the value as well. */
function hasTwin(list: Map<string, Set<number>>, pattern: string, value: number): boolean {
  const normal = normalSegments(pattern).join(".");
  return [...list].some(([other, values]) =>
    other !== pattern && values.has(value) && normalSegments(other).join(".") === normal
  );
}

Deno.test("TopicTrie is empty again when all is removed", () => {
  const trie = new TopicTrie<string>();
  const patterns = ["a.b.c", "a.*", "**", "a.**.c", "*.*.*"];
  for (const pattern of patterns) trie.add(pattern, pattern);
  assert.equal(trie.size, patterns.length);
  trie.add("**", "**");
  assert.equal(trie.size, patterns.length);
  for (const pattern of patterns) assert.ok(trie.remove(pattern, pattern));
  assert.equal(trie.remove("a.b.c", "a.b.c"), false);
  assert.equal(trie.size, 0);
  assert.deepEqual(trie.match("a.b.c"), new Set());
});

Deno.test("TopicTrie does not look at subscriptions to other topics", () => {
  const trie = new TopicTrie<number>();
  for (let at = 0; at < 50_000; at++) trie.add(`topic-${at}.*`, at);
  const beforeMs = processorTimeMs();
  for (let at = 0; at < 50_000; at++) assert.deepEqual([...trie.match(`topic-${at}.x`)], [at]);
  assert.ok(processorTimeMs() - beforeMs < 10_000);
});

Deno.test("TopicTrie answers hostile patterns in time", () => {
  const trie = new TopicTrie<string>();
  for (let at = 0; at < 1_000; at++) {
    const segments = Array.from({ length: 10 }, (_, bit) => ((at >> bit) & 1) === 1 ? "**.a" : "*");
    trie.add(segments.join("."), `${at}`);
  }
  const topic = Array(32).fill("a").join(".");
  const beforeMs = processorTimeMs();
  const found = trie.match(topic);
  assert.ok(processorTimeMs() - beforeMs < 2_000);
  assert.equal(found.size, 999);
});
