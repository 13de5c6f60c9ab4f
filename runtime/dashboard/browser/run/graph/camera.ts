/**
 * What part of a picture a window shows, and how large. Pure: a camera is a value.
 *
 * @module
 */

/** A point of the picture at `(px, py)` is seen at `(px * scale + x, py * scale + y)`. */
export interface Camera {
  x: number;
  y: number;
  /** Screen pixels for one pixel of the picture. */
  scale: number;
}

/** Size of a window or a picture. */
export interface Size {
  width: number;
  height: number;
}

/** A box of the picture. */
export interface Box extends Size {
  x: number;
  y: number;
}

export const SCALE_MIN = 0.01;
export const SCALE_MAX = 2.5;
/** Space left around a picture that is fitted, in screen pixels. */
const MARGIN = 32;

/** Shows the whole picture, centred; small ones are not blown up. */
export function fit(picture: Size, view: Size, scaleMax = 1): Camera {
  const across = (view.width - 2 * MARGIN) / Math.max(1, picture.width);
  const down = (view.height - 2 * MARGIN) / Math.max(1, picture.height);
  const scale = clampScale(Math.min(across, down, scaleMax));
  return centreOn({ x: 0, y: 0, ...picture }, view, scale);
}

/** Shows the middle of a box in the middle of the window. */
export function centreOn(box: Box, view: Size, scale: number): Camera {
  return {
    x: view.width / 2 - (box.x + box.width / 2) * scale,
    y: view.height / 2 - (box.y + box.height / 2) * scale,
    scale,
  };
}

/** Zooms so that what is seen at `(x, y)` stays there. */
export function zoomAt(camera: Camera, at: { x: number; y: number }, factor: number): Camera {
  const scale = clampScale(camera.scale * factor);
  const real = scale / camera.scale;
  return { x: at.x - (at.x - camera.x) * real, y: at.y - (at.y - camera.y) * real, scale };
}

/** Moves the picture by so many screen pixels; a corner of it always stays in the window. */
export function panBy(camera: Camera, dx: number, dy: number, picture: Size, view: Size): Camera {
  const keep = 60;
  return {
    ...camera,
    x: clamp(camera.x + dx, keep - picture.width * camera.scale, view.width - keep),
    y: clamp(camera.y + dy, keep - picture.height * camera.scale, view.height - keep),
  };
}

/** Moves as little as possible so that the box is seen; large enough to be read. */
export function reveal(camera: Camera, box: Box, view: Size, scaleMin = 0.6): Camera {
  if (camera.scale < scaleMin) return centreOn(box, view, scaleMin);
  const margin = 24;
  // Search stands over the upper edge, the small picture over the lower one.
  const [above, below] = [Math.min(64, view.height / 8), Math.min(128, view.height / 5)];
  const left = box.x * camera.scale + camera.x;
  const top = box.y * camera.scale + camera.y;
  return {
    ...camera,
    x: camera.x + shift(left, left + box.width * camera.scale, margin, view.width - margin),
    y: camera.y + shift(top, top + box.height * camera.scale, above, view.height - below),
  };
}

/** How far `from…to` has to move to lie in `low…high`; its beginning counts more than its end. */
function shift(from: number, to: number, low: number, high: number): number {
  if (from < low) return low - from;
  if (to <= high) return 0;
  return Math.max(high - to, low - from);
}

/** The part of the picture that the window shows, with so many screen pixels around it. */
export function seenBox({ x, y, scale }: Camera, view: Size, margin = 0): Box {
  return {
    x: (-margin - x) / scale,
    y: (-margin - y) / scale,
    width: (view.width + 2 * margin) / scale,
    height: (view.height + 2 * margin) / scale,
  };
}

/** Whether two boxes have a point in common. */
export function meet(a: Box, b: Box): boolean {
  return a.x <= b.x + b.width && b.x <= a.x + a.width &&
    a.y <= b.y + b.height && b.y <= a.y + a.height;
}

function clampScale(scale: number): number {
  return clamp(scale, SCALE_MIN, SCALE_MAX);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most));
}
