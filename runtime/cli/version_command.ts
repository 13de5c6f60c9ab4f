import config from "../../deno.json" with { type: "json" };
import type { Invocation } from "./command.ts";

/** `version`. */
export function version({ terminal, isJson }: Invocation): number {
  const { deno, v8, typescript } = Deno.version;
  const versions = { denizen: config.version, deno, v8, typescript };
  terminal.out(isJson ? `${JSON.stringify(versions)}\n` : `denizen ${config.version}\n`);
  return 0;
}
