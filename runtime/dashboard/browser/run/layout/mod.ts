/**
 * Where the boxes of a graph stand.
 *
 * @module
 */
export type { GraphLayout, GraphShape } from "./graph_shape.ts";
export { layOutGraph } from "./lay_out_graph.ts";
