import assert from "node:assert/strict";
import fc from "fast-check";
import { EffectBook, isOlder, parseEffect } from "./effect_book.ts";

const effect = (term: number, attempt: number, over = {}) => ({
  run: "r",
  task: "t",
  attempt,
  term,
  what: "begin",
  nonce: "n",
  ...over,
});

Deno.test("EffectBook refuses a lower term, and a lower attempt of the same term", () => {
  const book = new EffectBook();
  const takes = (term: number, attempt: number) => book.write(effect(term, attempt), 0).isAccepted;
  assert.ok(takes(2, 2));
  assert.ok(takes(2, 2));
  assert.ok(!takes(2, 1));
  assert.ok(!takes(1, 3));
  assert.ok(takes(3, 1));
  assert.deepEqual(book.entries.map(({ n }) => n), [1, 2, 3, 4, 5]);
});

Deno.test("EffectBook holds each task of each run by itself", () => {
  const book = new EffectBook();
  book.write(effect(9, 9), 0);
  assert.ok(book.write(effect(1, 1, { task: "u" }), 0).isAccepted);
  assert.ok(book.write(effect(1, 1, { run: "s" }), 0).isAccepted);
});

Deno.test("EffectBook never accepts an older attempt after a newer one", () => {
  const writes = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })));
  fc.assert(fc.property(writes, (pairs) => {
    const book = new EffectBook();
    for (const [term, attempt] of pairs) book.write(effect(term, attempt), 0);
    const accepted = book.entries.filter(({ isAccepted }) => isAccepted);
    for (const [at, entry] of accepted.entries()) {
      assert.ok(at === 0 || !isOlder(entry, accepted[at - 1]!));
    }
  }));
});

Deno.test("parseEffect() refuses what lacks a field or has one of another kind", () => {
  assert.deepEqual(parseEffect(effect(1, 1)), effect(1, 1));
  const wrong = [
    null,
    1,
    {},
    effect(1.5, 1),
    effect(1, 1, { run: 1 }),
    effect(1, 1, { nonce: "" }),
  ];
  for (const value of wrong) assert.equal(parseEffect(value), null);
});
