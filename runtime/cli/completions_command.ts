import { InvalidInputError } from "../../core/errors.ts";
import { suggest } from "../../core/suggest.ts";
import type { Invocation } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { type Program, SCRIPTS } from "./completion_scripts.ts";
import { completionTable } from "./completion_table.ts";

/** `completions SHELL`: for the name `denizen`, which the script also defines. */
export function completions({ positionals, terminal, isJson }: Invocation): number {
  const [shell] = positionals;
  const write = Object.hasOwn(SCRIPTS, shell!) ? SCRIPTS[shell!] : undefined;
  if (write === undefined) {
    const names = Object.keys(SCRIPTS);
    const near = suggest(shell!, names);
    throw new InvalidInputError("SHELL_UNKNOWN", {
      message: `Cannot complete for shell "${shell}"`,
      hint: near === null ? `Use one of: ${names.join(", ")}` : `Did you mean "${near}"?`,
    });
  }
  const script = write(completionTable(COMMANDS), thisProgram());
  terminal.out(isJson ? `${JSON.stringify({ shell, script })}\n` : script);
  return 0;
}

/** The program as it was started, from whatever folder the shell is in then. */
function thisProgram(): Program {
  const main = decodeURIComponent(new URL("../../main.ts", import.meta.url).pathname);
  return { words: [Deno.execPath(), "run", "-A", main] };
}
