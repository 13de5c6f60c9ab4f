import assert from "node:assert/strict";
import fc from "fast-check";
import { InvalidInputError } from "../../core/errors.ts";
import {
  type CapabilityEdge,
  capabilityEdgesOf,
  CapabilityTree,
  findCapabilityLoop,
} from "./capability_tree.ts";

const isA = (from: string, to: string): CapabilityEdge => ({ from, kind: "isA", to });

Deno.test("CapabilityTree.kin() has wider and narrower ones by distance, and no siblings", () => {
  const tree = new CapabilityTree([isA("legal", "text"), isA("text", "any"), isA("poem", "text")]);
  assert.deepEqual(tree.kin("legal"), [
    { capability: "legal", distance: 0, way: "same" },
    { capability: "text", distance: 1, way: "wider" },
    { capability: "any", distance: 2, way: "wider" },
  ]);
  assert.deepEqual(tree.kin("text").map(({ capability, way }) => [capability, way]), [
    ["text", "same"],
    ["any", "wider"],
    ["legal", "narrower"],
    ["poem", "narrower"],
  ]);
  assert.deepEqual(tree.kin("unknown"), [{ capability: "unknown", distance: 0, way: "same" }]);
});

Deno.test("CapabilityTree.isNarrower() follows isA one way, and not partOf", () => {
  const tree = new CapabilityTree([
    isA("legal", "text"),
    isA("text", "any"),
    { from: "any", kind: "partOf", to: "office" },
  ]);
  assert.equal(tree.isNarrower("legal", "any"), true);
  assert.equal(tree.isNarrower("any", "any"), true);
  assert.equal(tree.isNarrower("any", "legal"), false);
  assert.equal(tree.isNarrower("legal", "office"), false);
  assert.deepEqual(tree.partsOf("office"), ["any"]);
  assert.deepEqual(tree.narrower("any"), ["any", "text", "legal"]);
  assert.deepEqual(tree.wider("legal"), ["legal", "text", "any"]);
});

Deno.test("CapabilityTree is safe with names of Object's prototype", () => {
  const edges = capabilityEdgesOf([["__proto__", { isA: ["constructor"], partOf: ["toString"] }]]);
  const tree = new CapabilityTree(edges);
  assert.equal(tree.isNarrower("__proto__", "constructor"), true);
  assert.equal(tree.isNarrower("hasOwnProperty", "constructor"), false);
  assert.equal(tree.has("valueOf"), false);
});

Deno.test("CapabilityTree follows eight steps and no more", () => {
  const tree = new CapabilityTree(Array.from({ length: 20 }, (_, at) => isA(`${at}`, `${at + 1}`)));
  assert.equal(tree.isNarrower("0", "8"), true);
  assert.equal(tree.isNarrower("0", "9"), false);
});

Deno.test("CapabilityTree refuses a loop and names it", () => {
  const edges = [isA("b", "c"), isA("c", "a"), isA("a", "b"), isA("x", "a")];
  assert.throws(() => new CapabilityTree(edges), (error) => {
    assert.ok(error instanceof InvalidInputError);
    assert.equal(error.code, "CAPABILITY_LOOP");
    assert.match(error.message, /"a" → "b" → "c" → "a"/);
    return true;
  });
});

Deno.test("findCapabilityLoop() finds loops of either kind, also of one, but none of both", () => {
  assert.deepEqual(findCapabilityLoop([isA("a", "a")]), ["a", "a"]);
  const parts = [{ ...isA("a", "b"), kind: "partOf" }, { ...isA("b", "a"), kind: "partOf" }];
  assert.deepEqual(findCapabilityLoop(parts as CapabilityEdge[]), ["a", "b", "a"]);
  assert.equal(findCapabilityLoop([isA("a", "b"), parts[1] as CapabilityEdge]), null);
});

Deno.test("findCapabilityLoop() takes long chains", () => {
  const chain = Array.from({ length: 50_000 }, (_, at) => isA(`${at}`, `${at + 1}`));
  assert.equal(findCapabilityLoop(chain), null);
  assert.equal(findCapabilityLoop([...chain, isA("50000", "0")])?.length, 50_002);
});

Deno.test("findCapabilityLoop() agrees with reachability, and its loop is made of edges", () => {
  const edge = fc.record({
    from: fc.constantFrom("a", "b", "c", "d", "e"),
    kind: fc.constant("isA" as const),
    to: fc.constantFrom("a", "b", "c", "d", "e"),
  });
  fc.assert(fc.property(fc.array(edge, { maxLength: 8 }), (edges) => {
    const loop = findCapabilityLoop(edges);
    assert.equal(loop !== null, edges.some(({ from, to }) => reaches(edges, to, from)));
    for (let at = 0; at + 1 < (loop?.length ?? 0); at++) {
      assert.ok(edges.some(({ from, to }) => from === loop![at] && to === loop![at + 1]));
    }
  }));
});

function reaches(edges: readonly CapabilityEdge[], from: string, to: string): boolean {
  const seen = new Set([from]);
  for (const name of seen) {
    for (const edge of edges) if (edge.from === name) seen.add(edge.to);
  }
  return seen.has(to);
}
