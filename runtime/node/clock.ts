import type { Clock } from "../../core/ports.ts";

/**
 * Wall-clock time at the start, carried on by the monotonic clock: a step of the system's clock
 * neither fires nor delays anything.
 */
export const systemClock: Clock = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
};
