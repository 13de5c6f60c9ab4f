/**
 * `deno task schema`: writes `docs/workflow.schema.json`, the JSON Schema of the workflow file that
 * editors complete from; with `--check` it only says whether the file is fresh.
 *
 * @module
 */
import { workflowJsonSchema } from "../workflows/parse.ts";
import { writeGenerated } from "./write_generated.ts";

await writeGenerated(
  "docs/workflow.schema.json",
  JSON.stringify(workflowJsonSchema(), null, 2),
  "json",
);
