import type { AssignmentQuery } from "./candidate.ts";
import type { Prospect } from "./prospect.ts";

/**
 * Points of success that waiting for as long as the agent takes for one task is worth. Where success
 * is preferred time counts for hardly more than telling equals apart.
 */
const PRICE = { balanced: 0.05, speed: 0.2, cost: 0.04, success: 0.005 } as const;

/**
 * An agent that could not do so much of all tasks is not waited for: the wait would not end. Unless
 * success is preferred, or it is better by this much.
 */
const SHARE_MAX = 0.85;
const GAP_HOPELESS = 0.5;

/**
 * Whether a task had better wait for an agent without a free place than take the best of those that
 * have one: what it would lose, surely, exceeds what waiting costs. The cost grows with the logarithm of
 * the wait: a place is free after the time of one task divided by the places.
 */
export function isWorthWaiting(
  busy: Prospect,
  free: Prospect,
  query: AssignmentQuery,
  paceMs: number | null,
): boolean {
  if (busy.latencyMs === null || paceMs === null) return false;
  const gap = busy.value - Math.max(free.value, free.score) - Math.sqrt(busy.variance) / 2;
  if (gap <= 0) return false;
  const places = Math.max(1, busy.candidate.places);
  const waitMs = busy.latencyMs / places + (query.waitedMs ?? 0);
  const price = PRICE[query.prefer] * Math.log2(1 + waitMs / busy.latencyMs) * 2;
  const share = busy.latencyMs / places / Math.max(paceMs, 1e-9);
  if (gap <= price) return false;
  return query.prefer === "success" || share < SHARE_MAX || gap > GAP_HOPELESS;
}
