import assert from "node:assert/strict";
import { findNextNode } from "./next_node.ts";

const FROM = { x: 100, y: 100 };

Deno.test("findNextNode() follows the arrow, and takes the nearer of two", () => {
  const around = [
    ["right", { x: 150, y: 102 }],
    ["farther", { x: 300, y: 100 }],
    ["below", { x: 100, y: 160 }],
    ["above", { x: 90, y: 40 }],
  ] as const;
  assert.equal(findNextNode(FROM, around, "right"), "right");
  assert.equal(findNextNode(FROM, around, "down"), "below");
  assert.equal(findNextNode(FROM, around, "up"), "above");
  assert.equal(findNextNode(FROM, [["right", { x: 150, y: 100 }]], "left"), null);
  assert.equal(findNextNode(FROM, [["same", FROM]], "left"), null);
});
