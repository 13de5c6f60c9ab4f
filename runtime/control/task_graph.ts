import type { PlannedTask, TaskSpec } from "../../workflows/mod.ts";
import type { TaskKind, TaskNode } from "./registered_workflow.ts";

/** Tasks as a graph, in the order of the file. */
export function graphOf(tasks: readonly PlannedTask[]): TaskNode[] {
  return tasks.map(({ spec, candidates }) => {
    const agents = kindOf(spec) === "emit" ? [] : candidates;
    return {
      id: spec.id,
      kind: kindOf(spec),
      agents,
      agent: agents[0] ?? null,
      needs: spec.needs,
      forEach: spec.forEach ?? null,
      if: spec.if ?? null,
      capability: spec.target.type === "capability" ? spec.target.capability : null,
      continueOnError: spec.continueOnError,
    };
  });
}

/** What does the task. */
export function kindOf({ target }: TaskSpec): TaskKind {
  if (target.type === "waitSignal") return "signal";
  return target.type === "waitUntil" ? "wait" : target.type;
}
