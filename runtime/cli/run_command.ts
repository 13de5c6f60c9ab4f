import { type Issue, UnavailableError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { RunView } from "../../workflows/view.ts";
import type { Invocation } from "./command.ts";
import type { DenizenNode, RunHandle } from "../node/mod.ts";
import { EXIT, statusOfRuns } from "./exit_status.ts";
import { type Followed, followRuns } from "./follow_runs.ts";
import { requireFolder } from "./require_folder.ts";
import { readRunInput } from "./run_input.ts";
import type { Terminal } from "./terminal.ts";
import { withDataOption } from "./with_data_option.ts";

/** Lines of output that a terminal gets; a file or pipe gets all. */
const OUTPUT_LINES_MAX = 100;

/** `run FILE`. */
export async function run(invocation: Invocation): Promise<number> {
  if (invocation.text("server") !== undefined) {
    const { namedServer } = await import("./with_server.ts");
    const { runAtServer } = await import("./server_runs.ts");
    return await runAtServer(namedServer(invocation)!, invocation);
  }
  if (invocation.flag("detach")) return await leave(invocation);
  const followed = await followRuns(
    invocation,
    async (node) => [await submit(node, invocation)],
    { isShared: true },
  );
  return await tellRuns(invocation, followed);
}

async function submit(node: DenizenNode, invocation: Invocation): Promise<RunHandle> {
  const workflow = await node.load(invocation.positionals[0]!);
  await tellWarnings(workflow.warnings, invocation);
  const input = await readRunInput(
    invocation.texts("input"),
    invocation.text("input-file"),
    workflow.definition.input,
  );
  return await node.submit(workflow, input, { id: invocation.text("id") });
}

/** `run FILE --detach`: leaves the run to the nodes of the store and prints its id. */
async function leave(invocation: Invocation): Promise<number> {
  const { terminal, isJson, dataDir, store } = invocation;
  await requireFolder(dataDir);
  const { findClient } = await import("../node/mod.ts");
  const client = await findClient({ dataDir, store });
  if (client === null) throw noServer(dataDir);
  try {
    const { runId } = await submit(client, invocation);
    terminal.out(isJson ? `${JSON.stringify({ runId })}\n` : `${runId}\n`);
    if (!invocation.flag("quiet")) {
      const hint = `follow it with: deno task denizen runs follow ${runId}`;
      terminal.err(`${withDataOption(hint, { dataDir, store })}\n`);
    }
    return EXIT.completed;
  } finally {
    await client.close();
  }
}

/** Tells what is odd in a file, unless nothing is to be told. */
export async function tellWarnings(
  warnings: readonly Issue[],
  { terminal, flag }: Invocation,
): Promise<void> {
  if (warnings.length === 0 || flag("quiet")) return;
  const { issuesText } = await import("./issues_text.ts");
  terminal.err(await issuesText(warnings, terminal.errHasColor));
}

function noServer(dataDir: string): UnavailableError {
  return new UnavailableError("SERVER_NOT_FOUND", {
    message: `Cannot leave the run to a server: none works on "${dataDir}"`,
    hint: "Start a node with: deno task serve; or leave out --detach",
  });
}

/**
 * Prints what the runs gave on `out`, one document with `--json`, and answers with the exit status.
 */
export async function tellRuns(
  { terminal, isJson }: Invocation,
  { views, signal }: Pick<Followed, "views" | "signal">,
): Promise<number> {
  if (isJson) terminal.out(`${JSON.stringify(views.length === 1 ? views[0] : views)}\n`);
  else for (const view of views) await tellOutput(view, terminal);
  return statusOfRuns(views.map((view) => view.status), signal);
}

async function tellOutput(view: RunView, terminal: Terminal): Promise<void> {
  if (view.status !== "completed" || view.output === null) return;
  const lines = (await outputText(view.output)).trimEnd().split("\n");
  const shown = terminal.outHasColor ? lines.slice(0, OUTPUT_LINES_MAX) : lines;
  terminal.out(`${shown.join("\n")}\n`);
  const more = lines.length - shown.length;
  if (more > 0) {
    terminal.err(`… ${more} more lines: see them with --json, or send them to a file\n`);
  }
}

/** YAML: readable as it stands, and what is odd in a string is escaped. */
async function outputText(output: Json): Promise<string> {
  const { stringify } = await import("yaml");
  return stringify(output, { lineWidth: 0 });
}
