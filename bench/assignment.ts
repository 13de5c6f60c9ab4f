/**
 * `deno task bench:assignment [--world FILE]… [--json] [NAME…]`: plays worlds by Denizen's assignment
 * and by the policies that it is to beat.
 *
 * @module
 */
import type { Preference } from "../actors/assignment/mod.ts";
import { InvalidInputError } from "../core/errors.ts";
import { buildWorld, WORLDS } from "./assignment/built_in_worlds.ts";
import { playRound } from "./assignment/play.ts";
import { readWorld } from "./assignment/read_world.ts";
import type { World } from "./assignment/world.ts";
import { drawRegret } from "./assignment_picture.ts";
import {
  MAIN_WORLDS,
  summarise,
  toTable,
  toVerdicts,
  type WorldReport,
} from "./assignment_report.ts";
import { describeMachine, exitWith, readArguments } from "./command_line.ts";

const USAGE = "deno task bench:assignment [--world FILE]… [--seeds N] [--quick] " +
  "[--prefer success|balanced|speed|cost] [--picture FILE] [--json] [NAME…]";
const PREFERENCES: readonly Preference[] = ["success", "balanced", "speed", "cost"];
const SEEDS = 20;
const QUICK_SEEDS = 3;
/** A recorded world is played as often as is done in some seconds: tasks × agents × rounds. */
const CHOICES_MAX = 2_000_000;

await exitWith(async () => {
  const { values, positionals } = readArguments(Deno.args, USAGE, {
    options: {
      world: { type: "string", multiple: true },
      seeds: { type: "string" },
      quick: { type: "boolean" },
      prefer: { type: "string", default: "success" },
      picture: { type: "string" },
      json: { type: "boolean" },
    },
  });
  const prefer = PREFERENCES.find((each) => each === values.prefer);
  if (prefer === undefined) {
    throw wrong(`Give one of ${PREFERENCES.join(", ")} to --prefer, not "${values.prefer}"`);
  }
  const seeds = values.seeds === undefined ? undefined : toSeeds(values.seeds);
  const recorded = await Promise.all((values.world ?? []).map(readWorld));
  for (const remark of recorded.flatMap(({ remarks }) => remarks ?? [])) console.error(remark);
  const names = recorded.length > 0 && positionals.length === 0 ? [] : selectWorlds(positionals);
  // Once in vain, so that no decision is measured while it is compiled.
  playRound(buildWorld("sparse", 0), { seed: 0, prefer, stopwatch: () => 0 });
  const reports = [
    ...recorded.map((world) => play(world.name, () => world, seeds ?? roundsOf(world), prefer)),
    ...names.map((name) => {
      const count = seeds ?? (values.quick ? QUICK_SEEDS : SEEDS);
      return play(name, (seed) => buildWorld(name, seed), count, prefer);
    }),
  ];
  if (values.picture !== undefined) {
    const isAll = recorded.length + positionals.length === 0;
    const drawn = isAll ? reports.filter(({ world }) => MAIN_WORLDS.includes(world)) : reports;
    await Deno.writeTextFile(values.picture, drawRegret(drawn));
  }
  if (values.json) return console.log(JSON.stringify(reports.flatMap(({ rows }) => rows)));
  console.log(`${await describeMachine()}\n\nRegret: successes lost to the oracle, mean ± 95 %\n`);
  console.log(`${toTable(reports)}\n\nRegret more than Denizen's, pair by pair\n`);
  console.log(toVerdicts(reports));
});

function play(
  name: string,
  worldOf: (seed: number) => World,
  rounds: number,
  prefer: Preference,
): WorldReport {
  console.error(`playing ${name} …`);
  const stopwatch = () => performance.now();
  const seeds = Array.from({ length: rounds }, (_, seed) => seed);
  return summarise(
    name,
    seeds.map((seed) => playRound(worldOf(seed), { seed, prefer, stopwatch })),
  );
}

function roundsOf({ agents, tasks }: World): number {
  const rounds = Math.floor(CHOICES_MAX / Math.max(1, agents.length * tasks.length));
  return Math.min(SEEDS, Math.max(1, rounds));
}

function selectWorlds(names: readonly string[]): string[] {
  const known = Object.keys(WORLDS);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InvalidInputError("ARGUMENT_UNWANTED", {
      message: `Found no world "${unknown}"`,
      hint: `Name some of ${known.join(", ")}; none means all`,
    });
  }
  return known.filter((name) => names.length === 0 || names.includes(name));
}

function toSeeds(text: string): number {
  const seeds = Number(text);
  if (Number.isInteger(seeds) && seeds >= 1 && seeds <= 1_000) return seeds;
  throw wrong(`Give a whole number from 1 to 1000 to --seeds, not "${text}"`);
}

function wrong(message: string): InvalidInputError {
  return new InvalidInputError("OPTION_VALUE_WRONG", { message, hint: `Usage: ${USAGE}` });
}
