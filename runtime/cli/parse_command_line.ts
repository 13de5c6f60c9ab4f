import { InvalidInputError } from "../../core/errors.ts";
import { suggest } from "../../core/suggest.ts";
import { type Command, COMMON_OPTIONS, type OptionSpec } from "./command.ts";

/** A command with its options and arguments, all of them known and complete. */
export interface ParsedCommandLine {
  command: Command;
  /** `runs list` */
  path: string;
  values: Readonly<Record<string, string | boolean | string[]>>;
  positionals: string[];
}

/**
 * Finds the command and checks its options and arguments.
 *
 * @param args without the program's name
 * @throws {InvalidInputError} `UNKNOWN_COMMAND`, `UNKNOWN_OPTION`, `OPTION_VALUE_MISSING`,
 *   `OPTION_VALUE_UNWANTED`, `OPTION_REPEATED`, `ARGUMENT_MISSING`, `ARGUMENT_UNWANTED`
 */
export async function parseCommandLine(
  args: readonly string[],
  commands: readonly Command[],
): Promise<ParsedCommandLine> {
  const { command, path, rest } = findCommand(args, commands);
  const options = { ...COMMON_OPTIONS, ...command.options };
  const { values, positionals } = readPlain(rest) ?? await readOptions(rest, options, path);
  if (values.help !== true) checkArguments(command, path, positionals);
  return { command, path, values, positionals };
}

/**
 * Finds the command that the first words name; options and arguments are left over.
 *
 * @throws {InvalidInputError} `UNKNOWN_COMMAND`
 */
export function findCommand(
  args: readonly string[],
  commands: readonly Command[],
): { command: Command; path: string; rest: string[] } {
  const rest = [...args];
  let candidates = commands;
  let command: Command | undefined;
  const path: string[] = [];
  while (candidates.length > 0) {
    // Options such as --json may stand before the command: they take no part in its name.
    const at = rest.findIndex((arg) => !arg.startsWith("-"));
    const isValue = at > 0 && /^--(data|store)$/.test(rest[at - 1]!);
    const next = isValue ? rest.findIndex((arg, i) => i > at && !arg.startsWith("-")) : at;
    if (next < 0) break;
    const [name] = rest.splice(next, 1);
    const found = candidates.find((one) => one.name === name);
    if (found === undefined) throw unknownCommand(name!, candidates, path);
    command = found;
    path.push(name!);
    candidates = found.subcommands ?? [];
  }
  if (command === undefined) throw unknownCommand("", commands, path);
  return { command, path: path.join(" "), rest };
}

function unknownCommand(name: string, candidates: readonly Command[], path: string[]) {
  const names = candidates.map((one) => one.name);
  const near = suggest(name, names);
  const full = [...path, name].join(" ");
  return new InvalidInputError("UNKNOWN_COMMAND", {
    message: name === "" ? "Cannot tell what to do: no command" : `Cannot find command "${full}"`,
    hint: near === null
      ? `Use one of: ${names.join(", ")}`
      : `Did you mean "${[...path, near].join(" ")}"?`,
  });
}

type Token = {
  kind: string;
  name?: string;
  rawName?: string;
  value?: string;
  inlineValue?: boolean;
};

/** Options without values that stand for themselves: no parser has to be loaded for them. */
const PLAIN: Readonly<Record<string, string>> = {
  "--help": "help",
  "-h": "help",
  "--json": "json",
};

/** The values of arguments with no other options; `null` where there are others. */
function readPlain(
  args: readonly string[],
): Pick<ParsedCommandLine, "values" | "positionals"> | null {
  const values: Record<string, boolean> = {};
  const positionals: string[] = [];
  for (const arg of args) {
    if (!arg.startsWith("-")) positionals.push(arg);
    else if (Object.hasOwn(PLAIN, arg)) values[PLAIN[arg]!] = true;
    else return null;
  }
  return { values, positionals };
}

async function readOptions(
  args: string[],
  options: Readonly<Record<string, OptionSpec>>,
  path: string,
): Promise<Pick<ParsedCommandLine, "values" | "positionals">> {
  // A third of the time that `--help` takes would go into this module.
  const { parseArgs } = await import("node:util");
  const { tokens } = parseArgs({
    args,
    options: Object.fromEntries(
      Object.entries(options).map((
        [name, { type, short }],
      ) => [name, short ? { type, short } : { type }]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, string | boolean | string[]> = {};
  const positionals: string[] = [];
  for (const token of tokens as Token[]) {
    if (token.kind === "positional") positionals.push(token.value!);
    if (token.kind === "option") setOption(values, token, options, path);
  }
  return { values, positionals };
}

function setOption(
  values: Record<string, string | boolean | string[]>,
  token: Token,
  options: Readonly<Record<string, OptionSpec>>,
  path: string,
): void {
  const name = token.name!;
  const spec = Object.hasOwn(options, name) ? options[name] : undefined;
  if (spec === undefined) throw unknownOption(token, options, path);
  if (spec.type === "boolean") {
    if (token.value !== undefined) {
      throw wrongOption("OPTION_VALUE_UNWANTED", `Cannot give option "--${name}" a value`, path);
    }
    values[name] = true;
    return;
  }
  // `--id --json`: the next option is no value, unless it is tied to this one by "=".
  if (token.value === undefined || (!token.inlineValue && /^-./.test(token.value))) {
    const message = `Cannot read option "--${name}": its value ${spec.value} is missing`;
    throw wrongOption("OPTION_VALUE_MISSING", message, path);
  }
  if (spec.multiple) values[name] = [...(values[name] as string[] ?? []), token.value];
  else if (values[name] === undefined) values[name] = token.value;
  else throw wrongOption("OPTION_REPEATED", `Cannot take option "--${name}" twice`, path);
}

function unknownOption(
  token: Token,
  options: Readonly<Record<string, OptionSpec>>,
  path: string,
): InvalidInputError {
  const near = token.rawName!.startsWith("--") ? suggest(token.name!, Object.keys(options)) : null;
  return new InvalidInputError("UNKNOWN_OPTION", {
    message: `Cannot find option "${token.rawName}" of "${path}"`,
    hint: near === null
      ? `See the options with: deno task denizen help ${path}`
      : `Did you mean "--${near}"?`,
  });
}

function wrongOption(code: string, message: string, path: string): InvalidInputError {
  const hint = `See how it is used with: deno task denizen help ${path}`;
  return new InvalidInputError(code, { message, hint });
}

function checkArguments(command: Command, path: string, positionals: readonly string[]): void {
  if (command.subcommands !== undefined) throw unknownCommand("", command.subcommands, [path]);
  const missing = command.arguments[positionals.length];
  if (missing !== undefined && !missing.isOptional) {
    throw wrongOption("ARGUMENT_MISSING", `Cannot run "${path}" without ${missing.name}`, path);
  }
  const isOpen = command.arguments.some((one) => one.isRest);
  if (positionals.length > command.arguments.length && !isOpen) {
    const extra = positionals[command.arguments.length];
    throw wrongOption("ARGUMENT_UNWANTED", `Cannot use argument "${extra}" of "${path}"`, path);
  }
}
