/**
 * A window onto a picture that is moved by wheel, drag, pinch and keys. Holds the camera, and tells
 * when a new frame is due; it draws nothing itself.
 *
 * @module
 */
import { type Box, type Camera, fit, panBy, reveal, type Size, zoomAt } from "./camera.ts";

/** How much one notch of a wheel, or one key, zooms. */
const ZOOM_STEP = 1.25;
const KEY_PAN_PX = 90;
/** A press that moves less is a click. */
const DRAG_PX_MIN = 4;

interface Point {
  x: number;
  y: number;
}

/** See the module. `onFrame` is called at most once a frame, after any change. */
export class Viewport {
  camera: Camera = { x: 0, y: 0, scale: 1 };
  view: Size = { width: 0, height: 0 };
  picture: Size = { width: 0, height: 0 };
  /** Whether somebody has moved the camera: it is not fitted again by itself then. */
  isMoved = false;
  /** A box that is to stay in sight when the window changes its size; until it is moved by hand. */
  kept: Box | null = null;
  readonly #onFrame: () => void;
  readonly #pointers = new Map<number, Point>();
  #frame = 0;
  #dragged = 0;

  constructor(onFrame: () => void) {
    this.#onFrame = onFrame;
  }

  /** Asks for a frame. */
  invalidate(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#onFrame();
    });
  }

  /** Takes another camera. */
  look(camera: Camera, isByHand = true): void {
    this.camera = camera;
    this.isMoved ||= isByHand;
    this.invalidate();
  }

  fit(isByHand = true): void {
    this.kept = null;
    this.look(fit(this.picture, this.view), isByHand);
    if (isByHand) this.isMoved = false;
  }

  zoom(factor: number, at: Point = { x: this.view.width / 2, y: this.view.height / 2 }): void {
    this.kept = null;
    this.look(zoomAt(this.camera, at, factor));
  }

  pan(dx: number, dy: number): void {
    this.kept = null;
    this.look(panBy(this.camera, dx, dy, this.picture, this.view));
  }

  /** Whether the press that has just ended moved the picture: then it was no click. */
  get hasDragged(): boolean {
    return this.#dragged >= DRAG_PX_MIN;
  }

  /** A key that moves the camera; tells whether it was one. */
  press({ key, shiftKey }: KeyboardEvent): boolean {
    const moves: Record<string, () => void> = {
      "+": () => this.zoom(ZOOM_STEP),
      "=": () => this.zoom(ZOOM_STEP),
      "-": () => this.zoom(1 / ZOOM_STEP),
      "0": () => this.fit(),
    };
    const pans: Record<string, () => void> = {
      ArrowLeft: () => this.pan(KEY_PAN_PX, 0),
      ArrowRight: () => this.pan(-KEY_PAN_PX, 0),
      ArrowUp: () => this.pan(0, KEY_PAN_PX),
      ArrowDown: () => this.pan(0, -KEY_PAN_PX),
    };
    const move = moves[key] ?? (shiftKey ? pans[key] : undefined);
    move?.();
    return move !== undefined;
  }

  /** Listens to an element until the returned function is called. */
  attach(element: HTMLElement): () => void {
    const listening = new AbortController();
    const { signal } = listening;
    const sizes = new ResizeObserver(([entry]) => this.#resize(entry!.contentRect));
    sizes.observe(element);
    element.addEventListener("wheel", (event) => this.#wheel(event, element), {
      signal,
      passive: false,
    });
    element.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    element.addEventListener("pointermove", (event) => this.#move(event, element), { signal });
    for (const type of ["pointerup", "pointercancel"] as const) {
      element.addEventListener(type, (event) => this.#up(event), { signal });
    }
    return () => {
      listening.abort();
      sizes.disconnect();
      cancelAnimationFrame(this.#frame);
      this.#frame = 0;
    };
  }

  #resize({ width, height }: Size): void {
    this.view = { width, height };
    if (width === 0) return;
    if (!this.isMoved) this.fit(false);
    else if (this.kept !== null) this.look(reveal(this.camera, this.kept, this.view, 0));
    this.invalidate();
  }

  #wheel(event: WheelEvent, element: HTMLElement): void {
    event.preventDefault();
    const { left, top } = element.getBoundingClientRect();
    // A line of a wheel counts as 16 pixels; a pinch on a track pad comes as a wheel with `ctrlKey`.
    const delta = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1);
    const factor = Math.exp(-delta * (event.ctrlKey ? 0.01 : 0.0018));
    this.zoom(factor, { x: event.clientX - left, y: event.clientY - top });
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return;
    if (this.#pointers.size === 0) this.#dragged = 0;
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  #move(event: PointerEvent, element: HTMLElement): void {
    const last = this.#pointers.get(event.pointerId);
    if (last === undefined) return;
    const next = { x: event.clientX, y: event.clientY };
    this.#dragged += Math.hypot(next.x - last.x, next.y - last.y);
    if (!this.hasDragged) return;
    // Only now: a press that is captured would never be a click on what lies below.
    if (!element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, next);
    if (other !== undefined) return this.#pinch(last, next, other, element);
    this.pan(next.x - last.x, next.y - last.y);
  }

  #pinch(last: Point, next: Point, other: Point, element: HTMLElement): void {
    const { left, top } = element.getBoundingClientRect();
    const apart = (point: Point) => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y));
    const middle = { x: (next.x + other.x) / 2 - left, y: (next.y + other.y) / 2 - top };
    this.zoom(apart(next) / apart(last), middle);
    this.pan((next.x - last.x) / 2, (next.y - last.y) / 2);
  }

  #up(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
  }
}
