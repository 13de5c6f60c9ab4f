import assert from "node:assert/strict";
import type { KnowledgeEdge, KnowledgeNode } from "../api/mod.ts";
import {
  edgeKey,
  expandView,
  largestOf,
  neighboursOf,
  NODES_MAX,
  pathView,
  startView,
} from "./view.ts";

function node(id: string): KnowledgeNode {
  const kind = id.split(":")[0] as KnowledgeNode["kind"];
  return { id, kind, label: id, attributes: {} };
}

function edge(
  source: string,
  target: string,
  kind: KnowledgeEdge["kind"] = "attempted",
  count = 1,
): KnowledgeEdge {
  return { source, target, kind, count, firstAt: null, lastAt: null };
}

const AGENT = node("agent:a");

function star(count: number, from = 0) {
  const tasks = Array.from({ length: count }, (_, at) => node(`task:${from + at}`));
  return {
    nodes: [AGENT, ...tasks],
    edges: tasks.map(({ id }) => edge("agent:a", id)),
    truncated: true,
  };
}

Deno.test("expandView() adds to what is shown and moves on", () => {
  const first = startView(star(2), "agent:a");
  const part = {
    nodes: [node("task:0"), node("solution:s")],
    edges: [edge("task:0", "solution:s", "solvedBy")],
    truncated: false,
  };
  const next = expandView(first, part, "task:0");
  assert.deepEqual([...next.nodes.keys()], ["agent:a", "task:1", "task:0", "solution:s"]);
  assert.deepEqual([next.centre, next.selected, next.isPartial], ["task:0", "task:0", false]);
  assert.deepEqual([first.nodes.size, first.edges.size, first.isPartial], [3, 2, true]);
});

Deno.test("expandView() lets the oldest nodes go, and edges with them", () => {
  const full = startView(star(NODES_MAX - 1), "agent:a");
  assert.equal(full.nodes.size, NODES_MAX);
  const next = expandView(full, star(100, 5_000), "agent:a");
  assert.equal(next.nodes.size, NODES_MAX);
  assert.ok(next.nodes.has("agent:a") && next.nodes.has("task:5099"));
  assert.ok(!next.nodes.has("task:0"));
  assert.ok(!next.edges.has(edgeKey(edge("agent:a", "task:0"))));
  for (const { source, target } of next.edges.values()) {
    assert.ok(next.nodes.has(source) && next.nodes.has(target));
  }
});

Deno.test("pathView() adds a way and stays where it is without one", () => {
  const view = startView(star(1), "agent:a");
  const none = { from: "x", to: "y", hops: null, nodes: [], edges: [], truncated: false };
  assert.equal(pathView(view, none), view);
  const nodes = [node("agent:a"), node("task:9"), node("agent:b")];
  const edges = [edge("agent:a", "task:9"), edge("agent:b", "task:9")];
  const found = pathView(view, {
    from: "agent:a",
    to: "agent:b",
    hops: 2,
    nodes,
    edges,
    truncated: false,
  });
  assert.deepEqual(found.path, ["agent:a", "task:9", "agent:b"]);
  assert.equal(found.selected, "agent:b");
});

Deno.test("neighboursOf() puts edges of one neighbour together, and what weighs more first", () => {
  const view = startView({
    nodes: ["agent:a", "task:1", "task:2", "capability:c"].map((id) => node(id)),
    edges: [
      edge("agent:a", "task:1", "attempted", 1),
      edge("agent:a", "task:2", "attempted", 5),
      edge("task:2", "agent:a", "madeBy", 1),
      edge("agent:a", "capability:c", "offers", 6),
      edge("task:1", "capability:c", "asksFor", 1),
    ],
    truncated: false,
  }, "agent:a");
  const found = neighboursOf(view, "agent:a");
  assert.deepEqual(found.map(({ node }) => node.id), ["capability:c", "task:2", "task:1"]);
  assert.deepEqual(found[1]!.links, [
    { kind: "attempted", isOut: true, count: 5 },
    { kind: "madeBy", isOut: false, count: 1 },
  ]);
});

Deno.test("largestOf() names those with the most edges, always in the same order", () => {
  const nodes = ["task:b", "task:a", "agent:a"].map((id) => node(id));
  const edges = [edge("agent:a", "task:a"), edge("agent:a", "task:b")];
  const view = startView({ nodes, edges, truncated: false }, null);
  assert.deepEqual(largestOf(view, 2).map(({ id }) => id), ["agent:a", "task:a"]);
});
