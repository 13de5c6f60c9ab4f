import type { SeededRandom } from "../../seeded_random.ts";
import type { LinkFaults, StoreHealth } from "./store_link.ts";

/** Kinds of trouble that a world may have. */
export const TROUBLES = [
  "crashes",
  "pauses",
  "cuts",
  "losses",
  "locks",
  "clocks",
  "slow disk",
  "membership",
] as const;

export type Trouble = (typeof TROUBLES)[number];

/** What goes wrong in a world, as it is now. */
export interface ClusterFaults {
  troubles: ReadonlySet<Trouble>;
  link: LinkFaults;
  health: StoreHealth;
  /** Of each point between two effects, to die there. */
  crashiness: number;
  /** Of each commit, to be written in parts. */
  splitness: number;
  /** Of each look at an inbox, to keep a snapshot then. */
  snapshotiness: number;
}

/** Each kind with even chances, each as bad as it happens to be. */
export function drawTroubles(random: SeededRandom): Set<Trouble> {
  return new Set(TROUBLES.filter(() => random.chance(0.45)));
}

export function drawFaults(troubles: ReadonlySet<Trouble>, random: SeededRandom): ClusterFaults {
  const some = (trouble: Trouble, most: number) => troubles.has(trouble) ? random.next() * most : 0;
  return {
    troubles,
    link: {
      lostRequest: some("losses", 0.08),
      lostAnswer: some("losses", 0.08),
      doubled: some("losses", 0.1),
      late: some("losses", 0.06),
      latencyMsMax: troubles.has("losses") && random.chance(0.3)
        ? random.int(100, 450)
        : random.int(1, 20),
      diskMsMax: some("slow disk", 250),
    },
    health: { lockedUntil: 0 },
    crashiness: some("crashes", 0.002),
    splitness: random.pick([0, 0, 0.1, 0.5]),
    snapshotiness: random.pick([0, 0.05, 0.3]),
  };
}

/** From now on nothing goes wrong any more. */
export function endFaults(faults: ClusterFaults): void {
  Object.assign(faults.link, { lostRequest: 0, lostAnswer: 0, doubled: 0, late: 0, diskMsMax: 0 });
  faults.link.latencyMsMax = Math.min(faults.link.latencyMsMax, 20);
  faults.crashiness = 0;
}
