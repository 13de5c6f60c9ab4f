import assert from "node:assert/strict";
import fc from "fast-check";
import { gatherNeighbours } from "./graph_shape.ts";
import { findLayers, fitRising } from "./layered_layout.ts";

Deno.test("findLayers() puts each node behind the longest way to it", () => {
  // 0 → 1 → 2 → 4, 0 → 4, 3 alone
  const edges = Uint32Array.of(0, 1, 1, 2, 2, 4, 0, 4);
  const layers = findLayers(
    5,
    gatherNeighbours(5, edges, "before"),
    gatherNeighbours(5, edges, "after"),
  );
  assert.deepEqual(layers, [[0, 3], [1], [2], [4]]);
});

Deno.test("gatherNeighbours() finds what a look at every edge finds", () => {
  const edges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 40 });
  fc.assert(fc.property(edges, (pairs) => {
    const flat = Uint32Array.from(pairs.flat());
    const { starts, list } = gatherNeighbours(10, flat, "after");
    for (let node = 0; node < 10; node++) {
      const found = [...list.slice(starts[node], starts[node + 1])];
      assert.deepEqual(found, pairs.filter(([from]) => from === node).map(([, to]) => to));
    }
  }));
});

Deno.test("fitRising() never falls, and is no farther off than any other rising line tried", () => {
  const wishes = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 12 });
  fc.assert(fc.property(wishes, wishes, (values, other) => {
    const wanted = Float64Array.from(values);
    const fitted = fitRising(wanted);
    const rival = Array.from(values, (_, at) => other[at % other.length]!).sort((a, b) => a - b);
    const missBy = (line: ArrayLike<number>) =>
      values.reduce((sum, value, at) => sum + (value - line[at]!) ** 2, 0);
    for (let at = 1; at < fitted.length; at++) assert.ok(fitted[at]! >= fitted[at - 1]! - 1e-9);
    assert.ok(missBy(fitted) <= missBy(rival) + 1e-6);
  }));
});
