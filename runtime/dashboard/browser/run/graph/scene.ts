/**
 * What the graph of a run looks like, as flat arrays: a box for each task; the box of a `forEach`
 * that is open holds a cell for each item. Changes of status touch only the marks.
 *
 * @module
 */
import type { GraphLayout, GraphShape } from "../layout/mod.ts";
import { itemStatusOf, type LiveRun, type LiveTask, statusOf } from "../live/mod.ts";
import type { TaskStatus } from "../../../../../workflows/mod.ts";
import type { Box } from "./camera.ts";

const NODE_WIDTH = 212;
const NODE_HEIGHT = 54;
/** A `forEach` has a bar below its name. */
export const HEAD_HEIGHT = 70;
/** Cells of an open `forEach`, and what is around them. */
const CELL_WIDTH = 34;
const CELL_HEIGHT = 22;
const CELL_GAP = 4;
const GRID_TOP = 76;
const GRID_PAD = 10;
/** Width by height of a grid of cells. */
const GRID_ASPECT = 1.6;

/** Every status, by its mark: what the arrays hold. */
export const STATUSES = [
  "pending",
  "running",
  "waiting",
  "paused",
  "completed",
  "failed",
  "cancelled",
  "skipped",
] as const satisfies readonly TaskStatus[];

const MARK_OF = Object.fromEntries(STATUSES.map((status, mark) => [status, mark])) as Record<
  TaskStatus,
  number
>;

/** Cells of an open `forEach`, within its box. */
export interface CellGrid {
  position: number;
  count: number;
  columns: number;
  /** Marks of the items. */
  marks: Uint8Array;
}

/** A graph that is laid out. */
export interface Scene {
  readonly shape: GraphShape;
  readonly layout: GraphLayout;
  readonly grids: ReadonlyMap<number, CellGrid>;
  /** Marks of the tasks. */
  readonly marks: Uint8Array;
  /** Edges at each task, as positions in pairs of `shape.edges`. */
  readonly edgesAt: readonly (readonly number[])[];
}

/** Boxes and edges of a run. @param open positions of the `forEach` tasks that show their items */
export function shapeOf(run: LiveRun, open: ReadonlySet<number>): GraphShape {
  const count = run.tasks.length;
  const widths = new Float32Array(count).fill(NODE_WIDTH);
  const heights = new Float32Array(count).fill(NODE_HEIGHT);
  const edges: number[] = [];
  for (const task of run.tasks) {
    const { position } = task;
    if (task.isForEach) heights[position] = HEAD_HEIGHT;
    if (isShownOpen(task, open)) [widths[position], heights[position]] = sizeOfGrid(task);
    for (const need of task.spec.needs) {
      const from = run.positionOf.get(need);
      if (from !== undefined) edges.push(from, position);
    }
  }
  return { widths, heights, edges: Uint32Array.from(edges) };
}

function isShownOpen(task: LiveTask, open: ReadonlySet<number>): boolean {
  return open.has(task.position) && task.instances.length > 0;
}

function columnsFor(count: number): number {
  const ratio = (CELL_HEIGHT + CELL_GAP) / (CELL_WIDTH + CELL_GAP);
  return Math.max(5, Math.ceil(Math.sqrt(count * ratio * GRID_ASPECT)));
}

function sizeOfGrid({ instances }: LiveTask): [number, number] {
  const columns = columnsFor(instances.length);
  const rows = Math.ceil(instances.length / columns);
  const width = columns * (CELL_WIDTH + CELL_GAP) - CELL_GAP + 2 * GRID_PAD;
  return [
    Math.max(NODE_WIDTH, width),
    GRID_TOP + rows * (CELL_HEIGHT + CELL_GAP) - CELL_GAP + GRID_PAD,
  ];
}

/** Puts a layout and the shape that it was made of together. */
export function createScene(
  run: LiveRun,
  open: ReadonlySet<number>,
  shape: GraphShape,
  layout: GraphLayout,
): Scene {
  const edgesAt: number[][] = run.tasks.map(() => []);
  for (let edge = 0; edge < shape.edges.length / 2; edge++) {
    edgesAt[shape.edges[2 * edge]!]!.push(edge);
    edgesAt[shape.edges[2 * edge + 1]!]!.push(edge);
  }
  const grids = new Map(
    run.tasks.filter((task) => isShownOpen(task, open)).map(({ position, instances }) => {
      const count = instances.length;
      const grid = { position, count, columns: columnsFor(count), marks: new Uint8Array(count) };
      return [position, grid];
    }),
  );
  const scene = { shape, layout, grids, marks: new Uint8Array(run.tasks.length), edgesAt };
  markScene(scene, run);
  return scene;
}

/** Takes the statuses of the run into the marks. */
export function markScene(scene: Scene, run: LiveRun): void {
  for (const task of run.tasks) scene.marks[task.position] = MARK_OF[statusOf(task)];
  for (const { position, marks } of scene.grids.values()) {
    const { instances } = run.tasks[position]!;
    for (let at = 0; at < marks.length; at++) {
      const instance = instances[at];
      if (instance !== undefined) marks[at] = MARK_OF[itemStatusOf(instance)];
    }
  }
}

/** Whether the boxes no longer fit the run: an open `forEach` has another number of items. */
export function isOutgrown(scene: Scene, run: LiveRun, open: ReadonlySet<number>): boolean {
  const shown = run.tasks.filter((task) => isShownOpen(task, open));
  return shown.length !== scene.grids.size ||
    shown.some(({ position, instances }) => scene.grids.get(position)?.count !== instances.length);
}

/** The box of a task. */
export function boxOf({ shape, layout }: Scene, position: number): Box {
  return {
    x: layout.x[position]!,
    y: layout.y[position]!,
    width: shape.widths[position]!,
    height: shape.heights[position]!,
  };
}

/** The box of an item of an open `forEach`. */
export function cellOf(scene: Scene, { position, columns }: CellGrid, index: number): Box {
  return {
    x: scene.layout.x[position]! + GRID_PAD + (index % columns) * (CELL_WIDTH + CELL_GAP),
    y: scene.layout.y[position]! + GRID_TOP +
      Math.floor(index / columns) * (CELL_HEIGHT + CELL_GAP),
    width: CELL_WIDTH,
    height: CELL_HEIGHT,
  };
}

/** Items whose cells may be seen in `seen`: rows that it touches, as `[from, to)`. */
export function rowsSeen(scene: Scene, { position, columns, count }: CellGrid, seen: Box) {
  const top = scene.layout.y[position]! + GRID_TOP;
  const row = CELL_HEIGHT + CELL_GAP;
  const first = Math.max(0, Math.floor((seen.y - top) / row));
  const last = Math.max(0, Math.ceil((seen.y + seen.height - top) / row));
  return [Math.min(count, first * columns), Math.min(count, last * columns)] as const;
}
