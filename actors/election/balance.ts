/** A partition that changes hands. */
export interface Move {
  from: string;
  to: string;
}

/** The node with the least load, ties by name; `null` when there is none. */
export function leastLoaded(
  loads: ReadonlyMap<string, number>,
  among: Iterable<string>,
): string | null {
  let best: string | null = null;
  for (const nodeId of among) {
    if (best === null || compare(loads, nodeId, best) < 0) best = nodeId;
  }
  return best;
}

/**
 * What must move so that no two nodes differ by more than one partition. All nodes that see the same
 * loads find the same moves, so each carries out its own without asking.
 *
 * @param loads partitions led, by node
 * @param takers nodes that may be given more
 */
export function balance(
  loads: ReadonlyMap<string, number>,
  takers: readonly string[],
): Move[] {
  const left = new Map(loads);
  const moves: Move[] = [];
  for (;;) {
    const to = leastLoaded(left, takers);
    const from = mostLoaded(left);
    if (to === null || from === null || loadOf(left, from) - loadOf(left, to) < 2) return moves;
    left.set(from, loadOf(left, from) - 1);
    left.set(to, loadOf(left, to) + 1);
    moves.push({ from, to });
  }
}

function mostLoaded(loads: ReadonlyMap<string, number>): string | null {
  let best: string | null = null;
  for (const nodeId of loads.keys()) {
    const more = best === null ? 1 : loadOf(loads, nodeId) - loadOf(loads, best);
    if (more > 0 || (more === 0 && nodeId < best!)) best = nodeId;
  }
  return best;
}

function compare(loads: ReadonlyMap<string, number>, a: string, b: string): number {
  return loadOf(loads, a) - loadOf(loads, b) || (a < b ? -1 : 1);
}

function loadOf(loads: ReadonlyMap<string, number>, nodeId: string): number {
  return loads.get(nodeId) ?? 0;
}
