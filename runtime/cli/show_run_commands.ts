import { hasEnded, type RunView } from "../../workflows/mod.ts";
import type { RunReader } from "../node/mod.ts";
import { AssignmentLog } from "./assignment_log.ts";
import { AttemptLog } from "./attempt_log.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { FailureLog, idOf } from "./failure_log.ts";
import { isOrphaned, viewOf, withReader } from "./open_runs.ts";
import { plainText } from "./plain_text.ts";
import { outcomeText } from "./run_outcome.ts";
import { PLAIN_COLUMNS } from "./terminal.ts";
import { withDataOption } from "./with_data_option.ts";

const DENIALS_SHOWN_MAX = 10;

/** `runs show ID`. */
export async function show(invocation: Invocation): Promise<number> {
  const runId = invocation.positionals[0]!;
  const { terminal, isJson } = invocation;
  await withReader(invocation, async (reader) => {
    const view = await viewOf(reader, runId);
    if (isJson) return terminal.out(`${JSON.stringify(view)}\n`);
    const logs = await readEvents(reader, runId, invocation.flag("verbose"));
    const isOrphan = !hasEnded(view.status) && await isOrphaned(reader, runId);
    const isForsaken = !hasEnded(view.status) && await reader.isShared(runId) &&
      !(await reader.hasNodes());
    terminal.out(await showText(view, { ...logs, isOrphan, isForsaken }, invocation));
  });
  return EXIT.completed;
}

/** What went wrong, who was chosen for what, and each attempt where all of them are told. */
interface RunLogs {
  incidents: FailureLog;
  assignments: AssignmentLog;
  attempts: AttemptLog;
}

async function readEvents(
  reader: RunReader,
  runId: string,
  isVerbose: boolean,
): Promise<RunLogs> {
  const logs = {
    incidents: new FailureLog(),
    assignments: new AssignmentLog(),
    attempts: new AttemptLog(),
  };
  const { incidents, assignments, attempts } = logs;
  const read = isVerbose ? [incidents, assignments, attempts] : [incidents, assignments];
  for await (const { event } of reader.events(runId)) {
    for (const log of read) log.add(event);
  }
  return logs;
}

async function showText(
  view: RunView,
  { incidents, assignments, attempts, isOrphan, isForsaken }: RunLogs & {
    isOrphan: boolean;
    isForsaken: boolean;
  },
  { terminal, dataDir, store, flag }: Invocation,
): Promise<string> {
  const { renderTree } = await import("./live_tree.ts");
  const { failures, denials } = incidents;
  const color = terminal.outHasColor;
  const width = color ? terminal.size().columns : PLAIN_COLUMNS;
  const tasks = view.tasks.filter((task) => !task.id.includes("["));
  // What is read by a program, or asked for in full, is not cut to fit.
  const isWhole = !color || flag("verbose");
  const options = { width, height: Infinity, now: Date.now(), color, isWhole };
  const mayResume = isOrphan || (view.status === "paused" && !isForsaken);
  const denied = denials.slice(0, DENIALS_SHOWN_MAX).map((event) => {
    const value = event.value === null ? "" : ` of ${plainText(event.value)}`;
    return `  denied: ${idOf(event)} asked for ${event.permission}${value}\n`;
  });
  const more = denials.length - denied.length;
  return [
    `${view.runId}\n`,
    ...renderTree({ ...view, tasks }, new Map(), options).map((line) => `${line}\n`),
    flag("verbose") ? attempts.text(view, options.now) : "",
    assignments.text(view, { withChoices: !flag("verbose") }),
    ...denied,
    more > 0 ? `  … and ${more} more denied\n` : "",
    isOrphan ? "its process is gone; runs resume goes on\n" : "",
    isForsaken ? "no node lives that could go on with it; start one with: deno task serve\n" : "",
    withDataOption(outcomeText(view, failures, { color, mayResume, isShown: true }), {
      dataDir,
      store,
    }),
  ].join("");
}

/** `runs export ID`. */
export async function exportRun(invocation: Invocation): Promise<number> {
  const runId = invocation.positionals[0]!;
  await withReader(invocation, async (reader) => {
    const run = await viewOf(reader, runId);
    const events = await Array.fromAsync(reader.events(runId), ({ event }) => event);
    invocation.terminal.out(`${JSON.stringify({ format: "denizen.run/1", run, events })}\n`);
  });
  return EXIT.completed;
}
