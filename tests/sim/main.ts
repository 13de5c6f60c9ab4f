/**
 * `deno task sim [--world NAME] [--seeds N] [--from SEED]`: simulates the deciders and prints what it
 * covered. A failing seed is printed and ends the process with status 1.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { simulateBus } from "./bus/simulate_bus.ts";
import { simulateRun } from "./run_simulation.ts";

/** Each runs one seed and says what happened, and how often. */
const WORLDS: Record<string, (seed: number) => Map<string, number>> = {
  runs: (seed) => countTypes(simulateRun(seed, { crashes: seed % 3 > 0, users: seed % 2 > 0 })),
  bus: (seed) => simulateBus(seed, { crashes: seed % 4 > 0 }).counts,
};

const { values } = parseArgs({
  options: {
    world: { type: "string", multiple: true, default: Object.keys(WORLDS) },
    seeds: { type: "string", default: "5000" },
    from: { type: "string", default: "1" },
  },
});
for (const world of values.world) simulateWorld(world, Number(values.from), Number(values.seeds));

function simulateWorld(world: string, from: number, seeds: number): void {
  const simulate = WORLDS[world];
  if (simulate === undefined) {
    console.error(`Cannot find world "${world}": there are ${Object.keys(WORLDS).join(", ")}`);
    Deno.exit(2);
  }
  const startedAt = performance.now();
  const counts = new Map<string, number>();
  for (let seed = from; seed < from + seeds; seed++) {
    try {
      for (const [type, count] of simulate(seed)) counts.set(type, (counts.get(type) ?? 0) + count);
    } catch (error) {
      console.error(
        `Seed ${seed} failed. Again with: deno task sim --world ${world} --from ${seed} --seeds 1`,
      );
      console.error(error);
      Deno.exit(1);
    }
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${world}: ${seeds} seeds clean in ${seconds} s`);
  for (const [type, count] of [...counts].sort()) console.log(`  ${type.padEnd(20)} ${count}`);
}

function countTypes(events: readonly { type: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { type } of events) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}
