/**
 * What a layout is made of, and what it is: flat arrays, which cross to a worker and back without a
 * copy. Nodes are named by position; lengths are CSS pixels at full size.
 *
 * @module
 */

/** Boxes, and what comes before what. */
export interface GraphShape {
  /** Width of each node. */
  widths: Float32Array<ArrayBuffer>;
  /** Height of each node. */
  heights: Float32Array<ArrayBuffer>;
  /** Pairs: the node that comes before, the node that comes after. */
  edges: Uint32Array<ArrayBuffer>;
}

/** Where everything stands; time goes from left to right. */
export interface GraphLayout {
  /** Left edge of each node. */
  x: Float32Array<ArrayBuffer>;
  /** Top edge of each node. */
  y: Float32Array<ArrayBuffer>;
  width: number;
  height: number;
  /**
   * Corners that each edge passes between its ends, as `x, y` pairs: those of edge `e` are
   * `points[2 * starts[e]]` to `points[2 * starts[e + 1]]`. `null`: every edge goes straight.
   */
  routes: { points: Float32Array<ArrayBuffer>; starts: Uint32Array<ArrayBuffer> } | null;
}

/** Between nodes that stand above each other. */
export const GAP_Y = 20;
/** Between a layer and the next. */
export const GAP_X = 64;

/** Neighbours of all nodes in two arrays: those of `i` are `list[starts[i]]` to `list[starts[i + 1]]`. */
export interface Neighbours {
  starts: Uint32Array;
  list: Uint32Array;
}

/**
 * Gathers neighbours in two passes over the edges.
 *
 * @param side `before`: what comes before each node; `after`: what comes after it
 */
export function gatherNeighbours(
  count: number,
  edges: Uint32Array,
  side: "before" | "after",
): Neighbours {
  const [self, other] = side === "before" ? [1, 0] : [0, 1];
  const starts = new Uint32Array(count + 1);
  for (let at = 0; at < edges.length; at += 2) starts[edges[at + self]! + 1]!++;
  for (let node = 0; node < count; node++) starts[node + 1]! += starts[node]!;
  const next = starts.slice();
  const list = new Uint32Array(edges.length / 2);
  for (let at = 0; at < edges.length; at += 2) {
    list[next[edges[at + self]!]!++] = edges[at + other]!;
  }
  return { starts, list };
}
