import assert from "node:assert/strict";
import { rankNodes } from "./system_place.ts";

const NODES = ["a", "b", "c", "d"];
const SYSTEMS = Array.from({ length: 2_000 }, (_, at) => `system-${at}`);

Deno.test("rankNodes() spreads systems evenly, and the same whatever the order of nodes", () => {
  const counts = new Map<string, number>();
  for (const system of SYSTEMS) {
    const ranked = rankNodes(system, NODES);
    assert.deepEqual(ranked, rankNodes(system, NODES.toReversed()));
    assert.deepEqual(ranked.toSorted(), NODES);
    counts.set(ranked[0]!, (counts.get(ranked[0]!) ?? 0) + 1);
  }
  for (const node of NODES) {
    const count = counts.get(node)!;
    assert.ok(count > 400 && count < 600, `${node} leads ${count} of 2,000`);
  }
});

Deno.test("rankNodes() moves only the systems of the node that goes", () => {
  for (const system of SYSTEMS) {
    const [first, ...others] = rankNodes(system, NODES);
    assert.deepEqual(rankNodes(system, NODES.filter((node) => node !== first)), others);
    assert.equal(rankNodes(system, NODES.filter((node) => node !== others[2]))[0], first);
  }
  assert.deepEqual(rankNodes("alone", []), []);
});
