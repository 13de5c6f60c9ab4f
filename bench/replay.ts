import type { JsonObject } from "../core/json.ts";
import { openNode } from "../runtime/node/mod.ts";
import { assertCompleted, withFolder } from "./lab.ts";
import { estimatesOf, type EstimateSource, toWarmUpFile, toWorkflowFile } from "./dag_workflow.ts";
import { listScheduleS, lowerBoundS, upperBoundS } from "./makespan_bounds.ts";
import { bottomLevels } from "../workflows/graph.ts";
import type { WorkflowInstance } from "./workflow_instance.ts";

/** Slept length of the longest replay where no scale is given. */
const REPLAY_S = 5;

/** One replay beside its bounds. Times are in recorded seconds. */
export interface Replay {
  instance: string;
  workers: number;
  estimates: EstimateSource;
  /** Slept seconds for each recorded second. */
  scale: number;
  lowerBoundS: number;
  upperBoundS: number;
  /** What the same order of starts gives when the engine itself takes no time. */
  idealS: number;
  /** From submission to the end of the run, engine included. */
  makespanS: number;
  /** `makespanS / upperBoundS`. */
  ratio: number;
}

/**
 * Replays an instance on real workers.
 *
 * @param options `scale`: by default such that the bound of the schedule takes five seconds
 */
export async function replay(
  instance: WorkflowInstance,
  options: { workers: number; estimates: EstimateSource; scale?: number },
): Promise<Replay> {
  const { tasks } = instance;
  const { workers, estimates } = options;
  const upper = upperBoundS(tasks, workers);
  const scale = options.scale ?? REPLAY_S / upper;
  const sleptS = await runReplay(instance, { workers, scale, source: estimates });
  return {
    instance: instance.name,
    workers,
    estimates,
    scale,
    lowerBoundS: lowerBoundS(tasks, workers),
    upperBoundS: upper,
    idealS: listScheduleS(tasks, workers, prioritiesOf(instance, estimates)),
    makespanS: sleptS / scale,
    ratio: sleptS / scale / upper,
  };
}

/** The order in which the engine starts ready tasks. */
function prioritiesOf({ tasks }: WorkflowInstance, source: EstimateSource): number[] {
  const estimates = estimatesOf(tasks, source);
  const levels = bottomLevels(tasks.map(({ id, parents }, i) => ({
    id,
    needs: parents.map((parent) => tasks[parent]!.id),
    estimateMs: estimates[i] === undefined ? undefined : estimates[i] * 1000,
  })));
  return tasks.map(({ id }) => levels.get(id)!);
}

/** Seconds from submission to the end, on workers that are up. */
function runReplay(
  instance: WorkflowInstance,
  options: { workers: number; scale: number; source: EstimateSource },
): Promise<number> {
  return withFolder(async (dir) => {
    const node = await openNode({ dataDir: dir });
    try {
      const load = async (name: string, file: JsonObject) => {
        await Deno.writeTextFile(`${dir}/${name}.json`, JSON.stringify(file));
        return await node.load(`${dir}/${name}.json`);
      };
      const warmUp = await load("warm_up", toWarmUpFile(options.workers));
      const workflow = await load("replay", toWorkflowFile(instance, options));
      assertCompleted(await (await node.submit(warmUp, {})).finished);
      const startMs = performance.now();
      const run = await node.submit(workflow, {});
      assertCompleted(await run.finished);
      return (performance.now() - startMs) / 1000;
    } finally {
      await node.close();
    }
  });
}
