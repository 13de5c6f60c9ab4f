import assert from "node:assert/strict";
import fc from "fast-check";
import { finish } from "./steps.ts";
import { WordSimilarity, wordsOf } from "./word_similarity.ts";

const all = () => true;

Deno.test("wordsOf() takes letters and digits of any script, lower case", () => {
  assert.deepEqual(wordsOf("Zähle src/main_2.ts – 単語!"), [
    "zähle",
    "src",
    "main",
    "2",
    "ts",
    "単語",
  ]);
  assert.equal(wordsOf("x ".repeat(1_000)).length, 64);
  assert.equal(wordsOf("x".repeat(1_000))[0]!.length, 40);
});

Deno.test("WordSimilarity.alike() ranks by rare words in common", () => {
  const texts = new WordSimilarity();
  ["measure a", "measure b", "measure c zebra", "paint d"].forEach((text, id) =>
    texts.add(id, text)
  );
  const found = texts.alike("measure zebra", { limit: 2, accept: all });
  assert.deepEqual(found.map(({ id }) => id)[0], 2);
  assert.deepEqual(texts.alike("elephant", { limit: 2, accept: all }), []);
  assert.deepEqual(texts.alike("measure zebra", { limit: 2, accept: (id) => id === 0 })[0]!.id, 0);
});

Deno.test("WordSimilarity.alike() is 1 for the same words alone, and the same both ways", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", "d", "__proto__"), { maxLength: 6 })
    .map((words) => words.join(" "));
  fc.assert(fc.property(text, text, (one, other) => {
    const texts = new WordSimilarity();
    texts.add(0, one);
    texts.add(1, other);
    const similarity = (from: string, id: number) =>
      texts.alike(from, { limit: 9, accept: all }).find((found) => found.id === id)?.similarity ??
        0;
    const there = similarity(one, 1);
    assert.ok(Math.abs(there - similarity(other, 0)) < 1e-12);
    assert.ok(there >= 0 && there <= 1);
    const isSame = wordsOf(one).sort().join() === wordsOf(other).sort().join() && one !== "";
    assert.equal(there === 1, isSame);
  }));
});

Deno.test("WordSimilarity.remove() leaves nothing that is found or counted", () => {
  const texts = new WordSimilarity();
  texts.add(0, "measure x");
  texts.add(1, "measure y");
  texts.remove(0, "measure x");
  texts.remove(0, "measure x");
  assert.equal(texts.size, 1);
  assert.deepEqual(texts.alike("x", { limit: 5, accept: all }), []);
  assert.deepEqual(texts.find("meas", { limit: 5, accept: all }), [1]);
});

Deno.test("WordSimilarity answers also where every word is in very many texts", () => {
  const texts = new WordSimilarity();
  for (let id = 0; id < 3_000; id++) texts.add(id, `measure file number ${id}`);
  assert.equal(texts.alike("measure file number 7", { limit: 1, accept: all })[0]!.id, 7);
  assert.equal(texts.alike("measure file", { limit: 5, accept: all }).length, 5);
  const repeatable = { limit: 5, accept: all, isRepeatable: true };
  assert.deepEqual(texts.alike("measure file", repeatable), []);
});

Deno.test("WordSimilarity answers the same whenever its index is made", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 5 })
    .map((words) => words.join(" "));
  const step = fc.oneof(
    text.map((added) => ({ added })),
    fc.nat(30).map((removed) => ({ removed })),
    fc.constant({ paused: true }),
  );
  const steps = fc.array(step, { minLength: 1, maxLength: 80 });
  fc.assert(fc.property(steps, fc.nat(80), text, (changes, askedAt, question) => {
    const [late, soon] = [new WordSimilarity(), new WordSimilarity()];
    finish(soon.prepare());
    const texts: string[] = [];
    const work = late.prepare();
    for (const [at, one] of changes.entries()) {
      if ("added" in one) {
        for (const similarity of [late, soon]) similarity.add(texts.length, one.added);
        texts.push(one.added);
      } else if ("removed" in one) {
        const known = texts[one.removed] ?? "";
        for (const similarity of [late, soon]) similarity.remove(one.removed, known);
      } else {
        work.next();
      }
      if (at === askedAt) late.find("a", { limit: 1, accept: all });
    }
    assert.equal(late.size, soon.size);
    for (const isRepeatable of [false, true]) {
      const options = { limit: 9, accept: (id: number) => id % 5 > 0, isRepeatable };
      assert.deepEqual(late.alike(question, options), soon.alike(question, options));
    }
    const options = { limit: 9, accept: all };
    assert.deepEqual(late.find(question, options), soon.find(question, options));
  }));
});

Deno.test("WordSimilarity.prepare() pauses often, and leaves nothing to do", () => {
  const texts = new WordSimilarity();
  for (let id = 0; id < 2_000; id++) texts.add(id, `measure file ${id}`);
  texts.remove(7, "measure file 7");
  assert.ok([...texts.prepare()].length >= 2_000 / 50);
  texts.add(2_000, "paint");
  assert.equal(texts.prepare().next().done, true);
  assert.deepEqual(texts.find("paint", { limit: 5, accept: all }), [2_000]);
});
