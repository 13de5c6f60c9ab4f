import { systemJsonSchema } from "../../actors/system/mod.ts";
import { workflowJsonSchema } from "../../workflows/parse.ts";
import type { Invocation } from "./command.ts";

/** `schema`: of workflow files, or with `--actors` of actor system files. */
export function schema({ terminal, flag }: Invocation): number {
  const found = flag("actors") ? systemJsonSchema() : workflowJsonSchema();
  terminal.out(`${JSON.stringify(found, null, 2)}\n`);
  return 0;
}
