import { setTimeout as sleep } from "node:timers/promises";
import { hasEnded, type RunView } from "../../workflows/mod.ts";
import type { RunReader } from "../node/mod.ts";
import type { JournalledEvent } from "../scheduler/mod.ts";
import type { Invocation } from "./command.ts";
import { EXIT, statusOfRuns } from "./exit_status.ts";
import { onInterrupt } from "./interrupts.ts";
import { LineLog } from "./line_log.ts";
import { isOrphaned, viewOf, withReader } from "./open_runs.ts";
import type { Terminal } from "./terminal.ts";
import { withDataOption } from "./with_data_option.ts";

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
