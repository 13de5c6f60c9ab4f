/**
 * First places of nodes: around the neighbour that they came with, always the same.
 *
 * @module
 */
export interface Point {
  x: number;
  y: number;
}

/** Neighbours are laid on a spiral by this angle: none hides another (Vogel, 1979). */
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
const STEP = 10;

/**
 * Places for nodes that have none yet.
 *
 * @param ids what is to be shown
 * @param links both ends of each edge
 * @param placed where nodes are already
 */
export function placeNodes(
  ids: Iterable<string>,
  links: Iterable<readonly [string, string]>,
  placed: ReadonlyMap<string, Point>,
): Map<string, Point> {
  const waiting = new Set(ids);
  for (const id of placed.keys()) waiting.delete(id);
  const neighbours = neighboursBy(links);
  const found = new Map<string, Point>();
  const rings = new Map<string, number>();
  const queue = [...placed.keys()];
  let islands = 0;
  for (;;) {
    for (const id of queue) {
      const middle = found.get(id) ?? placed.get(id)!;
      for (const other of neighbours.get(id) ?? []) {
        if (!waiting.delete(other)) continue;
        const at = rings.get(id) ?? 0;
        rings.set(id, at + 1);
        found.set(other, onSpiral(middle, at + 1, STEP));
        queue.push(other);
      }
    }
    const [next] = waiting;
    if (next === undefined) return found;
    waiting.delete(next);
    found.set(next, onSpiral({ x: 0, y: 0 }, placed.size + islands++, STEP * 8));
    queue.length = 0;
    queue.push(next);
  }
}

function onSpiral({ x, y }: Point, at: number, step: number): Point {
  const far = step * Math.sqrt(at);
  const angle = at * GOLDEN_ANGLE;
  return { x: x + far * Math.cos(angle), y: y + far * Math.sin(angle) };
}

function neighboursBy(links: Iterable<readonly [string, string]>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (from: string, to: string) => {
    const known = found.get(from);
    if (known === undefined) found.set(from, [to]);
    else known.push(to);
  };
  for (const [from, to] of links) {
    add(from, to);
    add(to, from);
  }
  return found;
}
