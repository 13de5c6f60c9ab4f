/**
 * A layered layout in a few passes over the edges, for graphs of any size: longest-path layers,
 * barycentre ordering (K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of
 * hierarchical system structures", IEEE SMC 1981), and heights by isotonic regression, which puts
 * each node as near to its neighbours as order and gaps allow.
 *
 * A layer too high for the picture is broken into several columns.
 *
 * @module
 */
import {
  GAP_X,
  GAP_Y,
  gatherNeighbours,
  type GraphLayout,
  type GraphShape,
  type Neighbours,
} from "./graph_shape.ts";

/** Times that the order goes down and up through the layers. */
const SWEEPS = 3;
/** Layers up to this height are one column. */
const COLUMN_PX_MIN = 2_400;
/** Width by height that large pictures should have. */
const ASPECT = 1.6;
/** Between columns of one layer. */
const GAP_COLUMN = 28;

interface Sides {
  before: Neighbours;
  after: Neighbours;
}

/** Lays the graph out. Edges that close a ring are passed over. */
export function layOutLayers(shape: GraphShape): GraphLayout {
  const count = shape.widths.length;
  const before = gatherNeighbours(count, shape.edges, "before");
  const after = gatherNeighbours(count, shape.edges, "after");
  const layers = findLayers(count, before, after);
  orderLayers(layers, { before, after }, count);
  return place(shape, layers, { before, after });
}

/** Each node behind the last of those before it; nodes in the order in which they were given. */
export function findLayers(count: number, before: Neighbours, after: Neighbours): number[][] {
  const open = new Uint32Array(count);
  const layerOf = new Uint32Array(count);
  const queue: number[] = [];
  for (let node = 0; node < count; node++) {
    open[node] = before.starts[node + 1]! - before.starts[node]!;
    if (open[node] === 0) queue.push(node);
  }
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at]!;
    for (let each = after.starts[node]!; each < after.starts[node + 1]!; each++) {
      const next = after.list[each]!;
      layerOf[next] = Math.max(layerOf[next]!, layerOf[node]! + 1);
      if (--open[next]! === 0) queue.push(next);
    }
  }
  const layers: number[][] = [];
  for (let node = 0; node < count; node++) (layers[layerOf[node]!] ??= []).push(node);
  // A ring may leave a layer without a node.
  return Array.from(layers, (layer) => layer ?? []).filter((layer) => layer.length > 0);
}

/** Sorts each layer by the mean place of its neighbours, down and up by turns. */
function orderLayers(layers: number[][], { before, after }: Sides, count: number): void {
  const rank = new Float64Array(count);
  const note = (layer: number[]) =>
    layer.forEach((node, at) => rank[node] = (at + 0.5) / layer.length);
  layers.forEach(note);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? layers : layers.toReversed()) {
      sortByMean(layer, isDown ? before : after, rank);
      note(layer);
    }
  }
}

/** A stable sort: nodes without neighbours keep their place, and equal ones their order. */
function sortByMean(layer: number[], side: Neighbours, rank: Float64Array): void {
  const keys = new Map(layer.map((node) => [node, meanOf(node, side, rank) ?? rank[node]!]));
  layer.sort((a, b) => keys.get(a)! - keys.get(b)!);
}

function meanOf(node: number, { starts, list }: Neighbours, values: Float64Array): number | null {
  const [from, to] = [starts[node]!, starts[node + 1]!];
  if (from === to) return null;
  let sum = 0;
  for (let at = from; at < to; at++) sum += values[list[at]!]!;
  return sum / (to - from);
}

function place(shape: GraphShape, layers: number[][], sides: Sides): GraphLayout {
  const { widths, heights } = shape;
  const x = new Float32Array(widths.length);
  const centres = new Float64Array(widths.length);
  const heightMax = columnHeight(shape);
  const columns = layers.map((layer) => countColumns(layer, heights, heightMax));
  let left = 0;
  for (const [at, layer] of layers.entries()) {
    left = placeColumns(layer, columns[at]!, left, shape, x) + GAP_X;
  }
  // Once forward and once back, then forward again: what feeds a node counts most.
  for (const pass of [0, 1, 2]) {
    const [side, order] = pass === 1
      ? [sides.after, layers.keys().toArray().toReversed()]
      : [sides.before, layers.keys().toArray()];
    for (const at of order) placeRows(layers[at]!, columns[at]!, heights, side, centres);
  }
  const y = Float32Array.from(centres, (centre, node) => centre - heights[node]! / 2);
  const top = y.reduce((least, each) => Math.min(least, each), Infinity);
  let height = 0;
  for (let node = 0; node < y.length; node++) {
    y[node]! -= top;
    height = Math.max(height, y[node]! + heights[node]!);
  }
  return { x, y, width: Math.max(0, left - GAP_X), height, routes: null };
}

/** Height at which a layer is broken, so that the whole has a decent shape. */
function columnHeight({ widths, heights }: GraphShape): number {
  let area = 0;
  for (let node = 0; node < widths.length; node++) {
    area += (widths[node]! + GAP_COLUMN) * (heights[node]! + GAP_Y);
  }
  return Math.max(COLUMN_PX_MIN, Math.sqrt(area / ASPECT));
}

function countColumns(layer: number[], heights: Float32Array, heightMax: number): number {
  const height = layer.reduce((sum, node) => sum + heights[node]! + GAP_Y, 0);
  return Math.max(1, Math.ceil(height / heightMax));
}

/** Gives a layer its columns, row by row; returns its right edge. */
function placeColumns(
  layer: number[],
  columns: number,
  left: number,
  { widths }: GraphShape,
  x: Float32Array,
): number {
  for (let column = 0; column < columns; column++) {
    let right = left;
    for (let at = column; at < layer.length; at += columns) {
      x[layer[at]!] = left;
      right = Math.max(right, left + widths[layer[at]!]!);
    }
    left = right + GAP_COLUMN;
  }
  return left - GAP_COLUMN;
}

/** Rows of a layer, each as near as may be to the mean centre of its neighbours. */
function placeRows(
  layer: number[],
  columns: number,
  heights: Float32Array,
  side: Neighbours,
  centres: Float64Array,
): void {
  const rows = Math.ceil(layer.length / columns);
  const wishes = new Float64Array(rows);
  const offsets = new Float64Array(rows);
  let offset = 0;
  for (let row = 0; row < rows; row++) {
    const nodes = layer.slice(row * columns, (row + 1) * columns);
    const height = nodes.reduce((most, node) => Math.max(most, heights[node]!), 0);
    const wished = nodes.reduce((sum, n) => sum + (meanOf(n, side, centres) ?? centres[n]!), 0);
    offsets[row] = offset + height / 2;
    wishes[row] = wished / nodes.length - offsets[row]!;
    offset += height + GAP_Y;
  }
  const fitted = fitRising(wishes);
  layer.forEach((node, at) => {
    const row = Math.floor(at / columns);
    centres[node] = fitted[row]! + offsets[row]!;
  });
}

/**
 * The numbers that never fall and are nearest to `wishes` in the sum of squares: pool adjacent
 * violators (M. Ayer and others, Annals of Mathematical Statistics 1955).
 */
export function fitRising(wishes: Float64Array): Float64Array {
  const means: number[] = [];
  const sizes: number[] = [];
  for (const wish of wishes) {
    let [mean, size] = [wish, 1];
    while (means.length > 0 && means.at(-1)! >= mean) {
      const [lastMean, lastSize] = [means.pop()!, sizes.pop()!];
      mean = (mean * size + lastMean * lastSize) / (size + lastSize);
      size += lastSize;
    }
    means.push(mean);
    sizes.push(size);
  }
  const fitted = new Float64Array(wishes.length);
  let at = 0;
  means.forEach((mean, pool) => {
    fitted.fill(mean, at, at += sizes[pool]!);
  });
  return fitted;
}
