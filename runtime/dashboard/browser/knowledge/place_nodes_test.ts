import assert from "node:assert/strict";
import { placeNodes, type Point } from "./place_nodes.ts";

const LINKS = [["a", "b"], ["a", "c"], ["c", "d"]] as const;

Deno.test("placeNodes() places every node once, each elsewhere, always alike", () => {
  const ids = ["a", "b", "c", "d", "lonely", "other"];
  const placed = placeNodes(ids, LINKS, new Map());
  assert.deepEqual([...placed.keys()].sort(), ids);
  const spots = new Set([...placed.values()].map(({ x, y }) => `${x.toFixed(3)} ${y.toFixed(3)}`));
  assert.equal(spots.size, ids.length);
  assert.deepEqual(placeNodes(ids, LINKS, new Map()), placed);
});

Deno.test("placeNodes() lays new nodes around those that they came with", () => {
  const known = new Map<string, Point>([["a", { x: 1_000, y: 500 }], ["b", { x: 0, y: 0 }]]);
  const placed = placeNodes(["a", "b", "c", "d"], LINKS, known);
  assert.deepEqual([...placed.keys()], ["c", "d"]);
  for (const { x, y } of placed.values()) assert.ok(Math.hypot(x - 1_000, y - 500) < 50);
});
