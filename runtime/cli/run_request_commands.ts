import { ConflictError, DenizenError, InvalidInputError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { ID_RULE } from "../../workflows/format.ts";
import type { RunStatus } from "../../workflows/mod.ts";
import type { RunReader } from "../node/mod.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { followRuns } from "./follow_runs.ts";
import { viewOf, withReader } from "./open_runs.ts";

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
