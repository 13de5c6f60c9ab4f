import type { DenizenNode, LoadedWorkflow } from "../runtime/node/mod.ts";
import { assertCompleted, type Lab, note, withWorkflow } from "./lab.ts";
import { type Measurement, measurementOf } from "./measurement.ts";
import { quantile } from "./statistics.ts";

const RUNS = 2_000;
const RUNS_QUICK = 300;
const STEPS = 3;

/** 2,000 runs of three steps, with 100 and with 500 of them in flight. */
export function measureRuns(lab: Lab): Promise<Measurement[]> {
  return withWorkflow(lab, "three_steps", async (node, workflow) => {
    const runs = lab.isQuick ? RUNS_QUICK : RUNS;
    const many = (inFlight: number) => runMany(node, workflow, { runs, inFlight });
    for (let i = 0; i < (lab.isQuick ? 1 : 5); i++) await many(100);
    const echoes: number[] = [];
    const by100: Round[] = [];
    const by500: Round[] = [];
    for (let i = 0; i < (lab.isQuick ? 1 : 10); i++) {
      echoes.push(...note(lab, "raw.echo.pipelined", [await lab.echo.pipelinedPerS(runs * STEPS)]));
      by100.push(await many(100));
      by500.push(await many(500));
    }
    return [...rowsOf("runs", 100, by100, echoes), ...rowsOf("runs.500", 500, by500, echoes)];
  });
}

interface Round {
  perS: number;
  p99Ms: number;
}

function rowsOf(name: string, inFlight: number, rounds: Round[], echoes: number[]): Measurement[] {
  // Each step is one echo, and by Little's law a run takes at least its share of the rate.
  const limits = echoes.map((echo) => echo / STEPS);
  const goal = inFlight === 100 ? { of: "value", atLeast: 10_000 } as const : undefined;
  const limitName = `one cell's echoes ÷ ${STEPS}`;
  return [
    measurementOf(
      { name: `${name}.rate`, unit: "runs/s", limitName, goal },
      rounds.map((round) => round.perS),
      limits,
    ),
    measurementOf(
      { name: `${name}.p99`, unit: "ms", limitName: `${inFlight} runs in flight at that rate` },
      rounds.map((round) => round.p99Ms),
      limits.map((limit) => inFlight / limit * 1000),
    ),
  ];
}

async function runMany(
  node: DenizenNode,
  workflow: LoadedWorkflow,
  { runs, inFlight }: { runs: number; inFlight: number },
): Promise<Round> {
  const times: number[] = [];
  let left = runs;
  const startMs = performance.now();
  const lane = async () => {
    while (left-- > 0) {
      const submittedMs = performance.now();
      const run = await node.submit(workflow, {});
      assertCompleted(await run.finished);
      times.push(performance.now() - submittedMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const perS = runs / (performance.now() - startMs) * 1000;
  return { perS, p99Ms: quantile(times, 0.99) };
}
