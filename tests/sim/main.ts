/**
 * `deno task sim [--seeds N] [--from SEED] [--world NAME]`: simulates every world, or one, and
 * prints what it covered. A failing seed is printed and ends the process with status 1.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { type World, WORLDS } from "./worlds.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "5000" },
    from: { type: "string", default: "1" },
    world: { type: "string" },
  },
});
const from = Number(values.from);
const seeds = Number(values.seeds);
const worlds = WORLDS.filter(({ name }) => values.world === undefined || name === values.world);
if (worlds.length === 0) {
  console.error(
    `Cannot find world "${values.world}": ${WORLDS.map(({ name }) => name).join(", ")}`,
  );
  Deno.exit(2);
}
for (const world of worlds) simulate(world);

function simulate(world: World): void {
  const startedAt = performance.now();
  const counts = new Map<string, number>();
  for (let seed = from; seed < from + seeds; seed++) {
    for (const [type, count] of simulateSeed(world, seed)) {
      counts.set(type, (counts.get(type) ?? 0) + count);
    }
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${world.name}: ${seeds} seeds clean in ${seconds} s`);
  for (const [type, count] of [...counts].sort()) console.log(`  ${type.padEnd(20)} ${count}`);
}

function simulateSeed({ name, simulate }: World, seed: number): Map<string, number> {
  try {
    return simulate(seed);
  } catch (error) {
    const again = `deno task sim --world ${name} --from ${seed} --seeds 1`;
    console.error(`Seed ${seed} of "${name}" failed. Again with: ${again}`);
    console.error(error);
    Deno.exit(1);
  }
}
