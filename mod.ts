/**
 * Denizen: a runtime for agents of uncertain quality and trust. Agents import `defineAgent` and
 * `AgentError` from here; programs that embed a node start with `openNode`.
 *
 * @module
 */
export * from "./agent.ts";
export {
  ConflictError,
  DenizenError,
  type ErrorData,
  InvalidInputError,
  InvariantError,
  type Issue,
  UnavailableError,
} from "./core/errors.ts";
export type { Json, JsonObject } from "./core/json.ts";
export {
  type DenizenNode,
  InvalidWorkflowError,
  type LoadedWorkflow,
  type NodeOptions,
  openNode,
  openReader,
  type RunHandle,
  type RunReader,
  type RunSummary,
  type RunUpdate,
} from "./runtime/node/mod.ts";
export type { RunStatus, RunView, TaskStatus, TaskView } from "./workflows/mod.ts";
export { type ParsedWorkflow, parseWorkflow } from "./workflows/parse.ts";
