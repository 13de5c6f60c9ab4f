import type { RunView } from "../../workflows/view.ts";
import { createCells } from "../cells/mod.ts";
import type { DenizenNode, RunHandle } from "../node/mod.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { onInterrupt, type StopSignal } from "./interrupts.ts";
import { requireFolder } from "./require_folder.ts";
import { outcomeText } from "./run_outcome.ts";
import { RunWatcher } from "./run_watcher.ts";
import { withDataOption } from "./with_data_option.ts";

/** How a run ended for the user. */
export interface Followed {
  views: RunView[];
  /** Runs that closed as soon as they were taken over: they were being cancelled before. */
  closedIds: string[];
  /** Set when Ctrl-C or SIGTERM cancelled the runs. */
  signal: StopSignal | null;
}

const CLOSING: ReadonlySet<string> = new Set(["RunCompleted", "RunFailed", "RunCancelled"]);

/**
 * Opens a node, starts runs on it and shows them to their end. The first Ctrl-C cancels them, the
 * second stops the process at once, and what it left can be resumed.
 *
 * @param start submits, resumes or retries
 * @param options `isShared`: nodes that serve the store do the work, where there are some
 */
export async function followRuns(
  invocation: Invocation,
  start: (node: DenizenNode) => Promise<RunHandle[]>,
  { isShared }: { isShared: boolean },
): Promise<Followed> {
  const { terminal, dataDir, store } = invocation;
  await requireFolder(dataDir);
  // Cells come up on the other processor while this one loads the rest of the node.
  const cells = createCells({});
  const { findClient, openNodeWith } = await import("../node/mod.ts");
  const client = isShared ? await findClient({ dataDir, store }, { cells }) : null;
  const node = client ?? openNodeWith(cells, { dataDir, store });
  const watcher = await RunWatcher.open(terminal, {
    isQuiet: invocation.flag("quiet"),
    isVerbose: invocation.flag("verbose"),
  });
  let handles: RunHandle[] = [];
  let cancelledBy: StopSignal | null = null;
  const closed = new Set<string>();
  node.subscribe((update) => {
    watcher.update(update);
    if (update.event !== undefined && CLOSING.has(update.event.type)) closed.add(update.runId);
  });
  const stop = (signal: StopSignal) => {
    watcher.close();
    for (const { runId } of handles) {
      const text = client === null
        ? `stopped; go on with: deno task denizen runs resume ${runId}`
        : `left; its nodes go on; look at it with: deno task denizen runs show ${runId}`;
      terminal.err(`${withDataOption(text, invocation)}\n`);
    }
    Deno.exit(signal === "SIGINT" ? EXIT.interrupted : EXIT.terminated);
  };
  using _interrupts = onInterrupt((signal) => {
    if (handles.length === 0) stop(signal);
    cancelledBy = signal;
    watcher.say("cancelling; once more to stop at once");
    for (const { runId } of handles) {
      node.cancel(runId, `stopped by ${signal}`).catch(() => {
        // It has just closed by itself: nothing is left to cancel.
      });
    }
  }, stop);
  try {
    handles = await start(node);
    for (const handle of handles) watcher.show(handle);
    const views = await Promise.all(handles.map((handle) => handle.finished));
    watcher.close();
    tellOutcomes(invocation, watcher, views);
    const closedIds = [...closed].filter((id) => handles.every(({ runId }) => runId !== id));
    return { views, closedIds, signal: cancelledBy };
  } finally {
    watcher.close();
    await node.close();
  }
}

/** Also a quiet run tells that it did not complete: quiet is about progress. */
function tellOutcomes(invocation: Invocation, watcher: RunWatcher, views: RunView[]): void {
  const { terminal } = invocation;
  for (const view of views) {
    if (invocation.flag("quiet") && view.status === "completed") continue;
    const options = { color: terminal.errHasColor };
    const text = outcomeText(view, watcher.failuresOf(view.runId), options);
    terminal.err(withDataOption(text, invocation));
  }
}
