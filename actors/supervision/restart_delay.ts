import type { RestartDelay } from "./specification.ts";

/**
 * How long a restart waits after so many failures in a row.
 *
 * Equal jitter: uniform in `[delay / 2, delay]` where delay is
 * `min(maxMs, initialMs * factor ** (failures - 1))` (M. Brooker, "Exponential Backoff And Jitter",
 * AWS Architecture Blog, 2015). Not full jitter: a crash loop must be slowed for certain.
 *
 * @param failures 1 or more
 * @param random uniform in `[0, 1)`, given from outside so that a seed replays it
 * @returns whole milliseconds
 */
export function restartDelayMs(delay: RestartDelay, failures: number, random: number): number {
  // In a long row the power is infinite, and 0 times that is no number.
  if (delay.initialMs === 0) return 0;
  const fullMs = Math.min(delay.maxMs, delay.initialMs * delay.factor ** (failures - 1));
  return Math.round(fullMs / 2 + (fullMs / 2) * random);
}

/**
 * Failures in a row, the one just seen included: it is the first again when the child ran well for
 * longer than `healthyMs` before it.
 *
 * @param ranMs how long it ran; `null` when it did not start
 */
export function failuresInARow(before: number, ranMs: number | null, healthyMs: number): number {
  return ranMs !== null && ranMs > healthyMs ? 1 : before + 1;
}
