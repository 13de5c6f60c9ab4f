import { ConflictError } from "../../core/errors.ts";
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import type { RunHandle } from "./denizen_node.ts";
import type { LoadedWorkflow } from "./packages.ts";

/**
 * The run of that key, if it is what the caller wants.
 *
 * @throws {ConflictError} `KEY_MISMATCH` when the key was used for another workflow or input
 */
export function refuseOther(
  handle: RunHandle,
  workflow: LoadedWorkflow,
  input: JsonObject,
  key: string,
): RunHandle {
  const view = handle.view({ items: false });
  const isSame = view.workflow === workflow.definition.name &&
    canonicalJson(view.input) === canonicalJson(input);
  if (isSame) return handle;
  throw new ConflictError("KEY_MISMATCH", {
    message: `Key "${key}" belongs to run "${handle.runId}" of workflow "${view.workflow}", ` +
      "with another workflow or input",
    hint: "Use a key of its own for each submission",
    details: { runId: handle.runId },
  });
}
