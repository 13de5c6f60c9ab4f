import { openReader } from "../node/mod.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { followRuns } from "./follow_runs.ts";
import { tellRuns } from "./run_command.ts";
import { resumePaused } from "./runs_commands.ts";

/** `runs resume [ID]`: lets a paused run go on, or takes over what a crash left. */
export async function resume(invocation: Invocation): Promise<number> {
  const [runId] = invocation.positionals;
  await requireStore(invocation);
  if (runId !== undefined && await resumePaused(invocation)) return EXIT.completed;
  const followed = await followRuns(invocation, (node) => node.resume(runId));
  if (followed.views.length === 0) {
    invocation.terminal.err("Nothing to resume: no run was left open by a crash\n");
  }
  return await tellRuns(invocation, followed);
}

/** `runs retry ID`: runs the failed, cancelled and skipped tasks of a closed run again. */
export async function retry(invocation: Invocation): Promise<number> {
  await requireStore(invocation);
  const runId = invocation.positionals[0]!;
  const followed = await followRuns(invocation, async (node) => [await node.retry(runId)]);
  return await tellRuns(invocation, followed);
}

/** A node would make the folder: here it must be there already. */
async function requireStore({ dataDir }: Invocation): Promise<void> {
  (await openReader({ dataDir })).close();
}
