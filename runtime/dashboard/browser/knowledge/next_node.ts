/**
 * Where an arrow key leads in the picture.
 *
 * @module
 */
import type { Point } from "./place_nodes.ts";

export type Direction = "left" | "right" | "up" | "down";

const AXES: Readonly<Record<Direction, readonly [x: number, y: number]>> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
};

/**
 * The candidate that lies best in a direction: near, and not far off it. Nothing more than 80° off
 * counts.
 *
 * @param from and the candidates: in pixels of the screen, `y` downwards
 * @returns `null` when none lies there
 */
export function findNextNode(
  from: Point,
  candidates: Iterable<readonly [id: string, at: Point]>,
  direction: Direction,
): string | null {
  const [alongX, alongY] = AXES[direction];
  let best: string | null = null;
  let least = Infinity;
  for (const [id, at] of candidates) {
    const [dx, dy] = [at.x - from.x, at.y - from.y];
    const far = Math.hypot(dx, dy);
    const along = dx * alongX + dy * alongY;
    if (far === 0 || along < far * 0.17) continue;
    // What lies off the direction counts as farther away.
    const cost = far * (1 + 2 * (1 - along / far));
    if (cost < least) [best, least] = [id, cost];
  }
  return best;
}
