/**
 * All cases, in the order in which they are measured.
 *
 * @module
 */
import { InvalidInputError } from "../core/errors.ts";
import { measureActors } from "./actors_case.ts";
import { measureAssign } from "./assign_case.ts";
import { measureChain } from "./chain_case.ts";
import { measureColdStart } from "./cold_start_case.ts";
import { measureFanout } from "./fanout_case.ts";
import { measureIdle } from "./idle_case.ts";
import { type Lab, withLab } from "./lab.ts";
import { type Measurement, measurementOf } from "./measurement.ts";
import { measureRuns } from "./runs_case.ts";

/** `deno task bench:actors` takes longer, and shows more. */
const ACTORS_SECONDS = 5;

const CASES: Readonly<Record<string, (lab: Lab) => Promise<Measurement[]>>> = {
  chain: measureChain,
  fanout: measureFanout,
  runs: measureRuns,
  cold: measureColdStart,
  idle: measureIdle,
  actors: async (lab) => (await measureActors(lab, lab.isQuick ? 1 : ACTORS_SECONDS)).measurements,
  assign: measureAssign,
};

/** Units of the raw figures, which have rows of their own. */
const RAW_UNITS: Readonly<Record<string, string>> = {
  "raw.commit": "ms",
  "raw.commit.parallel": "commits/s",
  "raw.commit.grouped": "mutations/s",
  "raw.echo": "ms",
  "raw.echo.pipelined": "echoes/s",
  "raw.port": "ms",
  "raw.port.pipelined": "messages/s",
  "raw.spawn": "ms",
  "raw.idle": "MB",
};

/**
 * Cases that names ask for: `chain`, or a row of one such as `chain.step.p50`. All without names.
 *
 * @throws {InvalidInputError} `ARGUMENT_UNWANTED` when a name means none
 */
export function selectCases(names: readonly string[]): string[] {
  const wanted = names.map((name) => name.split(".")[0]!);
  const unknown = names.find((_, i) => CASES[wanted[i]!] === undefined);
  if (unknown !== undefined) {
    throw new InvalidInputError("ARGUMENT_UNWANTED", {
      message: `Found no benchmark "${unknown}"`,
      hint: `Name one of ${Object.keys(CASES).join(", ")}; none means all`,
    });
  }
  return Object.keys(CASES).filter((name) => names.length === 0 || wanted.includes(name));
}

/** Measures cases; `onCase` is told of each before it starts. */
export function runSuite(
  cases: readonly string[],
  options: { isQuick: boolean; onCase: (name: string) => void },
): Promise<Measurement[]> {
  return withLab(options.isQuick, async (lab) => {
    const measurements: Measurement[] = [];
    for (const name of cases) {
      options.onCase(name);
      measurements.push(...await CASES[name]!(lab));
    }
    return [...measurements, ...rawRows(lab)];
  });
}

/** Rows of the raw figures that were taken in a lab: each is its own limit. */
export function rawRows(lab: Lab): Measurement[] {
  return [...lab.raw].map(([name, samples]) =>
    measurementOf({ name, unit: RAW_UNITS[name]!, limitName: "itself" }, samples, samples)
  );
}
