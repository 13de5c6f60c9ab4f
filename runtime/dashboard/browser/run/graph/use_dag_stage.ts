import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { isDark } from "../../parts/mod.ts";
import type { LiveRun } from "../live/mod.ts";
import type { Size } from "./camera.ts";
import { drawScene } from "./draw_scene.ts";
import type { Spot } from "./find_next.ts";
import { placeFrame } from "./place_frame.ts";
import { type Palette, readPalette } from "./palette.ts";
import type { Scene } from "./scene.ts";
import { findSpotsSeen, isSameSpots, spotKey, type SpotsSeen } from "./spots_seen.ts";
import { Viewport } from "./viewport.ts";

type Ref<Element> = { current: Element | null };

/** The elements of the picture, and what is in sight. */
export interface DagStage {
  viewport: Viewport;
  window: Ref<HTMLDivElement>;
  canvas: Ref<HTMLCanvasElement>;
  layer: Ref<HTMLDivElement>;
  /** The frame of the small picture. */
  frame: Ref<HTMLDivElement>;
  seen: SpotsSeen;
  /** Puts the focus on a spot, which may be no element yet. */
  focus(spot: Spot): void;
  /** `null` until the page is there. */
  palette: Palette | null;
}

/** What is painted. */
export interface DagContent {
  run: LiveRun;
  version: number;
  scene: Scene | null;
  selected: Spot | null;
  /** The spot that has, or would get, the focus: always an element. */
  target: Spot;
}

const NOTHING: SpotsSeen = { nodes: [], cells: [] };

/** Paints whenever content or camera have changed; only what comes into sight is rendered anew. */
export function useDagStage(content: DagContent): DagStage {
  const { scene, version, selected, target } = content;
  const [seen, setSeen] = useState<SpotsSeen>(NOTHING);
  const [palette, setPalette] = useState<Palette | null>(null);
  const paint = useRef(() => {});
  const window = useRef<HTMLDivElement>(null);
  const stage: DagStage = {
    viewport: useMemo(() => new Viewport(() => paint.current()), []),
    window,
    canvas: useRef<HTMLCanvasElement>(null),
    layer: useRef<HTMLDivElement>(null),
    frame: useRef<HTMLDivElement>(null),
    seen,
    focus: useSpotFocus(window),
    palette,
  };
  paint.current = () => paintStage(stage, content, setSeen);
  const { viewport } = stage;
  useEffect(() => viewport.attach(window.current!), []);
  useEffect(() => setPalette(readPalette(window.current!)), [isDark.value]);
  useEffect(() => viewport.invalidate(), [scene, version, palette, selected, target, seen]);
  useKeptPlace(scene, viewport, target);
  return stage;
}

/**
 * Puts the focus on a spot as soon as it is an element: now, or with the rendering that makes it one,
 * however long that takes. The spot that was asked for last counts.
 */
function useSpotFocus(within: Ref<HTMLDivElement>): (spot: Spot) => void {
  const wanted = useRef<Spot | null>(null);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const key = spotKey(wanted.current);
    const element = within.current!.querySelector<HTMLElement>(`[data-spot="${key}"]`);
    if (element === null) return;
    wanted.current = null;
    element.focus({ preventScroll: true });
  });
  return (spot) => void (wanted.current = spot);
}

function paintStage(
  { viewport, canvas, layer, frame, seen, palette }: DagStage,
  { run, scene, selected, target }: DagContent,
  onSeen: (seen: SpotsSeen) => void,
): void {
  if (scene === null || palette === null || canvas.current === null) return;
  const { camera, view } = viewport;
  const next = findSpotsSeen(scene, camera, view, target);
  if (!isSameSpots(next, seen)) onSeen(next);
  const elements = new Set(next.nodes);
  fitCanvas(canvas.current, view);
  drawScene({
    context: canvas.current.getContext("2d")!,
    scene,
    camera,
    view,
    palette,
    nameOf: (position) => run.tasks[position]!.spec.id,
    isElement: (position) => elements.has(position),
    hasCellElements: next.cells.length > 1,
    selected: selected?.position ?? null,
  });
  layer.current!.style.transform = `translate(${camera.x}px, ${camera.y}px) scale(${camera.scale})`;
  if (frame.current !== null) placeFrame(frame.current, scene, camera, view);
  if (performance.getEntriesByName(DRAWN).length === 0) performance.mark(DRAWN);
}

/** When the first graph was there: for who measures. */
const DRAWN = "denizen:graph-drawn";

function fitCanvas(canvas: HTMLCanvasElement, view: Size): void {
  const [width, height] = [view.width, view.height].map((each) =>
    Math.max(1, Math.round(each * devicePixelRatio))
  );
  if (canvas.width === width && canvas.height === height) return;
  [canvas.width, canvas.height] = [width!, height!];
}

/** A new picture is shown whole, or so that the task of the focus stays where it was seen. */
function useKeptPlace(scene: Scene | null, viewport: Viewport, { position }: Spot): void {
  const last = useRef<Scene | null>(null);
  useEffect(() => {
    if (scene === null) return;
    const before = last.current;
    last.current = scene;
    viewport.picture = { width: scene.layout.width, height: scene.layout.height };
    if (before === null || before.marks.length !== scene.marks.length) {
      viewport.isMoved = false;
      if (viewport.view.width > 0) viewport.fit(false);
      return;
    }
    const { camera } = viewport;
    const dx = scene.layout.x[position]! - before.layout.x[position]!;
    const dy = scene.layout.y[position]! - before.layout.y[position]!;
    viewport.look({
      ...camera,
      x: camera.x - dx * camera.scale,
      y: camera.y - dy * camera.scale,
    });
  }, [scene]);
}
