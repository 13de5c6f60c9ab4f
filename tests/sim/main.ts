/**
 * `deno task sim [--seeds N] [--from SEED] [--world NAME] [--jobs N] [--trace]`: simulates every
 * world, or one, and prints what it covered. A failing seed is printed and ends the process with
 * status 1. `--trace` shows what happens in one seed, for worlds that tell.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { readOrExit } from "../read_or_exit.ts";
import { simulateSeeds } from "./simulate_seeds.ts";
import { type World, WORLDS } from "./worlds.ts";

const OPTIONS = {
  seeds: { type: "string", default: "5000" },
  from: { type: "string", default: "1" },
  world: { type: "string" },
  jobs: { type: "string", default: String(navigator.hardwareConcurrency) },
  trace: { type: "boolean", default: false },
} as const;
const USAGE = "deno task sim [--world NAME] [--seeds N] [--from N] [--jobs N] [--trace]";

const { values, from, seeds, jobs } = readOrExit(() => {
  const { values } = parseArgs({ options: OPTIONS });
  const [from, seeds, jobs] = (["from", "seeds", "jobs"] as const).map((name) => {
    if (/^\d{1,12}$/.test(values[name])) return Number(values[name]);
    throw new Error(`Cannot read --${name} "${values[name]}": it takes a whole number`);
  });
  return { values, from: from!, seeds: seeds!, jobs: jobs! };
}, USAGE);
const worlds = WORLDS.filter(({ name }) => values.world === undefined || name === values.world);
if (worlds.length === 0) {
  console.error(
    `Cannot find world "${values.world}": ${WORLDS.map(({ name }) => name).join(", ")}`,
  );
  Deno.exit(2);
}
for (const world of worlds) {
  if (values.trace) console.log((world.trace?.(from) ?? []).join("\n"));
  else await simulate(world);
}

async function simulate({ name }: World): Promise<void> {
  const startedAt = performance.now();
  const { counts, failure } = await simulateSeeds(
    { world: name, from, to: from + seeds },
    jobs,
  );
  if (failure !== null) {
    const again = `deno task sim --world ${name} --from ${failure.seed} --seeds 1`;
    console.error(`Seed ${failure.seed} of "${name}" failed. Again with: ${again}`);
    console.error(failure.reason);
    Deno.exit(1);
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${name}: ${seeds} seeds clean in ${seconds} s`);
  for (const [what, count] of [...counts].sort()) console.log(`  ${what.padEnd(20)} ${count}`);
}
