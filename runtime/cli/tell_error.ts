import { ERRORS } from "../../core/catalogue/mod.ts";
import { DenizenError, type Issue, toErrorData } from "../../core/errors.ts";
import type { Invocation } from "./command.ts";
import { statusOfError } from "./exit_status.ts";
import { issuesText } from "./issues_text.ts";
import { plainText } from "./plain_text.ts";
import type { Terminal } from "./terminal.ts";
import { withDataOption } from "./with_data_option.ts";

/**
 * Tells an error and answers with the exit status that belongs to it: as text on `err`, or with
 * `isJson` as the one document on `out`.
 */
export async function tellError(
  error: unknown,
  { isJson, place, terminal }: {
    isJson: boolean;
    place: Pick<Invocation, "dataDir" | "store">;
    terminal: Terminal;
  },
): Promise<number> {
  const data = toErrorData(error);
  const plainHint = data.hint ?? ERRORS[data.code]?.hint;
  const hint = plainHint === undefined ? undefined : withDataOption(plainHint, place);
  const issues = (error as { issues?: Issue[] }).issues;
  if (isJson) {
    const told = { ...data, ...(hint === undefined ? {} : { hint }), ...(issues && { issues }) };
    terminal.out(`${JSON.stringify({ error: told })}\n`);
    return statusOfError(error);
  }
  if (issues !== undefined) terminal.err(await issuesText(issues, terminal.errHasColor));
  // Messages quote what the user or a file said: it must not steer the terminal.
  terminal.err(`error: ${plainText(data.message)} [${data.code}]\n`);
  if (hint !== undefined) terminal.err(`hint: ${plainText(hint)}\n`);
  // A user's mistake needs no stack trace; a bug of ours does.
  if (!(error instanceof DenizenError) && error instanceof Error) {
    for (const line of (error.stack ?? "").split("\n")) terminal.err(`${plainText(line)}\n`);
  }
  return statusOfError(error);
}
