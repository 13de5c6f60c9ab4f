/** Stands for work of a known length. */
import { defineAgent } from "denizen";

/** Timers of the platform may be late by more than a millisecond; the rest is waited out exactly. */
const EXACT_MS = 3;
const cell = new Int32Array(new SharedArrayBuffer(4));

export default defineAgent({
  name: "sleeper",
  async run(input, ctx) {
    const endMs = performance.now() + (input as { ms: number }).ms;
    const longMs = endMs - performance.now() - EXACT_MS;
    if (longMs > 0) await ctx.sleep(longMs);
    const restMs = endMs - performance.now();
    if (restMs > 0) Atomics.wait(cell, 0, 0, restMs);
    return null;
  },
});
