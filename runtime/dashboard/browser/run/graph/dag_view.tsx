/**
 * The graph of a run: edges and far tasks on a canvas, near tasks as elements that can be pressed,
 * focused and read aloud.
 *
 * @module
 */
import { useState } from "preact/hooks";
import type { LiveRun } from "../live/mod.ts";
import { type Box, reveal } from "./camera.ts";
import { DagSpots } from "./dag_spots.tsx";
import { DagTools } from "./dag_tools.tsx";
import { type Direction, findAt, findNext, type Spot } from "./find_next.ts";
import { Minimap } from "./minimap.tsx";
import type { SpotActions } from "./node_element.tsx";
import { boxOf, cellOf, HEAD_HEIGHT, type Scene } from "./scene.ts";
import { spotKey } from "./spots_seen.ts";
import { type DagStage, useDagStage } from "./use_dag_stage.ts";
import { useScene } from "./use_scene.ts";

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};
/** Fewer tasks than this are seen at once anyway. */
const MINIMAP_FROM = 12;

/** @param version changes with each change of `run`, which is changed in place */
export function DagView(
  { run, version, selected, onSelect }: {
    run: LiveRun;
    version: number;
    selected: Spot | null;
    onSelect: (spot: Spot) => void;
  },
) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [target, setTarget] = useState<Spot>(selected ?? { position: 0, index: null });
  const scene = useScene(run, open);
  const stage = useDagStage({ run, version, scene, selected, target });
  const go = (spot: Spot) => {
    if (scene === null) return;
    setTarget(spot);
    showSpot(stage, scene, spot);
  };
  const actions: SpotActions = {
    onSelect: (spot) => {
      if (stage.viewport.hasDragged || scene === null) return;
      stage.viewport.kept = boxOfSpot(scene, spot);
      onSelect(spot);
    },
    onFocus: (spot) => spotKey(spot) === spotKey(target) || setTarget(spot),
    onToggle: (position) => {
      setTarget({ position, index: null });
      setOpen((open) => toggled(open, position));
    },
  };
  const press = (event: KeyboardEvent) => {
    if (scene === null || !pressKey(event, { scene, target, stage, go })) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const click = (event: MouseEvent) => {
    const spot = scene === null ? null : spotUnder(stage, scene, event);
    if (spot === null) return;
    setTarget(spot);
    onSelect(spot);
  };
  const find = (position: number) => {
    go({ position, index: null });
    onSelect({ position, index: null });
  };
  return (
    <div class="dag">
      <div
        class="dag-window"
        ref={stage.window}
        role="group"
        aria-label="Graph of tasks: arrow keys follow the edges, plus and minus zoom, 0 shows all"
        onKeyDown={press}
        onClick={click}
      >
        <canvas ref={stage.canvas} aria-hidden="true" />
        <div class="dag-layer" ref={stage.layer}>
          {scene !== null && (
            <DagSpots {...{ run, scene, selected, target, actions }} seen={stage.seen} />
          )}
        </div>
        {scene === null && <p class="dag-loading" role="status">Laying the graph out…</p>}
      </div>
      <DagTools run={run} viewport={stage.viewport} onFind={find} />
      {scene !== null && stage.palette !== null && run.tasks.length >= MINIMAP_FROM && (
        <Minimap scene={scene} version={version} palette={stage.palette} stage={stage} />
      )}
    </div>
  );
}

/** Arrows go along the edges, with Shift they move the picture. Tells whether the key was one. */
function pressKey(
  event: KeyboardEvent,
  { scene, target, stage, go }: {
    scene: Scene;
    target: Spot;
    stage: DagStage;
    go: (spot: Spot) => void;
  },
): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const direction = event.shiftKey ? undefined : ARROWS[event.key];
  if (direction === undefined) return stage.viewport.press(event);
  const next = findNext(scene, target, direction);
  if (next !== null) go(next);
  return true;
}

function toggled(open: ReadonlySet<number>, position: number): ReadonlySet<number> {
  const next = new Set(open);
  if (!next.delete(position)) next.add(position);
  return next;
}

/** Brings a spot into the window and puts the focus on it. */
function showSpot({ viewport, focus }: DagStage, scene: Scene, spot: Spot): void {
  const box = boxOfSpot(scene, spot);
  viewport.look(reveal(viewport.camera, box, viewport.view, spot.index === null ? 0.6 : 0.8));
  viewport.kept = box;
  focus(spot);
}

/** The box of a task, of an open one its head, or of an item. */
function boxOfSpot(scene: Scene, { position, index }: Spot): Box {
  const grid = scene.grids.get(position);
  if (index !== null && grid !== undefined) return cellOf(scene, grid, index);
  const box = boxOf(scene, position);
  return { ...box, height: Math.min(box.height, HEAD_HEIGHT) };
}

/** What was pressed on the canvas: far tasks are no elements. */
function spotUnder({ viewport, canvas }: DagStage, scene: Scene, event: MouseEvent): Spot | null {
  if (viewport.hasDragged || event.target !== canvas.current) return null;
  const { left, top } = canvas.current!.getBoundingClientRect();
  const { x, y, scale } = viewport.camera;
  return findAt(scene, (event.clientX - left - x) / scale, (event.clientY - top - y) / scale);
}
