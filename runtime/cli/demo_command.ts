import { join, resolve } from "node:path";
import type { Invocation } from "./command.ts";
import { followRuns } from "./follow_runs.ts";
import { tellRuns } from "./run_command.ts";

const WORKFLOW = join(import.meta.dirname!, "../../examples/repo_audit/workflow.yaml");
const REPOSITORY = join(import.meta.dirname!, "../..");

/** `demo [DIR]`: the example that audits a source tree, on this repository by default. */
export async function demo(invocation: Invocation): Promise<number> {
  const path = resolve(invocation.positionals[0] ?? REPOSITORY);
  const followed = await followRuns(invocation, async (node) => {
    return [await node.submit(await node.load(WORKFLOW), { path })];
  }, { isShared: false });
  return await tellRuns(invocation, followed);
}
