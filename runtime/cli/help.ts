import type { Command, Invocation, OptionSpec } from "./command.ts";
import { COMMON_OPTIONS } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { findCommand } from "./parse_command_line.ts";

const PROGRAM = "deno task denizen";

/** `help [COMMAND]`. */
export function help({ positionals, isJson, terminal }: Invocation): number {
  const text = positionals.length === 0 ? overview() : commandHelp(...commandAt(positionals));
  terminal.out(isJson ? `${JSON.stringify({ help: text })}\n` : text);
  return 0;
}

function commandAt(words: string[]): [Command, string] {
  const { command, path } = findCommand(words, COMMANDS);
  return [command, path];
}

/** What the program does, and its commands. */
export function overview(): string {
  return [
    "Denizen runs workflows of permission-restricted agents, durably.",
    "",
    `Usage: ${PROGRAM} COMMAND [OPTIONS]`,
    "",
    "Commands:",
    ...table(COMMANDS.map(({ name, summary }) => [name, summary])),
    "",
    "Options of every command:",
    ...table(Object.entries(COMMON_OPTIONS).map(optionRow)),
    "",
    "Exit status: 0 completed, 1 the run failed, 2 wrong usage or invalid file, 3 cancelled,",
    "4 the store is not reachable, 130 stopped at once by Ctrl-C.",
    "",
    `Help of a command: ${PROGRAM} help COMMAND`,
    "",
  ].join("\n");
}

/** Usage, options and examples of one command. */
export function commandHelp(command: Command, path: string): string {
  const { arguments: args, options, subcommands, examples, summary } = command;
  const words = args.map(({ name, isOptional, isRest }) => {
    const word = isRest ? `${name}…` : name;
    return isOptional ? `[${word}]` : word;
  });
  if (subcommands !== undefined) words.push("COMMAND");
  return [
    summary,
    "",
    `Usage: ${[PROGRAM, path, ...words, "[OPTIONS]"].join(" ")}`,
    "",
    ...(subcommands === undefined ? [] : [
      "Commands:",
      ...table(subcommands.map((one) => [one.name, one.summary])),
      "",
    ]),
    "Options:",
    ...table(Object.entries({ ...options, ...COMMON_OPTIONS }).map(optionRow)),
    "",
    "Examples:",
    ...examples.flatMap(([line, does]) => [`  # ${does}`, `  ${exampleLine(line)}`]),
    "",
  ].join("\n");
}

function exampleLine(line: string): string {
  return line.includes(PROGRAM.slice(0, 9)) ? line : `${PROGRAM} ${line}`;
}

function optionRow([name, { short, value, summary }]: [string, OptionSpec]): [string, string] {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  return [short === undefined ? `    ${long}` : `-${short}, ${long}`, summary];
}

function table(rows: [string, string][]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
