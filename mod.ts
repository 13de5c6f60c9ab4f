/**
 * Denizen: a runtime for agents of uncertain quality and trust. Agents import `defineAgent` and
 * `AgentError` from here; programs that embed a node start with `openNode`.
 *
 * @module
 */
export * from "./agent.ts";
export { defineSystem, InvalidSystemError } from "./actors/system/mod.ts";
export type * from "./actors/system/definition.ts";
export type * from "./actors/system/input.ts";
export type { DeliveryPolicy } from "./actors/delivery/mod.ts";
export type { Permissions } from "./actors/manifest.ts";
export type { AccessRule, Lane, MailboxLimits, Rate } from "./actors/messages/mod.ts";
export type {
  ActorChildSpec,
  ChildSpec,
  Ending,
  ExitReason,
  Intensity,
  NodeStatus,
  RestartDelay,
  RestartType,
  Shutdown,
  Strategy,
  SupervisorChildSpec,
  SupervisorSpec,
  TreeView,
} from "./actors/supervision/mod.ts";
export type { HistoryLimits } from "./actors/topics/mod.ts";
export {
  ConflictError,
  DenizenError,
  type ErrorData,
  ForbiddenError,
  InvalidInputError,
  InvariantError,
  type Issue,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
} from "./core/errors.ts";
export type {
  Abstention,
  AssignmentRecord,
  AssignmentWay,
  Bid,
  CandidateFigures,
  Exclusion,
  ExclusionCode,
  Misnamed,
  ReuseRecord,
} from "./core/assignment.ts";
export type { Json, JsonObject } from "./core/json.ts";
export type { Backoff, RetryPolicy } from "./core/retry.ts";
export type { Publication, SystemNews, SystemStats, TellOptions } from "./runtime/actors/mod.ts";
export type { CellInfo, CellState } from "./runtime/cells/mod.ts";
export {
  type ActorSystem,
  type ActorSystemOptions,
  type DenizenNode,
  InvalidWorkflowError,
  type LoadedWorkflow,
  type NodeOptions,
  openActorSystem,
  openNode,
  openReader,
  type OutgoingMessage,
  type RunHandle,
  type RunReader,
  type RunSummary,
  type RunUpdate,
  type StorePlace,
  type SubmitOptions,
  type SystemPackage,
  type WorkflowPackage,
} from "./runtime/node/mod.ts";
export type { PackedAgent } from "./runtime/assignment/mod.ts";
export type { JournalledEvent } from "./runtime/scheduler/mod.ts";
export type * from "./workflows/definition.ts";
export type * from "./workflows/events.ts";
export type { RunStatus, RunView, TaskStatus, TaskView, UserWish } from "./workflows/mod.ts";
export { type ParsedWorkflow, parseWorkflow } from "./workflows/parse.ts";
