import type { AssignmentRecord } from "../core/assignment.ts";
import type { TaskState } from "./state.ts";

/**
 * What an attempt is asked for by name: the narrower capability that the agent was chosen for, else
 * the task's. `undefined` where the task names an agent, and for who judges or merges a contest: they
 * are named by the workflow, and need not offer what the task asks for.
 */
export function askedCapability(
  { plan, instances }: TaskState,
  index: number,
  assignment: AssignmentRecord | undefined,
): string | undefined {
  const { target } = plan.spec;
  if (target.type !== "capability") return undefined;
  const { contestOf, fallback } = instances[index]!;
  if (contestOf !== null && fallback !== null) return undefined;
  return assignment?.as ?? target.capability;
}
