import { SeededRandom } from "../../seeded_random.ts";
import { compilePlan, type Plan, type WorkflowDefinition } from "../../../workflows/mod.ts";
import { drawWorkflow } from "../run/random_workflow.ts";

/** Workflows that runs are drawn from: each is compiled once for all seeds. */
export const WORKFLOWS = 120;

/** What tasks of these workflows wait for. */
export const SIGNAL = "go";

const plans = new Map<string, Plan>();

/** Name of the stored package of a workflow, from 0. */
export function packageOf(workflow: number): string {
  return `package-${workflow}`;
}

export function planOf(packageHash: string): Plan {
  let plan = plans.get(packageHash);
  if (plan === undefined) {
    const random = new SeededRandom(Number(packageHash.split("-")[1]) * 7_919 + 3);
    const definition = drawWorkflow(random);
    waitForSignals(definition, random);
    if (random.chance(0.3)) definition.timeoutMs = random.int(200, 3_000);
    plans.set(packageHash, plan = compilePlan(definition, { packageHash }));
  }
  return plan;
}

/** Some tasks that would sleep wait for a signal, with or without a limit. */
function waitForSignals({ tasks }: WorkflowDefinition, random: SeededRandom): void {
  for (const task of tasks) {
    if (task.target.type !== "wait" || random.chance(0.4)) continue;
    task.target = { type: "waitSignal", signal: SIGNAL };
    if (random.chance(0.5)) task.target.timeoutMs = random.int(50, 1_500);
  }
}
