/**
 * `deno task sim [--seeds N] [--from SEED]`: simulates runs and prints what it covered. A failing
 * seed is printed and ends the process with status 1.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { simulateRun } from "./run_simulation.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "5000" },
    from: { type: "string", default: "1" },
  },
});
const from = Number(values.from);
const seeds = Number(values.seeds);
const startedAt = performance.now();
const counts = new Map<string, number>();
for (let seed = from; seed < from + seeds; seed++) {
  try {
    for (const event of simulateRun(seed, { crashes: seed % 3 > 0, users: seed % 2 > 0 })) {
      counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
    }
  } catch (error) {
    console.error(`Seed ${seed} failed. Again with: deno task sim --from ${seed} --seeds 1`);
    console.error(error);
    Deno.exit(1);
  }
}
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
console.log(`${seeds} seeds clean in ${seconds} s`);
for (const [type, count] of [...counts].sort()) console.log(`  ${type.padEnd(20)} ${count}`);
