import assert from "node:assert/strict";
import fc from "fast-check";
import { balance, leastLoaded } from "./balance.ts";

Deno.test("balance() moves nothing when loads differ by one", () => {
  assert.deepEqual(balance(new Map([["a", 3], ["b", 3], ["c", 2]]), ["a", "b", "c"]), []);
});

Deno.test("balance() gives a newcomer its share, from the fullest first", () => {
  const loads = new Map([["a", 3], ["b", 3], ["c", 3], ["d", 0]]);
  const moves = balance(loads, ["a", "b", "c", "d"]);
  assert.deepEqual(moves, [{ from: "a", to: "d" }, { from: "b", to: "d" }]);
});

Deno.test("balance() gives nothing to nodes that may not take", () => {
  assert.deepEqual(balance(new Map([["a", 8], ["b", 0]]), ["a"]), []);
  assert.deepEqual(balance(new Map([["a", 8]]), []), []);
});

Deno.test("balance() ends with loads that differ by one at most", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 9 }), (counts) => {
      const loads = new Map(counts.map((count, index) => [`n${index}`, count]));
      const moves = balance(loads, [...loads.keys()]);
      for (const { from, to } of moves) {
        loads.set(from, loads.get(from)! - 1);
        loads.set(to, loads.get(to)! + 1);
      }
      const after = [...loads.values()];
      assert.ok(Math.max(...after) - Math.min(...after) <= 1, after.join(" "));
      // No partition moves twice.
      const givers = new Set(moves.map(({ from }) => from));
      assert.ok(moves.every(({ to }) => !givers.has(to)));
    }),
  );
});

Deno.test("leastLoaded() goes by name where loads are equal", () => {
  const loads = new Map([["a", 2], ["c", 1], ["b", 1]]);
  assert.equal(leastLoaded(loads, ["a", "c", "b"]), "b");
  assert.equal(leastLoaded(loads, ["a", "d"]), "d");
  assert.equal(leastLoaded(loads, []), null);
});
