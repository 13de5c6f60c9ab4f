/**
 * Chooses the layout for a graph: the finer one while it is fast, else the one for any size.
 *
 * @module
 */
import { layOutWithDagre } from "./dagre_layout.ts";
import type { GraphLayout, GraphShape } from "./graph_shape.ts";
import { layOutLayers } from "./layered_layout.ts";

/** Above either, dagre takes longer than anybody likes to wait. */
const FINE_NODES_MAX = 150;
const FINE_EDGES_MAX = 250;

/** Lays a graph of any size out. */
export function layOutGraph(shape: GraphShape): GraphLayout {
  const isSmall = shape.widths.length <= FINE_NODES_MAX &&
    shape.edges.length / 2 <= FINE_EDGES_MAX;
  return isSmall ? layOutWithDagre(shape) : layOutLayers(shape);
}
