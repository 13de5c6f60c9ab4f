/**
 * Entry of the command line: `deno run -A main.ts COMMAND`.
 *
 * @module
 */
import { main, openTerminal } from "./runtime/cli/mod.ts";

if (import.meta.main) {
  Deno.exit(await main(Deno.args, openTerminal(Deno.env.toObject())));
}
