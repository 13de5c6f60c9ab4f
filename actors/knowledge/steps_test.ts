import assert from "node:assert/strict";
import fc from "fast-check";
import { finish, ITEMS_A_STEP, paced, sorted } from "./steps.ts";

Deno.test("sorted() is what a stable sort makes of any items", () => {
  const items = fc.array(fc.record({ rank: fc.nat(30), nth: fc.nat() }), {
    maxLength: 5 * ITEMS_A_STEP,
    size: "max",
  });
  const byRank = (a: { rank: number }, b: { rank: number }) => a.rank - b.rank;
  fc.assert(
    fc.property(items, (some) => {
      assert.deepEqual(finish(sorted(some, byRank)), some.toSorted(byRank));
    }),
    { numRuns: 40 },
  );
});

Deno.test("sorted() pauses after so many comparisons", () => {
  const items = Array.from({ length: 20 * ITEMS_A_STEP }, (_, at) => (at * 7_919) % 10_007);
  let compared = 0;
  let most = 0;
  const work = sorted(items, (a, b) => {
    compared++;
    return a - b;
  });
  while (work.next().done !== true) {
    most = Math.max(most, compared);
    compared = 0;
  }
  // A run of its own takes n log n, a part of a merging n.
  assert.ok(most <= ITEMS_A_STEP * 10, `${most}`);
});

Deno.test("paced() visits every item, with a pause after so many", () => {
  const seen: number[] = [];
  const items = Array.from({ length: 2 * ITEMS_A_STEP + 1 }, (_, at) => at);
  assert.equal([...paced(items, (item) => seen.push(item))].length, 2);
  assert.deepEqual(seen, items);
});
