/**
 * Tasks that name a capability beside tasks that name their agent: the same number of attempts by the
 * same hundred agents, journal and cells included.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { openNode } from "../runtime/node/mod.ts";
import { assertCompleted, type Lab } from "./lab.ts";
import { type Measurement, measurementOf } from "./measurement.ts";

const AGENTS = 100;
const QUICK_AGENTS = 10;
/** Of each agent. */
const TASKS = 10;

/** Fan-outs over a hundred agents, by turns assigned and fixed. */
export async function measureAssignedFanout(lab: Lab): Promise<Measurement[]> {
  const agents = lab.isQuick ? QUICK_AGENTS : AGENTS;
  const folder = await Deno.makeTempDir({ dir: lab.dir });
  const write = async (name: string, tasks: unknown) => {
    const path = `${folder}/${name}.yaml`;
    await Deno.writeTextFile(path, JSON.stringify({ ...fileOf(name, agents), tasks }));
    return path;
  };
  const items = Array.from({ length: agents * TASKS }, (_, n) => n);
  const assigned = await write("assigned", {
    each: { forEach: items, capability: "code.measure", with: { n: "${{ item }}" } },
  });
  const fixed = await write("fixed", fixedTasks(agents));
  const node = await openNode({ dataDir: `${folder}/data` });
  try {
    const flows = [await node.load(assigned), await node.load(fixed)];
    const samples: [number[], number[]] = [[], []];
    for (let round = 0; round < (lab.isQuick ? 2 : 12); round++) {
      for (const [nth, flow] of flows.entries()) {
        const startMs = performance.now();
        assertCompleted(await (await node.submit(flow, {})).finished);
        const perS = items.length / (performance.now() - startMs) * 1_000;
        // The first rounds bring agents up.
        if (round > (lab.isQuick ? 0 : 1)) samples[nth]!.push(perS);
      }
    }
    const goal = { of: "value", atLeast: 10_000 } as const;
    const row = { unit: "tasks/s", limitName: "the same with agents named" };
    return [measurementOf({ ...row, name: "assign.fanout.rate", goal }, ...samples)];
  } finally {
    await node.close();
  }
}

function fileOf(name: string, agents: number) {
  const module = fileURLToPath(new URL("agents/measurer.ts", import.meta.url));
  const own = Array.from(
    { length: agents },
    (_, nth) => [`measurer-${nth}`, { module, concurrency: TASKS, replicas: { max: 1 } }] as const,
  );
  return { name, agents: Object.fromEntries(own), concurrency: agents * TASKS };
}

function fixedTasks(agents: number) {
  const tasks = Array.from({ length: agents }, (_, nth) =>
    [`each-${nth}`, {
      forEach: Array.from({ length: TASKS }, (_, n) => nth * TASKS + n),
      agent: `measurer-${nth}`,
      with: { n: "${{ item }}" },
    }] as const);
  return Object.fromEntries(tasks);
}
