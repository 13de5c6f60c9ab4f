import { parseArgs, type ParseArgsConfig } from "node:util";
import { DenizenError, InvalidInputError } from "../core/errors.ts";

/**
 * `parseArgs` of `node:util`, with errors that tell what to do.
 *
 * @throws {InvalidInputError} `UNKNOWN_OPTION`
 */
export function readArguments<T extends ParseArgsConfig>(args: string[], usage: string, config: T) {
  try {
    return parseArgs({ ...config, args, allowPositionals: true });
  } catch (error) {
    const { message } = error as Error;
    throw new InvalidInputError("UNKNOWN_OPTION", { message, hint: `Usage: ${usage}` });
  }
}

/** Runs a command and exits: 0, or 2 with a message when the user is wrong. */
export async function exitWith(action: () => Promise<void>): Promise<never> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof DenizenError)) throw error;
    console.error(`error: ${error.message} [${error.code}]`);
    if (error.hint !== undefined) console.error(`hint: ${error.hint}`);
    Deno.exit(2);
  }
  Deno.exit(0);
}

/** The machine in one line. */
export async function describeMachine(): Promise<string> {
  const { cpus } = await import("node:os");
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const load = Deno.loadavg()[0]!.toFixed(1);
  return `${cpus().length} × ${model}, ${Deno.build.os} ${Deno.osRelease()}, ` +
    `Deno ${Deno.version.deno}, load ${load} at the start`;
}
