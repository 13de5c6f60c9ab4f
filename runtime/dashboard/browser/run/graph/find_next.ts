/**
 * Where an arrow key leads from a task: along the edges to the left and right, among the tasks that
 * stand in the same column up and down.
 *
 * @module
 */
import { boxOf, cellOf, type Scene } from "./scene.ts";

/** A task, or an item of an open `forEach`. */
export interface Spot {
  position: number;
  index: number | null;
}

export type Direction = "left" | "right" | "up" | "down";

/** The spot that is next in that direction; `null` when there is none. */
export function findNext(scene: Scene, from: Spot, direction: Direction): Spot | null {
  if (from.index !== null) return nextItem(scene, { ...from, index: from.index }, direction);
  if (direction === "down" && scene.grids.has(from.position)) {
    return { position: from.position, index: 0 };
  }
  const next = direction === "left" || direction === "right"
    ? nextAlongEdge(scene, from.position, direction)
    : nextInColumn(scene, from.position, direction);
  return next === null ? null : { position: next, index: null };
}

function nextItem(
  scene: Scene,
  { position, index }: { position: number; index: number },
  direction: Direction,
): Spot | null {
  const grid = scene.grids.get(position);
  if (grid === undefined) return { position, index: null };
  const step = { left: -1, right: 1, up: -grid.columns, down: grid.columns }[direction];
  const next = index + step;
  if (direction === "up" && next < 0) return { position, index: null };
  return next < 0 || next >= grid.count ? null : { position, index: next };
}

/** Of the tasks at the other ends, the one whose middle is nearest. */
function nextAlongEdge(
  { shape, layout, edgesAt }: Scene,
  position: number,
  direction: "left" | "right",
): number | null {
  const [near, far] = direction === "right" ? [0, 1] : [1, 0];
  const middle = (node: number) => layout.y[node]! + shape.heights[node]! / 2;
  return nearest(
    edgesAt[position]!
      .filter((edge) => shape.edges[2 * edge + near] === position)
      .map((edge) => shape.edges[2 * edge + far]!),
    (node) =>
      Math.abs(middle(node) - middle(position)) +
      Math.abs(layout.x[node]! - layout.x[position]!) / 4,
  );
}

/** Among those whose columns overlap, the first below or above. */
function nextInColumn(scene: Scene, position: number, direction: "up" | "down"): number | null {
  const own = boxOf(scene, position);
  const sign = direction === "down" ? 1 : -1;
  const { x, y } = scene.layout;
  const { widths } = scene.shape;
  const candidates: number[] = [];
  for (let node = 0; node < x.length; node++) {
    const isBeside = x[node]! < own.x + own.width && own.x < x[node]! + widths[node]!;
    if (node !== position && isBeside && (y[node]! - own.y) * sign > 0) candidates.push(node);
  }
  return nearest(candidates, (node) => Math.abs(y[node]! - own.y));
}

function nearest(nodes: readonly number[], distance: (node: number) => number): number | null {
  let best: number | null = null;
  let least = Infinity;
  for (const node of nodes) {
    const far = distance(node);
    if (far < least) [best, least] = [node, far];
  }
  return best;
}

/** What is under a point of the picture. */
export function findAt(scene: Scene, x: number, y: number): Spot | null {
  const { layout, shape } = scene;
  for (let position = 0; position < layout.x.length; position++) {
    const [dx, dy] = [x - layout.x[position]!, y - layout.y[position]!];
    const isIn = dx >= 0 && dy >= 0 && dx <= shape.widths[position]! &&
      dy <= shape.heights[position]!;
    if (isIn) return { position, index: itemAt(scene, position, x, y) };
  }
  return null;
}

function itemAt(scene: Scene, position: number, x: number, y: number): number | null {
  const grid = scene.grids.get(position);
  if (grid === undefined) return null;
  const first = cellOf(scene, grid, 0);
  const [across, down] = [
    cellOf(scene, grid, 1).x - first.x,
    cellOf(scene, grid, grid.columns).y - first.y,
  ];
  const column = Math.floor((x - first.x) / across);
  const row = Math.floor((y - first.y) / down);
  const index = row * grid.columns + column;
  const isCell = column >= 0 && column < grid.columns && row >= 0 && index < grid.count;
  return isCell ? index : null;
}
