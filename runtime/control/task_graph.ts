import type { PlannedTask, TaskSpec } from "../../workflows/mod.ts";
import type { ContestPlan, TaskKind, TaskNode } from "./registered_workflow.ts";

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
      contest: contestPlanOf(spec),
      continueOnError: spec.continueOnError,
    };
  });
}

function contestPlanOf({ assign }: TaskSpec): ContestPlan | null {
  if (assign?.vote !== undefined) return { way: "vote", of: assign.vote.of, by: null };
  if (assign?.judge !== undefined) return { way: "judge", ...assign.judge };
  if (assign?.merge === undefined) return null;
  return { way: "merge", of: assign.merge.of, by: assign.merge.by ?? null };
}

/** What does the task. */
export function kindOf({ target }: TaskSpec): TaskKind {
  if (target.type === "waitSignal") return "signal";
  return target.type === "waitUntil" ? "wait" : target.type;
}
