import { setTimeout as sleep } from "node:timers/promises";
import { formatDuration } from "../../core/duration.ts";
import { ConflictError, DenizenError, InvalidInputError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { suggest } from "../../core/suggest.ts";
import { ID_RULE } from "../../workflows/format.ts";
import { hasEnded, type RunStatus, type RunView } from "../../workflows/mod.ts";
import { openReader, type RunReader, type RunSummary } from "../node/mod.ts";
import type { JournalledEvent } from "../scheduler/mod.ts";
import { AssignmentLog } from "./assignment_log.ts";
import { AttemptLog } from "./attempt_log.ts";
import type { Invocation } from "./command.ts";
import { EXIT, statusOfRuns } from "./exit_status.ts";
import { FailureLog, idOf } from "./failure_log.ts";
import { followRuns } from "./follow_runs.ts";
import { onInterrupt } from "./interrupts.ts";
import { LineLog } from "./line_log.ts";
import { painter, STATUS_MARKS } from "./palette.ts";
import { plainText } from "./plain_text.ts";
import { requireFolder } from "./require_folder.ts";
import { outcomeText } from "./run_outcome.ts";
import { RUN_STATUSES } from "./run_statuses.ts";
import { PLAIN_COLUMNS, type Terminal } from "./terminal.ts";
import { withDataOption } from "./with_data_option.ts";
import { namedServerRuns } from "./with_server.ts";

const LIST_LIMIT = 20;
const DENIALS_SHOWN_MAX = 10;

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

async function withReader<T>(
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

/** `runs list`. A folder in which nothing ever ran has no runs: that is an answer, not an error. */
export async function list(invocation: Invocation): Promise<number> {
  const options = listOptions(invocation);
  const { terminal, isJson } = invocation;
  let hasNodes = true;
  const page = await withReader(invocation, async (reader) => {
    const found = await reader.list(options);
    const mustLook = found.items.some((run) => run.isShared && run.finishedAt === null);
    hasNodes = !mustLook || await reader.hasNodes();
    return found;
  }).catch((error) => noRunsYet(error, invocation));
  if (isJson) terminal.out(`${JSON.stringify(page)}\n`);
  else terminal.out(listText(page.items, { color: terminal.outHasColor, hasNodes }));
  if (page.nextCursor !== null && !isJson) {
    const more = `more: deno task denizen runs list --cursor ${page.nextCursor}`;
    terminal.err(`${withDataOption(more, invocation)}\n`);
  }
  return EXIT.completed;
}

function noRunsYet(error: unknown, { terminal, dataDir, store }: Invocation) {
  if (!(error instanceof InvalidInputError) || error.code !== "DATA_DIR_MISSING") throw error;
  const hint = withDataOption(error.hint ?? "", { dataDir, store });
  terminal.err(`${plainText(error.message)}\nhint: ${plainText(hint)}\n`);
  return { items: [], nextCursor: null };
}

function listOptions(invocation: Invocation) {
  const limit = Number(invocation.text("limit") ?? LIST_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw new InvalidInputError("OPTION_VALUE_WRONG", {
      message: `Cannot use --limit "${invocation.text("limit")}"`,
      hint: "Give a whole number from 1 to 1000",
    });
  }
  const status = invocation.text("status");
  if (status !== undefined && !RUN_STATUSES.some((one) => one === status)) {
    const near = suggest(status, RUN_STATUSES);
    throw new InvalidInputError("OPTION_VALUE_WRONG", {
      message: `Cannot use --status "${status}"`,
      hint: near === null ? `Use one of: ${RUN_STATUSES.join(", ")}` : `Did you mean "${near}"?`,
    });
  }
  return { limit, cursor: cursorOf(invocation), status };
}

/** Here a cursor is the id of the last run that was shown; a server knows its own. */
function cursorOf({ text }: Invocation): string | undefined {
  const cursor = text("cursor");
  const isOurs = cursor === undefined || /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(cursor);
  if (isOurs || text("server") !== undefined) return cursor;
  throw new InvalidInputError("OPTION_VALUE_WRONG", {
    message: `Cannot use --cursor "${cursor}"`,
    hint: "Give what the list before named as the next one (nextCursor with --json)",
  });
}

function listText(
  runs: readonly RunSummary[],
  { color, hasNodes }: { color: boolean; hasNodes: boolean },
): string {
  if (runs.length === 0) return "No runs\n";
  const paint = painter(color);
  const width = Math.max(...runs.map((run) => run.workflow.length));
  return runs.map((run) => {
    const [mark, tint] = STATUS_MARKS[run.status];
    const took = run.finishedAt === null
      ? ""
      : formatDuration(Date.parse(run.finishedAt) - Date.parse(run.startedAt));
    const isForsaken = run.isShared && run.finishedAt === null && !hasNodes;
    const note = run.isOrphan
      ? "its process is gone: runs resume"
      : isForsaken
      ? "no node lives: serve"
      : took;
    return `${run.runId}  ${paint(tint, `${mark} ${run.status.padEnd(9)}`)}  ` +
      `${run.workflow.padEnd(width)}  ${run.startedAt.slice(0, 19)}Z  ${note}`.trimEnd() + "\n";
  }).join("");
}

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

/** @throws {InvalidInputError} `RUN_NOT_FOUND` */
export async function viewOf(reader: RunReader, runId: string): Promise<RunView> {
  const view = await reader.show(runId);
  if (view !== null) return view;
  throw new InvalidInputError("RUN_NOT_FOUND", {
    message: `Found no run "${runId}"`,
    hint: "List the runs with: deno task denizen runs list",
    details: { runId },
  });
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

/** `runs follow ID`: Ctrl-C ends the watching, not the run. Exit 1 when nobody works on the run. */
export async function follow(invocation: Invocation): Promise<number> {
  const runId = invocation.positionals[0]!;
  const { terminal, isJson } = invocation;
  const stopped = new AbortController();
  using _interrupts = onInterrupt(() => stopped.abort(), () => Deno.exit(EXIT.interrupted));
  return await withReader(invocation, async (reader) => {
    await tellEvents(reader, runId, { terminal, signal: stopped.signal });
    const view = await viewOf(reader, runId);
    if (isJson) terminal.out(`${JSON.stringify(view)}\n`);
    if (stopped.signal.aborted) return EXIT.interrupted;
    if (hasEnded(view.status)) return statusOfRuns([view.status], null);
    const text = `its process is gone; go on with: deno task denizen runs resume ${runId}`;
    terminal.err(`${withDataOption(text, invocation)}\n`);
    return EXIT.failed;
  });
}

/** Prints what happens to a run until it has closed; `null` when Ctrl-C came before. */
export async function followToEnd(
  reader: RunReader,
  runId: string,
  { terminal, flag }: Invocation,
): Promise<RunView | null> {
  const stopped = new AbortController();
  using _interrupts = onInterrupt(() => stopped.abort(), () => Deno.exit(EXIT.interrupted));
  const log = new LineLog();
  for await (const { event } of reader.follow(runId, stopped.signal)) {
    if (!flag("quiet")) { for (const line of log.tell(event)) terminal.err(`${line}\n`); }
  }
  return stopped.signal.aborted ? null : await viewOf(reader, runId);
}

/** Prints a run's events until it has closed, its process is gone, or `signal` says to stop. */
async function tellEvents(
  reader: RunReader,
  runId: string,
  { terminal, signal }: { terminal: Terminal; signal: AbortSignal },
): Promise<void> {
  const log = new LineLog();
  let told = 0;
  const tell = ({ event }: JournalledEvent) => {
    told++;
    for (const line of log.tell(event)) terminal.err(`${line}\n`);
  };
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const orphaned = waitUntilOrphaned(reader, runId, either).finally(() => ended.abort());
  // It is awaited below; until then a failure of the store must not end the process.
  orphaned.catch(() => {});
  try {
    for await (const journalled of reader.follow(runId, either)) tell(journalled);
  } finally {
    ended.abort();
    await orphaned;
  }
  if (signal.aborted) return;
  // What was written between the last look and the end of its process.
  const all = await Array.fromAsync(reader.events(runId));
  all.slice(told).forEach(tell);
}

const ORPHAN_POLL_MS = 1_000;

async function waitUntilOrphaned(
  reader: RunReader,
  runId: string,
  signal: AbortSignal,
): Promise<void> {
  // What nodes share is never left over, and need not be looked for.
  if (await reader.isShared(runId)) return await aborted(signal);
  while (!signal.aborted && !(await isOrphaned(reader, runId))) {
    await sleep(ORPHAN_POLL_MS, undefined, { signal }).catch(() => {});
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Whether the run is open and nobody works on it. */
async function isOrphaned(reader: RunReader, runId: string): Promise<boolean> {
  let cursor: string | undefined;
  for (;;) {
    const page = await reader.list({ cursor });
    const found = page.items.find((run) => run.runId === runId);
    if (found !== undefined) return found.isOrphan;
    if (page.nextCursor === null) return false;
    cursor = page.nextCursor;
  }
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

/** `runs cancel ID`: also of a run that a crash left, which is then taken over to end it. */
export async function cancel(invocation: Invocation): Promise<number> {
  const ends: RunStatus[] = ["cancelled", "failed", "completed"];
  if (await requestUnlessOrphaned(invocation, "cancel", ends)) return EXIT.completed;
  const runId = invocation.positionals[0]!;
  const { views } = await followRuns(invocation, async (node) => {
    const handles = await node.resume(runId);
    await node.cancel(runId, invocation.text("reason")).catch((error) => {
      // It was being cancelled when its process went, and has ended now.
      if (!(error instanceof ConflictError)) throw error;
    });
    return handles;
  }, { isShared: false });
  const status = views[0]?.status;
  if (invocation.isJson) {
    invocation.terminal.out(`${JSON.stringify({ runId, requested: "cancel", status })}\n`);
  }
  return EXIT.completed;
}

/** `runs pause ID`. */
export function pause(invocation: Invocation): Promise<number> {
  return request(invocation, "pause", ["paused", "cancelled", "failed", "completed"]);
}

/**
 * `runs signal ID NAME`: news from outside. It is kept until a task takes it, and lost only with the
 * run.
 */
export async function signal(invocation: Invocation): Promise<number> {
  const [runId, name] = invocation.positionals as [string, string];
  const { terminal, isJson } = invocation;
  const payload = readPayload(invocation.text("payload"));
  const signalId = invocation.text("id") ?? crypto.randomUUID();
  if (!ID_RULE.pattern.test(name)) {
    throw new InvalidInputError("OPTION_VALUE_WRONG", {
      message: `Cannot send signal "${name}": that is no name of a signal`,
      hint: "Use the name after `signal:` in the workflow file",
    });
  }
  await withReader(
    invocation,
    (reader) => reader.request(runId, { type: "signal", name, payload, signalId }),
  );
  if (isJson) terminal.out(`${JSON.stringify({ runId, requested: "signal", name, signalId })}\n`);
  else terminal.err(`Sent signal ${name} to run ${runId}\n`);
  return EXIT.completed;
}

function readPayload(text: string | undefined): Json {
  if (text === undefined) return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidInputError("OPTION_VALUE_WRONG", {
      message: `Cannot use --payload: ${(error as Error).message}`,
      hint: `Give JSON, such as --payload '{"ok": true}'`,
    });
  }
}

/** How long a request waits to see its effect. */
const REQUEST_WAIT_MS = 5_000;
const REQUEST_POLL_MS = 100;

/** Asks the process that works on the run, and waits a little to see what comes of it. */
async function request(
  invocation: Invocation,
  wish: "cancel" | "pause" | "resume",
  wanted: readonly RunStatus[],
): Promise<number> {
  const runId = invocation.positionals[0]!;
  const { terminal, isJson } = invocation;
  const status = await withReader(invocation, async (reader) => {
    const reason = invocation.text("reason");
    await reader.request(runId, wish === "cancel" ? { type: wish, reason } : { type: wish });
    return await waitForStatus(reader, runId, wanted);
  });
  if (isJson) terminal.out(`${JSON.stringify({ runId, requested: wish, status })}\n`);
  else if (wanted.includes(status)) terminal.err(`Run ${runId} is ${status}\n`);
  else terminal.err(`Asked to ${wish} run ${runId}; it is ${status} still\n`);
  return EXIT.completed;
}

async function waitForStatus(
  reader: RunReader,
  runId: string,
  wanted: readonly RunStatus[],
): Promise<RunStatus> {
  const deadline = performance.now() + REQUEST_WAIT_MS;
  for (;;) {
    const { status } = await viewOf(reader, runId);
    if (wanted.includes(status) || performance.now() > deadline) return status;
    await new Promise((resolve) => setTimeout(resolve, REQUEST_POLL_MS));
  }
}

/**
 * Lets a paused run of a living process go on. `false` when its process is gone: then somebody has
 * to take it over.
 */
export function resumePaused(invocation: Invocation): Promise<boolean> {
  const wanted: RunStatus[] = ["running", "waiting", "completed", "failed"];
  return requestUnlessOrphaned(invocation, "resume", wanted);
}

async function requestUnlessOrphaned(
  invocation: Invocation,
  wish: "cancel" | "resume",
  wanted: readonly RunStatus[],
): Promise<boolean> {
  try {
    await request(invocation, wish, wanted);
    return true;
  } catch (error) {
    if (error instanceof DenizenError && error.code === "RUN_ORPHANED") return false;
    throw error;
  }
}
