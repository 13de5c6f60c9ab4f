/**
 * Draws edges, and whatever is too far or too much to be an element of the page, onto a canvas.
 * What is drawn in a frame is bounded, whatever the size of the graph.
 *
 * @module
 */
import { type Box, type Camera, meet, seenBox, type Size } from "./camera.ts";
import type { Palette } from "./palette.ts";
import { boxOf, type CellGrid, cellOf, rowsSeen, type Scene, STATUSES } from "./scene.ts";

/** More edges in sight are a grey mass: some of them stand for all. */
const EDGES_MAX = 2_500;
/** Boxes narrower than this, in screen pixels, are plain spots of colour. */
const SPOT_WIDTH = 56;
const FAILED = STATUSES.indexOf("failed");
const PENDING = STATUSES.indexOf("pending");
const RUNNING = STATUSES.indexOf("running");

/** What the picture is drawn with. */
export interface Drawing {
  context: CanvasRenderingContext2D;
  scene: Scene;
  camera: Camera;
  view: Size;
  palette: Palette;
  /** Names of the tasks. */
  nameOf(position: number): string;
  /** Tasks that are elements of the page. */
  isElement(position: number): boolean;
  /** Whether the cells are. */
  hasCellElements: boolean;
  /** The task whose edges stand out. */
  selected: number | null;
}

/** Draws one frame. */
export function drawScene(drawing: Drawing): void {
  const { context, camera, view } = drawing;
  const ratio = devicePixelRatio;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, view.width, view.height);
  context.setTransform(
    ratio * camera.scale,
    0,
    0,
    ratio * camera.scale,
    ratio * camera.x,
    ratio * camera.y,
  );
  const seen = seenBox(camera, view, 20);
  drawEdges(drawing, seen);
  drawNodes(drawing, seen);
  for (const grid of drawing.scene.grids.values()) drawCells(drawing, grid, seen);
}

function drawEdges(drawing: Drawing, seen: Box): void {
  const { context, scene, camera, palette, selected } = drawing;
  const visible = edgesIn(scene, seen);
  const stride = Math.ceil(visible.length / EDGES_MAX);
  context.lineWidth = Math.max(1.25, 0.75 / camera.scale);
  context.globalAlpha = visible.length > 400 ? 0.35 : 0.75;
  context.strokeStyle = palette.edge;
  context.beginPath();
  const isFine = camera.scale > 0.12;
  for (let at = 0; at < visible.length; at += stride) traceEdge(drawing, visible[at]!, isFine);
  context.stroke();
  context.globalAlpha = 1;
  if (camera.scale > 0.3 && stride === 1) drawArrows(drawing, visible, palette.edge);
  if (selected === null || scene.edgesAt[selected] === undefined) return;
  const own = scene.edgesAt[selected].slice(0, EDGES_MAX);
  context.lineWidth = Math.max(2, 1.5 / camera.scale);
  context.strokeStyle = palette.accent;
  context.beginPath();
  for (const edge of own) traceEdge(drawing, edge, true);
  context.stroke();
  if (camera.scale > 0.3) drawArrows(drawing, own, palette.accent);
}

/** Edges whose box is in sight. */
function edgesIn({ shape, layout }: Scene, seen: Box): number[] {
  const { edges, widths, heights } = shape;
  const { x, y } = layout;
  const found: number[] = [];
  for (let edge = 0; edge < edges.length / 2; edge++) {
    const [from, to] = [edges[2 * edge]!, edges[2 * edge + 1]!];
    if (x[from]! + widths[from]! > seen.x + seen.width || x[to]! < seen.x) continue;
    const top = Math.min(y[from]!, y[to]!);
    const bottom = Math.max(y[from]! + heights[from]!, y[to]! + heights[to]!);
    if (bottom >= seen.y && top <= seen.y + seen.height) found.push(edge);
  }
  return found;
}

function traceEdge({ context, scene }: Drawing, edge: number, isFine: boolean): void {
  const { edges } = scene.shape;
  const from = boxOf(scene, edges[2 * edge]!);
  const to = boxOf(scene, edges[2 * edge + 1]!);
  const [endX, endY] = [to.x - 6, to.y + to.height / 2];
  let [x, y] = [from.x + from.width, from.y + from.height / 2];
  context.moveTo(x, y);
  if (!isFine) return context.lineTo(endX, endY);
  const bendTo = (nextX: number, nextY: number) => {
    const middle = (x + nextX) / 2;
    context.bezierCurveTo(middle, y, middle, nextY, nextX, nextY);
    [x, y] = [nextX, nextY];
  };
  const { routes } = scene.layout;
  if (routes !== null) {
    for (let at = routes.starts[edge]!; at < routes.starts[edge + 1]!; at++) {
      const [cornerX, cornerY] = [routes.points[2 * at]!, routes.points[2 * at + 1]!];
      // The last bend belongs to the gap before the node, as if the edge had come from there.
      if (cornerX > x && cornerX < endX) bendTo(cornerX, cornerY);
    }
  }
  bendTo(endX, endY);
}

function drawArrows({ context, scene }: Drawing, edges: readonly number[], colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  for (const edge of edges) {
    const to = boxOf(scene, scene.shape.edges[2 * edge + 1]!);
    const y = to.y + to.height / 2;
    context.moveTo(to.x - 1, y);
    context.lineTo(to.x - 8, y - 4);
    context.lineTo(to.x - 8, y + 4);
    context.closePath();
  }
  context.fill();
}

function drawNodes(drawing: Drawing, seen: Box): void {
  const { scene, camera, isElement } = drawing;
  const { x, y } = scene.layout;
  const { widths, heights } = scene.shape;
  const byMark: number[][] = STATUSES.map(() => []);
  for (let node = 0; node < x.length; node++) {
    const box = { x: x[node]!, y: y[node]!, width: widths[node]!, height: heights[node]! };
    if (meet(box, seen) && !isElement(node)) byMark[scene.marks[node]!]!.push(node);
  }
  for (const [mark, nodes] of byMark.entries()) {
    for (const node of nodes) {
      const isSpot = widths[node]! * camera.scale < SPOT_WIDTH && !scene.grids.has(node);
      if (isSpot) drawSpot(drawing, boxOf(scene, node), mark);
      else drawCard(drawing, node, mark);
    }
  }
  // What failed is seen from any distance.
  for (const node of byMark[FAILED]!) drawSpot(drawing, boxOf(scene, node), FAILED, 3);
}

/** @param pixelsMin screen pixels that it takes at least, each way */
function drawSpot(
  { context, camera, palette }: Drawing,
  { x, y, width, height }: Box,
  mark: number,
  pixelsMin = 1.5,
): void {
  if (pixelsMin > 2 && width * camera.scale > 12) return;
  const least = pixelsMin / camera.scale;
  context.fillStyle = palette.marks[mark]!.strong;
  context.globalAlpha = mark === PENDING ? 0.45 : 1;
  context.fillRect(x, y, Math.max(width, least), Math.max(height, least));
  context.globalAlpha = 1;
}

function drawCard(drawing: Drawing, node: number, mark: number): void {
  const { context, scene, palette, nameOf, camera } = drawing;
  const { x, y, width, height } = boxOf(scene, node);
  context.fillStyle = palette.surface;
  context.strokeStyle = palette.line;
  context.lineWidth = 1 / Math.min(1, camera.scale);
  context.beginPath();
  context.roundRect(x, y, width, height, 8);
  context.fill();
  context.stroke();
  context.fillStyle = palette.marks[mark]!.strong;
  context.fillRect(x, y + 6, 5, Math.min(height, 54) - 12);
  context.fillStyle = palette.text;
  context.font = `600 15px ${palette.font}`;
  context.fillText(shorten(nameOf(node), Math.floor(width / 9) - 2), x + 16, y + 32);
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(1, length - 1))}…`;
}

/** Cells that are smaller than a pixel are drawn some for all, and failed ones always. */
function drawCells(drawing: Drawing, grid: CellGrid, seen: Box): void {
  const { context, scene, camera, palette, hasCellElements } = drawing;
  if (!meet(boxOf(scene, grid.position), seen) || hasCellElements) return;
  const [from, to] = rowsSeen(scene, grid, seen);
  const pace = Math.max(1, Math.ceil(1.6 / (26 * camera.scale)));
  for (let mark = 0; mark < STATUSES.length; mark++) {
    context.fillStyle = palette.marks[mark]!.strong;
    context.globalAlpha = mark === PENDING ? 0.3 : 1;
    const isRare = mark === FAILED || mark === RUNNING;
    for (let index = from; index < to; index++) {
      if (grid.marks[index] !== mark) continue;
      const [row, column] = [Math.floor(index / grid.columns), index % grid.columns];
      if (!isRare && (row % pace !== 0 || column % pace !== 0)) continue;
      const { x, y, width, height } = cellOf(scene, grid, index);
      context.fillRect(x, y, width * pace, height * pace);
    }
  }
  context.globalAlpha = 1;
}
