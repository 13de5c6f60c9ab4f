import type { AcceptedRun } from "../control/mod.ts";
import { type ApiClient, ApiRunReader, collectSources } from "./api/mod.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { followToEnd } from "./follow_run_command.ts";
import { findRegistered } from "./registered_agents.ts";
import { readRunInput } from "./run_input.ts";
import { tellRuns, tellWarnings } from "./run_command.ts";

/** `run FILE --server URL`: sends the file and its modules along, and follows the run. */
export async function runAtServer(api: ApiClient, invocation: Invocation): Promise<number> {
  const { positionals, text, texts, flag, isJson, terminal } = invocation;
  const { source, files, loaded } = await collectSources(positionals[0]!, {
    registered: () => findRegistered(invocation),
  });
  await tellWarnings(loaded.warnings, invocation);
  const input = await readRunInput(texts("input"), text("input-file"), loaded.definition.input);
  // A server that answers too late may have begun it: asked again, it answers the same run.
  const headers = { "idempotency-key": text("id") ?? crypto.randomUUID() };
  const body = { definition: source, files, input };
  const accepted = await api.request("POST", "/runs", { body, headers });
  const { runId } = accepted as unknown as AcceptedRun;
  if (flag("detach")) {
    terminal.out(isJson ? `${JSON.stringify({ runId })}\n` : `${runId}\n`);
    return EXIT.completed;
  }
  if (!flag("quiet")) terminal.err(`Run ${runId} at ${api.url}\n`);
  return await followAtServer(api, runId, invocation);
}

/** `runs retry ID --server URL`. */
export async function retryAtServer(api: ApiClient, invocation: Invocation): Promise<number> {
  const runId = invocation.positionals[0]!;
  await new ApiRunReader(api).request(runId, { type: "retry" });
  return await followAtServer(api, runId, invocation);
}

/** Ctrl-C ends the watching, not the run: it is another machine's. */
export async function followAtServer(
  api: ApiClient,
  runId: string,
  invocation: Invocation,
): Promise<number> {
  const followed = await followToEnd(new ApiRunReader(api), runId, invocation);
  if (followed === null) return EXIT.interrupted;
  return await tellRuns(invocation, { views: [followed], signal: null });
}
