/**
 * The layout of graphs of up to a few hundred nodes: `dagre` spends the time to find an order with
 * few crossings, and leads long edges around the nodes between their ends.
 *
 * @module
 */
import { Graph, layout } from "@dagrejs/dagre";
import { GAP_X, GAP_Y, type GraphLayout, type GraphShape } from "./graph_shape.ts";

/** Lays the graph out; takes a second for about 500 nodes. */
export function layOutWithDagre(shape: GraphShape): GraphLayout {
  const graph = new Graph({ multigraph: true })
    .setGraph({ rankdir: "LR", nodesep: GAP_Y, ranksep: GAP_X, edgesep: GAP_Y / 2 })
    .setDefaultEdgeLabel(() => ({}));
  shape.widths.forEach((width, node) =>
    graph.setNode(String(node), { width, height: shape.heights[node]! })
  );
  for (let at = 0; at < shape.edges.length; at += 2) {
    graph.setEdge(String(shape.edges[at]), String(shape.edges[at + 1]), {}, String(at / 2));
  }
  layout(graph);
  return readLayout(graph, shape);
}

function readLayout(graph: Graph, shape: GraphShape): GraphLayout {
  const count = shape.widths.length;
  const [x, y] = [new Float32Array(count), new Float32Array(count)];
  for (let node = 0; node < count; node++) {
    const placed = graph.node(String(node));
    x[node] = placed.x! - shape.widths[node]! / 2;
    y[node] = placed.y! - shape.heights[node]! / 2;
  }
  const { width = 0, height = 0 } = graph.graph();
  // An empty graph is infinitely small.
  return {
    x,
    y,
    width: Math.max(0, width),
    height: Math.max(0, height),
    routes: readRoutes(graph, shape),
  };
}

function readRoutes(graph: Graph, { edges }: GraphShape): GraphLayout["routes"] {
  const points: number[] = [];
  const starts = new Uint32Array(edges.length / 2 + 1);
  for (let edge = 0; edge < edges.length / 2; edge++) {
    const [from, to] = [String(edges[2 * edge]), String(edges[2 * edge + 1])];
    const corners = graph.edge(from, to, String(edge)).points ?? [];
    // The first and the last lie on the nodes, where the edge begins and ends anyway.
    for (const { x, y } of corners.slice(1, -1)) points.push(x, y);
    starts[edge + 1] = points.length / 2;
  }
  return { points: Float32Array.from(points), starts };
}
