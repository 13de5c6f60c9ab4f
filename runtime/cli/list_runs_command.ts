import { formatDuration } from "../../core/duration.ts";
import { InvalidInputError } from "../../core/errors.ts";
import { suggest } from "../../core/suggest.ts";
import type { RunSummary } from "../node/mod.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { withReader } from "./open_runs.ts";
import { painter, STATUS_MARKS } from "./palette.ts";
import { plainText } from "./plain_text.ts";
import { RUN_STATUSES } from "./run_statuses.ts";
import { withDataOption } from "./with_data_option.ts";

const LIST_LIMIT = 20;

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
