import assert from "node:assert/strict";
import fc from "fast-check";
import { agentsAtWork } from "./agents_at_work.ts";

const DOERS = ["a", "b", "c", "d"].map((name) => ({ name }));
const [a, b] = DOERS as [object, object];

Deno.test("agentsAtWork() counts those that do as much as each other, and others for less", () => {
  assert.equal(agentsAtWork([]), 1);
  assert.equal(agentsAtWork([a, a, a]), 1);
  assert.equal(agentsAtWork([a, b, b, a]), 2);
  assert.ok(agentsAtWork([...Array.from({ length: 40 }, () => a), b]) < 1.1);
});

Deno.test("agentsAtWork() is the same in any order, from one to the number of doers", () => {
  const anyDoers = fc.array(fc.constantFrom(...DOERS), { minLength: 1, maxLength: 60 });
  fc.assert(fc.property(anyDoers, (doers) => {
    const count = agentsAtWork(doers);
    assert.equal(agentsAtWork(doers.toReversed()), count);
    assert.ok(count >= 1 && count <= new Set(doers).size + 1e-9);
  }));
});
