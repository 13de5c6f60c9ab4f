import assert from "node:assert/strict";
import { layOutGraph } from "../layout/mod.ts";
import { createLiveRun, foldRun, type GraphTask, type LiveRun } from "../live/mod.ts";
import { findAt, findNext, type Spot } from "./find_next.ts";
import {
  boxOf,
  cellOf,
  createScene,
  isOutgrown,
  markScene,
  type Scene,
  shapeOf,
  STATUSES,
} from "./scene.ts";
import { ELEMENTS_MAX, findSpotsSeen } from "./spots_seen.ts";

const task = (id: string, needs: string[] = [], forEach?: string): GraphTask => ({
  id,
  kind: "agent",
  agent: "a",
  needs,
  forEach,
});

/** `first` → `left`, `right` (12 items) → `last`. */
function diamond(): LiveRun {
  const run = createLiveRun("run-1", [
    task("first"),
    task("left", ["first"]),
    task("right", ["first"], "[…]"),
    task("last", ["left", "right"]),
  ]);
  foldRun(run, { type: "TaskExpanded", at: 1, task: "right", count: 12 });
  return run;
}

function sceneOf(run: LiveRun, open: number[] = []): Scene {
  const shape = shapeOf(run, new Set(open));
  return createScene(run, new Set(open), shape, layOutGraph(shape));
}

const at = (position: number, index: number | null = null): Spot => ({ position, index });

Deno.test("findNext() follows edges to the sides, and columns up and down", () => {
  const scene = sceneOf(diamond());
  const middle = findNext(scene, at(0), "right")!;
  assert.ok([1, 2].includes(middle.position));
  const other = at(3 - middle.position);
  const directions = ["up", "down"] as const;
  assert.ok(directions.some((way) => findNext(scene, middle, way)?.position === other.position));
  assert.deepEqual(findNext(scene, middle, "right"), at(3));
  assert.deepEqual(findNext(scene, other, "left"), at(0));
  assert.equal(findNext(scene, at(0), "left"), null);
  assert.equal(findNext(scene, at(3), "right"), null);
});

Deno.test("findNext() goes into an open forEach, through its items and out again", () => {
  const scene = sceneOf(diamond(), [2]);
  const { columns } = scene.grids.get(2)!;
  assert.deepEqual(findNext(scene, at(2), "down"), at(2, 0));
  assert.deepEqual(findNext(scene, at(2, 0), "right"), at(2, 1));
  assert.deepEqual(findNext(scene, at(2, 0), "down"), at(2, columns));
  assert.deepEqual(findNext(scene, at(2, columns), "up"), at(2, 0));
  assert.deepEqual(findNext(scene, at(2, 0), "up"), at(2));
  assert.equal(findNext(scene, at(2, 11), "right"), null);
});

Deno.test("findAt() finds what lies under each task and each item, and nothing between", () => {
  const scene = sceneOf(diamond(), [2]);
  for (const position of [0, 1, 3]) {
    const { x, y, width, height } = boxOf(scene, position);
    assert.deepEqual(findAt(scene, x + width / 2, y + height / 2), at(position));
    assert.notDeepEqual(findAt(scene, x - 5, y + height / 2), at(position));
  }
  const grid = scene.grids.get(2)!;
  for (let index = 0; index < grid.count; index++) {
    const { x, y, width, height } = cellOf(scene, grid, index);
    assert.deepEqual(findAt(scene, x + width / 2, y + height / 2), at(2, index));
    const box = boxOf(scene, 2);
    assert.ok(x >= box.x && x + width <= box.x + box.width, "across");
    assert.ok(y >= box.y && y + height <= box.y + box.height, "down");
  }
});

Deno.test("markScene() takes statuses of tasks and items; isOutgrown() sees other items", () => {
  const run = diamond();
  const open = new Set([2]);
  const scene = sceneOf(run, [2]);
  foldRun(run, { type: "AttemptStarted", at: 2, task: "right", index: 3, attempt: 1, agent: "a" });
  markScene(scene, run);
  assert.equal(STATUSES[scene.marks[2]!], "running");
  assert.equal(STATUSES[scene.grids.get(2)!.marks[3]!], "running");
  assert.equal(STATUSES[scene.grids.get(2)!.marks[4]!], "pending");
  assert.ok(!isOutgrown(scene, run, open));
  foldRun(run, { type: "TaskExpanded", at: 3, task: "right", count: 30 });
  assert.ok(isOutgrown(scene, run, open));
});

Deno.test("findSpotsSeen() makes few elements, however much is in sight, and always the focus", () => {
  const many = Array.from({ length: 2_000 }, (_, at) => task(`t${at}`));
  const scene = sceneOf(createLiveRun("run-1", many));
  const view = { width: 1_400, height: 900 };
  const far = findSpotsSeen(scene, { x: 0, y: 0, scale: 0.05 }, view, at(1_999));
  assert.deepEqual(far, { nodes: [1_999], cells: [] });
  const near = findSpotsSeen(scene, { x: 0, y: 0, scale: 1 }, view, null);
  assert.ok(near.nodes.length > 10 && near.nodes.length <= ELEMENTS_MAX);
  const huge = findSpotsSeen(
    scene,
    { x: 0, y: 0, scale: 0.5 },
    { width: 30_000, height: 30_000 },
    at(7),
  );
  assert.deepEqual(huge.nodes, [7]);
});
