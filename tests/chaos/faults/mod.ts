/**
 * All faults that a cluster is put through.
 *
 * @module
 */
import { type Fault, PLAIN_FAULT } from "./fault.ts";
import { CLOCK, CLOCKS, KILL, STOP } from "./node_faults.ts";
import { DISK, LOCK, PRIMARY } from "./store_faults.ts";

export type { Fault, Scene } from "./fault.ts";
export { installFaketime } from "./faketime.ts";

/** What strikes at the same time. The first brings stale writes, however short the trial is. */
const MIXES: readonly (readonly Fault[])[] = [
  [STOP],
  [KILL, DISK],
  [STOP, LOCK],
  [DISK],
  [KILL, LOCK],
  [STOP, KILL],
];

/** Faults of nodes and of the store together, while the wall clock of one node runs wild. */
export const MIXED: Fault = {
  ...PLAIN_FAULT,
  name: "mixed",
  summary: "kill, stop, lock and disk, also two at a time, all the while with the fast clock",
  wish: { isOnSmallDisk: true },
  bringsStaleWrites: true,
  whyNot: () => DISK.whyNot() ?? CLOCK.whyNot(),
  environment: CLOCK.environment,
  strike: async (scene) => {
    const mix = MIXES[scene.strikes % MIXES.length]!;
    await Promise.all(mix.map((fault) => fault.strike(scene)));
  },
};

/** No fault: what the figures of the others are to be held against. */
export const NONE: Fault = {
  ...PLAIN_FAULT,
  name: "none",
  summary: "nothing is done to it",
  strike: () => new Promise((resolve) => setTimeout(resolve, 200)),
};

/** In the order in which they are run. */
export const FAULTS: readonly Fault[] = [
  NONE,
  KILL,
  STOP,
  CLOCK,
  CLOCKS,
  LOCK,
  DISK,
  PRIMARY,
  MIXED,
];
