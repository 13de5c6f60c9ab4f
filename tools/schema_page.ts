/**
 * `deno task schema`: writes `docs/workflow.schema.json` and `docs/actor-system.schema.json`, the
 * JSON Schemas that editors complete from; with `--check` it only says whether they are fresh.
 *
 * @module
 */
import { systemJsonSchema } from "../actors/system/mod.ts";
import { workflowJsonSchema } from "../workflows/parse.ts";
import { writeGenerated } from "./write_generated.ts";

await writeGenerated(
  "docs/workflow.schema.json",
  JSON.stringify(workflowJsonSchema(), null, 2),
  "json",
);
await writeGenerated(
  "docs/actor-system.schema.json",
  JSON.stringify(systemJsonSchema(), null, 2),
  "json",
);
