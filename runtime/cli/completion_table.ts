import type { ArgumentSpec, Command, Completes, OptionSpec } from "./command.ts";
import { COMMON_OPTIONS } from "./command.ts";

/** What a shell may offer behind a command. */
export interface CompletionRow {
  /** `runs list`; empty for the program itself. */
  path: string;
  words: { name: string; summary: string }[];
  options: CompletionOption[];
  /** What its next argument is, by position; the last one stands for all that follow. */
  arguments: (Completes | null)[];
}

/** An option, and what its value is. */
export interface CompletionOption {
  name: string;
  short: string | null;
  summary: string;
  /** `null`: it takes none; `text`: nobody can know. */
  value: Completes | "text" | null;
}

/** What is meant by names in the help, where nothing else is said. */
const BY_NAME: Readonly<Record<string, Completes>> = {
  FILE: "file",
  "FILE|-": "file",
  DIR: "folder",
};

/** Every command with what may follow it, the program itself first. */
export function completionTable(commands: readonly Command[]): CompletionRow[] {
  const program = { path: "", words: commands.map(toWord), options: [], arguments: [] };
  return [program, ...rowsOf(commands, "")];
}

function rowsOf(commands: readonly Command[], before: string): CompletionRow[] {
  return commands.flatMap((command) => {
    const path = `${before}${command.name}`;
    const subcommands = command.subcommands ?? [];
    const row = {
      path,
      words: subcommands.map(toWord),
      options: Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(toOption),
      arguments: command.arguments.map(kindOf),
    };
    return [row, ...rowsOf(subcommands, `${path} `)];
  });
}

function toWord({ name, summary }: Command): { name: string; summary: string } {
  return { name, summary };
}

function toOption([name, spec]: [string, OptionSpec]): CompletionOption {
  const { short = null, summary, type, value = "", completes } = spec;
  const kind = completes ?? BY_NAME[value] ?? "text";
  return { name, short, summary, value: type === "boolean" ? null : kind };
}

function kindOf({ name, completes }: ArgumentSpec): Completes | null {
  return completes ?? BY_NAME[name] ?? null;
}
