import type { GraphElement } from "./graph_elements.ts";

/** Writes a graph as the text of a file, piece by piece: all nodes come before the first edge. */
export interface GraphWriter {
  /** What stands before the first node. */
  readonly opening: string;
  /** Text of a node, and of what parts it from the one before. */
  node(node: GraphElement, isFirst: boolean): string;
  /** What stands between nodes and edges. */
  readonly between: string;
  /** Text of an edge, and of what parts it from the one before. */
  edge(edge: GraphElement, isFirst: boolean): string;
  /** What stands behind the last edge. */
  readonly closing: string;
}
