/**
 * What a command of the command line looks like: data that help, completion and parsing share, and
 * its action, which is loaded only when it runs.
 *
 * @module
 */
import type { Terminal } from "./terminal.ts";

/** What stands for a name in the help, for shells that complete it: one of these words, or of a kind. */
export type Completes = "file" | "folder" | "run" | "workflow" | "agent" | readonly string[];

export interface OptionSpec {
  type: "string" | "boolean";
  short?: string;
  /** May be given several times. */
  multiple?: boolean;
  /** What the value is called in the help. */
  value?: string;
  completes?: Completes;
  summary: string;
}

export interface ArgumentSpec {
  /** As in the help: `FILE`, `ID`. */
  name: string;
  isOptional?: boolean;
  /** Takes all that follow. */
  isRest?: boolean;
  completes?: Completes;
}

/** What the user asked for, checked against the command's options and arguments. */
export interface Invocation {
  /** `run`, `runs list`. */
  path: string;
  text(option: string): string | undefined;
  texts(option: string): string[];
  flag(option: string): boolean;
  positionals: string[];
  /** Print exactly one JSON document on standard output. */
  isJson: boolean;
  dataDir: string;
  /** URL of the store, where it is not the file of the state directory. */
  store?: string;
  terminal: Terminal;
}

/** Does what the command says; answers with the exit status. */
export type Action = (invocation: Invocation) => Promise<number> | number;

export interface Command {
  name: string;
  summary: string;
  arguments: readonly ArgumentSpec[];
  options: Readonly<Record<string, OptionSpec>>;
  examples: readonly (readonly [command: string, does: string])[];
  subcommands?: readonly Command[];
  /** It works on when nobody reads any more what it tells. */
  isService?: boolean;
  /** Module and name of its {@linkcode Action}; see `load_late.ts`. */
  action?: readonly [module: `./${string}.ts`, name: string];
}

/** Options that every command takes. */
export const COMMON_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  json: { type: "boolean", summary: "Print one JSON document on standard output" },
  data: { type: "string", value: "DIR", summary: 'State directory (default ".denizen")' },
  store: {
    type: "string",
    value: "URL",
    summary: "kv:FILE, postgres://… or https://… (default: in the state directory)",
  },
  help: { type: "boolean", short: "h", summary: "Show the command's help" },
};
