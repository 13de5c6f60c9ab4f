import { type Camera, seenBox, type Size } from "./camera.ts";
import type { Scene } from "./scene.ts";

/** Size of the small picture, in screen pixels. */
const WIDTH = 168;
const HEIGHT = 104;

/** Pixels of the small picture for one of the large. */
export function minimapScale({ layout }: Scene): number {
  return Math.min(WIDTH / Math.max(1, layout.width), HEIGHT / Math.max(1, layout.height), 0.25);
}

/** Moves the frame of the small picture to what the camera shows. */
export function placeFrame(frame: HTMLElement, scene: Scene, camera: Camera, view: Size): void {
  const scale = minimapScale(scene);
  const seen = seenBox(camera, view);
  const left = Math.max(0, seen.x * scale);
  const top = Math.max(0, seen.y * scale);
  const right = Math.min(scene.layout.width, seen.x + seen.width) * scale;
  const bottom = Math.min(scene.layout.height, seen.y + seen.height) * scale;
  frame.style.transform = `translate(${left}px, ${top}px)`;
  frame.style.width = `${Math.max(4, right - left)}px`;
  frame.style.height = `${Math.max(4, bottom - top)}px`;
}
