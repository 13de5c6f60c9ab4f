import { DenizenError, InvalidInputError, type Issue, toErrorData } from "../../core/errors.ts";
import { ERRORS } from "../../core/catalogue.ts";
import type { Command, Invocation } from "./command.ts";
import { EXIT, statusOfError } from "./exit_status.ts";
import { COMMANDS } from "./commands.ts";
import { parseCommandLine, type ParsedCommandLine } from "./parse_command_line.ts";
import { plainText } from "./plain_text.ts";
import type { Terminal } from "./terminal.ts";
import { DATA_DIR_DEFAULT, withDataOption } from "./with_data_option.ts";

/**
 * Does what the arguments say and answers with the exit status. Errors are told, never thrown: as
 * text on `err`, or with `--json` as the one document on `out`.
 */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const isJson = args.slice(0, endOfOptions(args)).includes("--json");
  let place: Pick<Invocation, "dataDir" | "store"> = { dataDir: DATA_DIR_DEFAULT };
  try {
    const parsed = parseCommandLine(withDefaults(args), COMMANDS);
    place = {
      dataDir: readPlace(parsed, "data") ?? DATA_DIR_DEFAULT,
      store: readPlace(parsed, "store"),
    };
    return await dispatch(parsed, place, terminal);
  } catch (error) {
    return await tellError(error, { isJson, place, terminal });
  }
}

function endOfOptions(args: readonly string[]): number {
  const at = args.indexOf("--");
  return at < 0 ? args.length : at;
}

/** Nothing, `--help` and `--version` alone mean the commands of that name. */
function withDefaults(args: readonly string[]): readonly string[] {
  if (args.length === 0) return ["help"];
  if (args.length > 1) return args;
  if (args[0] === "--help" || args[0] === "-h") return ["help"];
  return args[0] === "--version" || args[0] === "-V" ? ["version"] : args;
}

function readPlace(
  { values, path }: ParsedCommandLine,
  option: "data" | "store",
): string | undefined {
  const text = values[option] as string | undefined;
  if (text !== "") return text;
  throw new InvalidInputError("OPTION_VALUE_WRONG", {
    message: `Cannot use --${option} ""`,
    hint: `Name a ${
      option === "data" ? "folder" : "store"
    }; see how it is used with: deno task denizen help ${path}`,
  });
}

async function dispatch(
  parsed: ParsedCommandLine,
  place: Pick<Invocation, "dataDir" | "store">,
  terminal: Terminal,
): Promise<number> {
  if (parsed.values.help === true) return await showHelp(parsed.command, parsed.path, terminal);
  const action = await parsed.command.load!();
  return await action(invocationOf(parsed, place, terminal));
}

async function showHelp(command: Command, path: string, terminal: Terminal): Promise<number> {
  const { commandHelp } = await import("./help.ts");
  terminal.out(commandHelp(command, path));
  return EXIT.completed;
}

function invocationOf(
  parsed: ParsedCommandLine,
  place: Pick<Invocation, "dataDir" | "store">,
  terminal: Terminal,
): Invocation {
  const { values, path, positionals } = parsed;
  const text = (option: string) => values[option] as string | undefined;
  return {
    path,
    positionals,
    text,
    texts: (option) => (values[option] ?? []) as string[],
    flag: (option) => values[option] === true,
    isJson: values.json === true,
    ...place,
    terminal,
  };
}

/** Tells the error and answers with the exit status that belongs to it. */
async function tellError(
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
  if (issues !== undefined) {
    const { issuesText } = await import("./validate_command.ts");
    terminal.err(await issuesText(issues, terminal.errHasColor));
  }
  // Messages quote what the user or a file said: it must not steer the terminal.
  terminal.err(`error: ${plainText(data.message)} [${data.code}]\n`);
  if (hint !== undefined) terminal.err(`hint: ${plainText(hint)}\n`);
  // A user's mistake needs no stack trace; a bug of ours does.
  if (!(error instanceof DenizenError) && error instanceof Error) {
    for (const line of (error.stack ?? "").split("\n")) terminal.err(`${plainText(line)}\n`);
  }
  return statusOfError(error);
}
