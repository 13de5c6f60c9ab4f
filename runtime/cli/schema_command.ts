import { workflowJsonSchema } from "../../workflows/parse.ts";
import type { Invocation } from "./command.ts";

/** `schema`. */
export function schema({ terminal }: Invocation): number {
  terminal.out(`${JSON.stringify(workflowJsonSchema(), null, 2)}\n`);
  return 0;
}
