import { UnavailableError } from "../../core/errors.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { type Followed, followRuns } from "./follow_runs.ts";
import { tellRuns } from "./run_command.ts";
import { openRuns } from "./open_runs.ts";
import { resumePaused } from "./run_request_commands.ts";
import { namedServer } from "./with_server.ts";

/** So many of the newest runs are looked at for some that no node goes on with. */
const LOOKED_AT_MAX = 1_000;

/** `runs resume [ID]`: lets a paused run go on, or takes over what a crash left. */
export async function resume(invocation: Invocation): Promise<number> {
  const [runId] = invocation.positionals;
  const api = namedServer(invocation);
  if (api !== null) return await resumeAtServer(runId, invocation);
  const where = await look(invocation);
  if (where.forsaken.length > 0 && runId !== undefined) throw noNode(where.forsaken);
  if (runId !== undefined && await resumePaused(invocation)) return EXIT.completed;
  const followed = await followRuns(invocation, (node) => node.resume(runId), where);
  const isNothing = followed.views.length === 0 && followed.closedIds.length === 0;
  if (isNothing && where.forsaken.length > 0) throw noNode(where.forsaken);
  tellClosed(invocation, followed);
  return await tellRuns(invocation, followed);
}

/** A server goes on by itself with what a crash left: only a paused run can be meant. */
async function resumeAtServer(runId: string | undefined, invocation: Invocation): Promise<number> {
  if (runId !== undefined) await resumePaused(invocation);
  else invocation.terminal.err("Nothing to resume: a server goes on by itself\n");
  return EXIT.completed;
}

/** They belong to nodes: a process by itself must not go on with them. */
export function noNode(runIds: readonly string[]): UnavailableError {
  const [first] = runIds;
  const what = runIds.length === 1 ? `run "${first}"` : `${runIds.length} open runs`;
  return new UnavailableError("SERVER_NOT_FOUND", {
    message: `Cannot go on with ${what}: nodes work on such runs, and none of them lives`,
    hint: "Start one with: deno task serve",
    details: { runIds: [...runIds] },
  });
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
  const api = namedServer(invocation);
  if (api !== null) {
    const { retryAtServer } = await import("./server_runs.ts");
    return await retryAtServer(api, invocation);
  }
  const where = await look(invocation);
  const runId = invocation.positionals[0]!;
  const followed = await followRuns(invocation, async (node) => [await node.retry(runId)], where);
  return await tellRuns(invocation, followed);
}

/**
 * Who works on the run; without one it is about what processes left. A node would make the folder:
 * here it must be there already.
 */
async function look(invocation: Invocation): Promise<{ isShared: boolean; forsaken: string[] }> {
  const [runId] = invocation.positionals;
  const reader = await openRuns(invocation);
  try {
    const isShared = runId !== undefined && await reader.isShared(runId);
    const open = runId === undefined
      ? (await reader.list({ limit: LOOKED_AT_MAX })).items
        .filter((run) => run.isShared && run.finishedAt === null).map((run) => run.runId)
      : isShared
      ? [runId]
      : [];
    return { isShared, forsaken: open.length === 0 || await reader.hasNodes() ? [] : open };
  } finally {
    reader.close();
  }
}
