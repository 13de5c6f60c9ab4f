import type { BreakerFacts } from "./failure_run.ts";

/** Whether an agent gets tasks: `open` none, `half-open` one to see whether it works again. */
export type BreakerState = "closed" | "open" | "half-open";

/** A first probe comes after the time in which this many tasks of the capability end. */
const FIRST_PROBE_TASKS = 8;

/** Each probe that fails doubles the time to the next, so many times. */
const DOUBLINGS_MAX = 5;

/** Bounds of the time to a probe, and that of an agent without which nobody can. */
const WAIT_MS = { min: 20, max: 600_000, aloneFirst: 1_000, aloneMax: 30_000 };

/** How many tasks of the capability end until the next probe. */
export function tasksToProbe(facts: BreakerFacts): number {
  return FIRST_PROBE_TASKS * 2 ** Math.min(DOUBLINGS_MAX, facts.probes);
}

/**
 * When an agent whose breaker opened may get a task again; `null` when it is closed. Counted in
 * tasks, for those are what a probe may cost: the time is that in which so many end, of late.
 *
 * @param paceMs from one outcome of the capability to the next; `null` when not known
 * @param isAlone nobody else can: then waiting costs more than a task that fails
 */
export function retryAt(
  facts: BreakerFacts,
  paceMs: number | null,
  isAlone: boolean,
): number | null {
  if (facts.openedAt === null) return null;
  const alone = Math.min(WAIT_MS.aloneMax, WAIT_MS.aloneFirst * 2 ** facts.probes);
  const byPace = paceMs === null ? alone : paceMs * tasksToProbe(facts);
  const waitMs = Math.max(WAIT_MS.min, Math.min(WAIT_MS.max, byPace));
  return Math.ceil(facts.lastFailedAt + (isAlone ? Math.min(alone, waitMs) : waitMs));
}

/** State of a breaker, by when it may be tried. */
export function breakerState(retryAt: number | null, now: number): BreakerState {
  return retryAt === null ? "closed" : now < retryAt ? "open" : "half-open";
}
