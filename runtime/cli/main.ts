import { InvalidInputError } from "../../core/errors.ts";
import type { Command, Invocation } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { DATA_DIR_DEFAULT } from "./data_dir.ts";
import { loadAction, loadLate } from "./load_late.ts";
import { parseCommandLine, type ParsedCommandLine } from "./parse_command_line.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Does what the arguments say and answers with the exit status. Errors are told, never thrown: as
 * text on `err`, or with `--json` as the one document on `out`.
 */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args[0] === "__complete") return await complete(args.slice(1), terminal);
  const isJson = args.slice(0, endOfOptions(args)).includes("--json");
  let place: Pick<Invocation, "dataDir" | "store"> = { dataDir: DATA_DIR_DEFAULT };
  try {
    const parsed = await parseCommandLine(withDefaults(args), COMMANDS);
    place = {
      dataDir: readPlace(parsed, "data") ?? DATA_DIR_DEFAULT,
      store: readPlace(parsed, "store"),
    };
    return await dispatch(parsed, place, terminal);
  } catch (error) {
    const { tellError } = await loadLate<typeof import("./tell_error.ts")>("./tell_error.ts");
    return await tellError(error, { isJson, place, terminal });
  }
}

/** What completion scripts ask: a kind, and the options that say where. It never complains. */
async function complete(args: readonly string[], terminal: Terminal): Promise<number> {
  const [kind = "", ...rest] = args;
  const valueOf = (option: string) => {
    const at = rest.lastIndexOf(option);
    if (at >= 0) return rest[at + 1];
    return rest.findLast((arg) => arg.startsWith(`${option}=`))?.slice(option.length + 1);
  };
  try {
    const { completeNames } = await loadLate<typeof import("./complete_names.ts")>(
      "./complete_names.ts",
    );
    const dataDir = valueOf("--data") ?? DATA_DIR_DEFAULT;
    terminal.out(await completeNames(kind, { dataDir, store: valueOf("--store") }));
  } catch {
    // Whoever presses a key wants words, or none.
  }
  return 0;
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
  if (parsed.command.isService === true) terminal.outliveReaders();
  const action = await loadAction(parsed.command);
  return await action(invocationOf(parsed, place, terminal));
}

async function showHelp(command: Command, path: string, terminal: Terminal): Promise<number> {
  const { commandHelp } = await import("./help.ts");
  terminal.out(commandHelp(command, path));
  return 0;
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
