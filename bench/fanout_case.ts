import { assertCompleted, type Lab, note, withWorkflow } from "./lab.ts";
import { type Measurement, measurementOf } from "./measurement.ts";

const TASKS = 1_000;
const COMMITS = 1_500;
const GROUPS = 20;

/** A list, a task for each of 1,000 items, and a join of their outputs; from submission to the end. */
export function measureFanout(lab: Lab): Promise<Measurement[]> {
  return withWorkflow(lab, "fanout", async (node, workflow) => {
    const input = { items: Array.from({ length: TASKS }, (_, i) => i) };
    const perS = async () => {
      const startMs = performance.now();
      const run = await node.submit(workflow, input);
      assertCompleted(await run.finished);
      return TASKS / (performance.now() - startMs) * 1000;
    };
    const parallel: number[] = [];
    const fanout: number[] = [];
    for (let i = 0; i < (lab.isQuick ? 1 : 5); i++) await perS();
    for (let i = 0; i < (lab.isQuick ? 2 : 20); i++) {
      const commits = await lab.store.parallelPerS(lab.isQuick ? 300 : COMMITS);
      parallel.push(...note(lab, "raw.commit.parallel", [commits]));
      note(lab, "raw.commit.grouped", [await lab.store.groupedPerS(GROUPS)]);
      fanout.push(await perS());
    }
    const row = { unit: "tasks/s", limitName: "single commits, 100 in flight" };
    const goal = { of: "ratio", atLeast: 5 } as const;
    return [measurementOf({ ...row, name: "fanout.rate", goal }, fanout, parallel)];
  });
}
