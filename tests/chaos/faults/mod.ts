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

/** A fault of nodes and one of the store at a time, while the wall clock of one node runs wild. */
export const MIXED: Fault = {
  ...PLAIN_FAULT,
  name: "mixed",
  summary: "kill or stop, and lock or disk at the same time, all the while with the fast clock",
  wish: { isOnSmallDisk: true },
  bringsStaleWrites: true,
  whyNot: () => DISK.whyNot() ?? CLOCK.whyNot(),
  environment: CLOCK.environment,
  strike: async (scene) => {
    const strikes = [scene.random.pick([KILL, STOP]), scene.random.pick([LOCK, DISK])];
    await Promise.all(strikes.map((fault) => fault.strike(scene)));
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
