import { ConflictError } from "../../core/errors.ts";
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import type { RunView } from "../../workflows/mod.ts";
import type { LoadedWorkflow } from "./packages.ts";

/**
 * Sees to it that the run of a key is what the caller wants.
 *
 * @throws {ConflictError} `KEY_MISMATCH` when the key was used for another workflow or input
 */
export function refuseOther(
  view: Pick<RunView, "runId" | "workflow" | "input">,
  workflow: LoadedWorkflow,
  input: JsonObject,
  key: string,
): void {
  const isSame = view.workflow === workflow.definition.name &&
    canonicalJson(view.input) === canonicalJson(input);
  if (isSame) return;
  throw new ConflictError("KEY_MISMATCH", {
    message: `Key "${key}" belongs to run "${view.runId}" of workflow "${view.workflow}", ` +
      "with another workflow or input",
    hint: "Use a key of its own for each submission",
    details: { runId: view.runId },
  });
}
