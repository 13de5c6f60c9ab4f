import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { type Followed, followRuns } from "./follow_runs.ts";
import { tellRuns } from "./run_command.ts";
import { openRuns, resumePaused } from "./runs_commands.ts";

/** `runs resume [ID]`: lets a paused run go on, or takes over what a crash left. */
export async function resume(invocation: Invocation): Promise<number> {
  const [runId] = invocation.positionals;
  const where = await look(invocation);
  if (runId !== undefined && await resumePaused(invocation)) return EXIT.completed;
  const followed = await followRuns(invocation, (node) => node.resume(runId), where);
  tellClosed(invocation, followed);
  return await tellRuns(invocation, followed);
}

/** What became of runs that could not go on, or that there were none. */
function tellClosed({ terminal }: Invocation, { views, closedIds }: Followed): void {
  for (const runId of closedIds) {
    terminal.err(`Run ${runId} was being cancelled when its process went: it is closed now\n`);
  }
  if (views.length === 0 && closedIds.length === 0) {
    terminal.err("Nothing to resume: no run was left open by a crash\n");
  }
}

/** `runs retry ID`: runs the failed, cancelled and skipped tasks of a closed run again. */
export async function retry(invocation: Invocation): Promise<number> {
  const where = await look(invocation);
  const runId = invocation.positionals[0]!;
  const followed = await followRuns(invocation, async (node) => [await node.retry(runId)], where);
  return await tellRuns(invocation, followed);
}

/**
 * Who works on the run; without one it is about what processes left. A node would make the folder:
 * here it must be there already.
 */
async function look(invocation: Invocation): Promise<{ isShared: boolean }> {
  const [runId] = invocation.positionals;
  const reader = await openRuns(invocation);
  try {
    return { isShared: runId !== undefined && await reader.isShared(runId) };
  } finally {
    reader.close();
  }
}
