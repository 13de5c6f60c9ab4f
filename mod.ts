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
export type { Backoff, RetryPolicy } from "./core/retry.ts";
export type { CellInfo, CellState } from "./runtime/cells/mod.ts";
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
  type WorkflowPackage,
} from "./runtime/node/mod.ts";
export type { JournalledEvent } from "./runtime/scheduler/mod.ts";
export type * from "./workflows/definition.ts";
export type * from "./workflows/events.ts";
export type { RunStatus, RunView, TaskStatus, TaskView } from "./workflows/mod.ts";
export { type ParsedWorkflow, parseWorkflow } from "./workflows/parse.ts";
