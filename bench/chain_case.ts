import type { DenizenNode, LoadedWorkflow } from "../runtime/node/mod.ts";
import { assertCompleted, type Lab, note, withWorkflow } from "./lab.ts";
import { type Measurement, measurementOf } from "./measurement.ts";
import { median, quantile } from "./statistics.ts";

const WARM_UPS = 3;

/** 100 steps one after the other: from the durable end of one to the durable end of the next. */
export function measureChain(lab: Lab): Promise<Measurement[]> {
  return withWorkflow(lab, "chain", async (node, workflow) => {
    const rounds = lab.isQuick ? 2 : 20;
    const commits: number[][] = [];
    const steps: number[][] = [];
    for (let i = 0; i < (lab.isQuick ? 1 : WARM_UPS); i++) await stepTimes(node, workflow);
    for (let i = 0; i < rounds; i++) {
      commits.push(note(lab, "raw.commit", await lab.store.commitMs(150)));
      note(lab, "raw.echo", await lab.echo.roundTripMs(100));
      steps.push(await stepTimes(node, workflow));
    }
    const row = { unit: "ms", limitName: "single commit" };
    const goal = { of: "ratio", atMost: 1.8 } as const;
    const p99 = (rounds: number[][]) => rounds.map((round) => quantile(round, 0.99));
    return [
      measurementOf(
        { ...row, name: "chain.step.p50", goal },
        steps.map(median),
        commits.map(median),
      ),
      measurementOf({ ...row, name: "chain.step.p99" }, p99(steps), p99(commits)),
    ];
  });
}

/** Milliseconds of each step but the first. */
async function stepTimes(node: DenizenNode, workflow: LoadedWorkflow): Promise<number[]> {
  const endedAt: number[] = [];
  const unsubscribe = node.subscribe(({ event }) => {
    if (event?.type === "TaskCompleted") endedAt.push(performance.now());
  });
  const run = await node.submit(workflow, {});
  assertCompleted(await run.finished);
  unsubscribe();
  return endedAt.slice(1).map((at, i) => at - endedAt[i]!);
}
