/**
 * Turns a recorded execution into a workflow whose tasks sleep for their recorded, scaled time.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { JsonObject } from "../core/json.ts";
import type { InstanceTask, WorkflowInstance } from "./workflow_instance.ts";

const SLEEPER = fileURLToPath(new URL("agents/sleeper.ts", import.meta.url));

/** What the workflow file says of how long tasks take. */
export type EstimateSource =
  /** Nothing: every task weighs the same. */
  | "none"
  /** The mean of all tasks of the same kind, as a history of runs would tell. */
  | "kind"
  /** The recorded time itself, which is what the upper bound knows as well. */
  | "exact";

export const ESTIMATE_SOURCES: readonly EstimateSource[] = ["none", "kind", "exact"];

/** Expected time of each task in seconds, by position; `undefined` where the file says nothing. */
export function estimatesOf(
  tasks: readonly InstanceTask[],
  source: EstimateSource,
): (number | undefined)[] {
  if (source === "exact") return tasks.map((task) => task.runtimeS);
  if (source === "none") return tasks.map(() => undefined);
  const kinds = Map.groupBy(tasks, (task) => task.kind);
  return tasks.map(({ kind }) => {
    const same = kinds.get(kind)!;
    return same.reduce((sum, task) => sum + task.runtimeS, 0) / same.length;
  });
}

/**
 * The instance as a workflow file in JSON. Each worker does one task at a time, so the run has as
 * many slots as workers. A task keeps its recorded id in `with.recordedId`.
 *
 * @param options `scale`: recorded seconds to slept seconds
 */
export function toWorkflowFile(
  instance: WorkflowInstance,
  options: { workers: number; scale: number; source: EstimateSource },
): JsonObject {
  const { workers, scale, source } = options;
  const ids = instance.tasks.map(({ id }, position) => legalId(id, position));
  const estimates = estimatesOf(instance.tasks, source);
  const tasks = instance.tasks.map((task, i): [string, JsonObject] => [ids[i]!, {
    agent: "sleeper",
    needs: task.parents.map((parent) => ids[parent]!),
    with: { recordedId: task.id, ms: task.runtimeS * 1000 * scale },
    ...estimateMember(estimates[i]),
  }]);
  return {
    name: "replay",
    description: `Replay of ${instance.name}`,
    agents: { sleeper: sleeper(workers) },
    concurrency: workers,
    tasks: Object.fromEntries(tasks),
  };
}

/** A workflow that gives each of `workers` workers something to do, so that all are up. */
export function toWarmUpFile(workers: number): JsonObject {
  return {
    name: "warm-up",
    agents: { sleeper: sleeper(workers) },
    concurrency: workers,
    tasks: {
      wake: {
        agent: "sleeper",
        forEach: Array.from({ length: 3 * workers }, (_, i) => i),
        with: { ms: 50 },
      },
    },
  };
}

function sleeper(workers: number): JsonObject {
  return { module: SLEEPER, concurrency: 1, replicas: { min: workers, max: workers } };
}

function estimateMember(seconds: number | undefined): JsonObject {
  // The format knows no time of nothing.
  return seconds === undefined ? {} : { estimate: `${Math.max(1, Math.round(seconds * 1000))}ms` };
}

/** Recorded ids may hold any character and differ only in those that are not legal here. */
function legalId(recordedId: string, position: number): string {
  return `${recordedId.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 110)}-${position + 1}`;
}
