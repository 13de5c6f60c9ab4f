import { InvalidInputError } from "../../core/errors.ts";
import type { RunView } from "../../workflows/mod.ts";
import { openReader, type RunReader } from "../node/mod.ts";
import type { Invocation } from "./command.ts";
import { requireFolder } from "./require_folder.ts";
import { namedServerRuns } from "./with_server.ts";

/**
 * Opens the runs of the server that was named, or of the data directory, which must be there.
 *
 * @throws {UnavailableError} `STORE_UNAVAILABLE` when it is a file
 */
export async function openRuns(invocation: Invocation): Promise<RunReader> {
  const { dataDir, store } = invocation;
  const remote = namedServerRuns(invocation);
  if (remote !== null) return remote;
  await requireFolder(dataDir);
  return await openReader({ dataDir, store });
}

/** What `work` makes of the runs, which are closed afterwards. */
export async function withReader<T>(
  invocation: Invocation,
  work: (reader: RunReader) => Promise<T>,
): Promise<T> {
  const reader = await openRuns(invocation);
  try {
    return await work(reader);
  } finally {
    reader.close();
  }
}

/**
 * The run as it is.
 *
 * @throws {InvalidInputError} `RUN_NOT_FOUND`
 */
export async function viewOf(reader: RunReader, runId: string): Promise<RunView> {
  const view = await reader.show(runId);
  if (view !== null) return view;
  throw new InvalidInputError("RUN_NOT_FOUND", {
    message: `Found no run "${runId}"`,
    hint: "List the runs with: deno task denizen runs list",
    details: { runId },
  });
}

/** Whether the run is open and nobody works on it. */
export async function isOrphaned(reader: RunReader, runId: string): Promise<boolean> {
  let cursor: string | undefined;
  for (;;) {
    const page = await reader.list({ cursor });
    const found = page.items.find((run) => run.runId === runId);
    if (found !== undefined) return found.isOrphan;
    if (page.nextCursor === null) return false;
    cursor = page.nextCursor;
  }
}
