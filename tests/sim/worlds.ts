import { simulateBus } from "./bus/simulate_bus.ts";
import { simulateCluster } from "./cluster/simulate_cluster.ts";
import { simulateRun } from "./run/run_simulation.ts";
import { simulateSupervision } from "./supervision/simulate_supervision.ts";

/** Something that is simulated by seeds. */
export interface World {
  name: string;
  /**
   * Runs one seed to its end. What happened, and how often.
   *
   * @throws {Error} when a promise was broken
   */
  simulate(seed: number): Map<string, number>;
  /** What happened in one seed, line by line, ended by why it failed, if it did. */
  trace?(seed: number): string[];
}

/** All that `deno task sim` simulates. */
export const WORLDS: readonly World[] = [
  {
    name: "runs",
    simulate: (seed) =>
      countTypes(simulateRun(seed, { crashes: seed % 3 > 0, users: seed % 2 > 0 })),
  },
  { name: "supervision", simulate: (seed) => countTypes(simulateSupervision(seed)) },
  { name: "bus", simulate: (seed) => simulateBus(seed, { crashes: seed % 3 > 0 }).counts },
  {
    name: "cluster",
    simulate: (seed) => simulateCluster(seed).counts,
    trace: traceCluster,
  },
];

function traceCluster(seed: number): string[] {
  const lines: string[] = [];
  try {
    const { hash } = simulateCluster(seed, { trace: lines });
    return [...lines, `hash ${hash}`];
  } catch (error) {
    return [...lines, String(error)];
  }
}

function countTypes(events: readonly { type: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { type } of events) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}
