import type { Clock } from "../../core/ports.ts";

/** To ask what time it is costs more than to take a message: one answer holds for one turn. */
export function turnClock(clock: Clock): () => number {
  let now: number | null = null;
  const forget = () => {
    now = null;
  };
  return () => {
    if (now === null) {
      now = clock.now();
      queueMicrotask(forget);
    }
    return now;
  };
}
