/**
 * What of a scene becomes elements of the page: what is in sight and near enough to be read, as long
 * as it is not too much.
 *
 * @module
 */
import { type Box, type Camera, seenBox, type Size } from "./camera.ts";
import type { Spot } from "./find_next.ts";
import { cellOf, rowsSeen, type Scene } from "./scene.ts";

/** More elements than this make a page slow. */
export const ELEMENTS_MAX = 300;
/** Below, names cannot be read. */
const SCALE_MIN = 0.42;
const CELL_SCALE_MIN = 0.75;
/** Around the window, so that little changes while it moves. */
const MARGIN_PX = 200;

/** What is shown as elements. */
export interface SpotsSeen {
  nodes: number[];
  cells: Spot[];
}

/** @param extra a task that is an element wherever it is: the one that has the focus */
export function findSpotsSeen(
  scene: Scene,
  camera: Camera,
  view: Size,
  extra: Spot | null,
): SpotsSeen {
  const seen = seenBox(camera, view, MARGIN_PX);
  const near = camera.scale < SCALE_MIN ? [] : nodesIn(scene, seen);
  const nodes = near.length > ELEMENTS_MAX ? [] : near;
  const cells = camera.scale < CELL_SCALE_MIN
    ? []
    : cellsIn(scene, seenBox(camera, view), ELEMENTS_MAX - nodes.length);
  if (extra === null) return { nodes, cells };
  if (!nodes.includes(extra.position)) nodes.push(extra.position);
  const isCell = ({ position, index }: Spot) =>
    position === extra.position && index === extra.index;
  if (extra.index !== null && scene.grids.has(extra.position) && !cells.some(isCell)) {
    cells.push(extra);
  }
  return { nodes, cells };
}

function nodesIn({ layout, shape }: Scene, seen: Box): number[] {
  const { x, y } = layout;
  const { widths, heights } = shape;
  const [right, bottom] = [seen.x + seen.width, seen.y + seen.height];
  const found: number[] = [];
  for (let node = 0; node < x.length; node++) {
    if (x[node]! > right || x[node]! + widths[node]! < seen.x) continue;
    if (y[node]! > bottom || y[node]! + heights[node]! < seen.y) continue;
    found.push(node);
    if (found.length > ELEMENTS_MAX) break;
  }
  return found;
}

/** All cells in sight, or none when they are too many. */
function cellsIn(scene: Scene, seen: Box, countMax: number): Spot[] {
  const found: Spot[] = [];
  for (const grid of scene.grids.values()) {
    const [from, to] = rowsSeen(scene, grid, seen);
    for (let index = from; index < to; index++) {
      const { x, width } = cellOf(scene, grid, index);
      if (x > seen.x + seen.width || x + width < seen.x) continue;
      found.push({ position: grid.position, index });
      if (found.length > countMax) return [];
    }
  }
  return found;
}

/** Whether both are the same elements, in the same order. */
export function isSameSpots(a: SpotsSeen, b: SpotsSeen): boolean {
  return a.nodes.length === b.nodes.length && a.cells.length === b.cells.length &&
    a.nodes.every((node, at) => node === b.nodes[at]) &&
    a.cells.every(({ position, index }, at) =>
      position === b.cells[at]!.position && index === b.cells[at]!.index
    );
}

/** How elements of the page name their spot, to find them again. */
export function spotKey({ position, index }: Spot): string {
  return index === null ? `${position}` : `${position}.${index}`;
}
