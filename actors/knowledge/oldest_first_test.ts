import assert from "node:assert/strict";
import fc from "fast-check";
import { type Moment, OldestFirst } from "./oldest_first.ts";

Deno.test("OldestFirst.pop() gives the oldest use of those that are there, as they are now", () => {
  const step = fc.record({ at: fc.nat(50), what: fc.constantFrom("push", "use", "drop", "pop") });
  fc.assert(fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
    const queue = new OldestFirst<Moment>();
    let model: Moment[] = [];
    steps.forEach(({ at, what }, number) => {
      const one = model[at % Math.max(model.length, 1)];
      if (what === "push") {
        const item = { key: `${number}`, usedAt: at, rankedAt: 0, isGone: false };
        queue.push(item);
        model.push(item);
      } else if (what === "use" && one !== undefined) {
        one.usedAt = Math.max(one.usedAt, at);
      } else if (what === "drop" && one !== undefined) {
        one.isGone = true;
        model = model.filter((item) => item !== one);
        if (at % 2 === 0) queue.sweep();
      } else if (what === "pop") {
        const oldest = model.toSorted((a, b) => a.usedAt - b.usedAt || (a.key < b.key ? -1 : 1))[0];
        assert.equal(queue.pop(), oldest);
        model = model.filter((item) => item !== oldest);
      }
    });
  }));
});
