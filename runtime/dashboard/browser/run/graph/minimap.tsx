import { useEffect, useRef } from "preact/hooks";
import type { Palette } from "./palette.ts";
import { minimapScale } from "./place_frame.ts";
import { boxOf, cellOf, type Scene, STATUSES } from "./scene.ts";
import type { DagStage } from "./use_dag_stage.ts";

/** Spots are drawn at least so large, in pixels. */
const SPOT_MIN = 1.2;

/** The whole picture, small, with a frame around what is seen. A press goes there. */
export function Minimap(
  { scene, version, palette, stage: { viewport, frame } }: {
    scene: Scene;
    version: number;
    palette: Palette;
    stage: DagStage;
  },
) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const small = minimapScale(scene);
  useEffect(() => draw(canvas.current!, scene, palette), [scene, version, palette]);
  useEffect(() => viewport.invalidate(), []);

  function go(event: PointerEvent): void {
    if (event.buttons !== 1) return;
    const { left, top } = canvas.current!.getBoundingClientRect();
    const { view, camera: { scale } } = viewport;
    viewport.look({
      scale,
      x: view.width / 2 - (event.clientX - left) / small * scale,
      y: view.height / 2 - (event.clientY - top) / small * scale,
    });
  }

  return (
    <div class="dag-minimap" aria-hidden="true" onPointerDown={go} onPointerMove={go}>
      <canvas ref={canvas} />
      <div class="dag-minimap-frame" ref={frame} />
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, scene: Scene, palette: Palette): void {
  const scale = minimapScale(scene);
  const [width, height] = [scene.layout.width * scale, scene.layout.height * scale];
  const ratio = devicePixelRatio;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d")!;
  context.setTransform(ratio * scale, 0, 0, ratio * scale, 0, 0);
  const least = SPOT_MIN / scale;
  for (const [mark, status] of STATUSES.entries()) {
    context.fillStyle = palette.marks[mark]!.strong;
    context.globalAlpha = status === "pending" ? 0.35 : 0.9;
    for (let node = 0; node < scene.marks.length; node++) {
      if (scene.marks[node] !== mark || scene.grids.has(node)) continue;
      const { x, y, width, height } = boxOf(scene, node);
      context.fillRect(x, y, Math.max(width, least), Math.max(height, least));
    }
    for (const grid of scene.grids.values()) {
      const pace = Math.max(1, Math.ceil(grid.count / 4_000));
      for (let index = 0; index < grid.count; index += pace) {
        if (grid.marks[index] !== mark) continue;
        const { x, y, width, height } = cellOf(scene, grid, index);
        context.fillRect(x, y, Math.max(width * pace, least), Math.max(height, least));
      }
    }
  }
}
