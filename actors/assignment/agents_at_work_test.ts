import assert from "node:assert/strict";
import fc from "fast-check";
import { AgentsAtWork } from "./agents_at_work.ts";

const DOERS = ["a", "b", "c", "d"].map((name) => ({ name }));
const [a, b] = DOERS as [object, object];

function countOf(doers: readonly object[]): number {
  const work = new AgentsAtWork();
  for (const doer of doers) work.add(doer);
  return work.count;
}

Deno.test("AgentsAtWork counts those that do as much as each other, and others for less", () => {
  assert.equal(countOf([]), 1);
  assert.equal(countOf([a, a, a]), 1);
  assert.equal(countOf([a, b, b, a]), 2);
  assert.ok(countOf([...Array.from({ length: 40 }, () => a), b]) < 1.1);
});

Deno.test("AgentsAtWork is the same in any order, from one to the number of doers", () => {
  const anyDoers = fc.array(fc.constantFrom(...DOERS), { minLength: 1, maxLength: 60 });
  fc.assert(fc.property(anyDoers, (doers) => {
    const count = countOf(doers);
    assert.equal(countOf(doers.toReversed()), count);
    assert.ok(count >= 1 && count <= new Set(doers).size);
  }));
});

Deno.test("AgentsAtWork knows nothing of what was removed", () => {
  const anyDoers = fc.array(fc.constantFrom(...DOERS), { maxLength: 30 });
  fc.assert(fc.property(anyDoers, anyDoers, (gone, kept) => {
    const work = new AgentsAtWork();
    for (const doer of [...gone, ...kept]) work.add(doer);
    for (const doer of gone) work.remove(doer);
    assert.equal(work.count, countOf(kept));
  }));
});
