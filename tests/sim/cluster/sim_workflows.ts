import { SeededRandom } from "../../seeded_random.ts";
import { compilePlan, type Plan } from "../../../workflows/mod.ts";
import { drawWorkflow } from "../random_workflow.ts";

/** Workflows that runs are drawn from: each is compiled once for all seeds. */
export const WORKFLOWS = 120;

const plans = new Map<string, Plan>();

/** Name of the stored package of a workflow, from 0. */
export function packageOf(workflow: number): string {
  return `package-${workflow}`;
}

export function planOf(packageHash: string): Plan {
  let plan = plans.get(packageHash);
  if (plan === undefined) {
    const random = new SeededRandom(Number(packageHash.split("-")[1]) * 7_919 + 3);
    plans.set(packageHash, plan = compilePlan(drawWorkflow(random), { packageHash }));
  }
  return plan;
}
