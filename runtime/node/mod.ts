/**
 * A node and its read side: what the CLI, the control plane and embedding programs start.
 *
 * @module
 */
export { DenizenNode, type NodeOptions, openNode, type RunHandle, type RunUpdate } from "./node.ts";
export {
  InvalidWorkflowError,
  type LoadedWorkflow,
  loadWorkflow,
  readWorkflowFile,
} from "./packages.ts";
export { openReader, RunReader, type RunSummary } from "./reader.ts";
