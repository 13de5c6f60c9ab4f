/**
 * Workflows as pure data and decisions: a file becomes a definition, a definition a plan, and a
 * run is decided event by event. Nothing here touches a clock, a disk or a worker.
 *
 * @module
 */
export type * from "./assigner.ts";
export type * from "./definition.ts";
export type * from "./events.ts";
export type * from "./commands.ts";
export type * from "./wishes.ts";
export { askedCapability } from "./asked_capability.ts";
export { type Adoption, type AttemptLetter, planAdoption } from "./adoption.ts";
export { inputOf } from "./bindings.ts";
export { decide, type Decision, type Rejection } from "./decide.ts";
export { toCommand } from "./wish_command.ts";
export { evolve } from "./evolve.ts";
export { ACTOR_SYSTEM, compilePlan, type Plan, type PlannedTask } from "./plan.ts";
export { labelsOf } from "./labels.ts";
export { packageOfSnapshot, restoreRun, snapshotRun } from "./snapshot.ts";
export { createRunState, type RunState, taskOf, type TaskState } from "./state.ts";
export { type ClosedRun, type ClosedRunCounts, selectExpired } from "./retention.ts";
export { hasEnded, type RunStatus, type TaskStatus } from "./status.ts";
export { type RunView, type TaskView, viewRun } from "./view.ts";
export {
  hasReadyWork,
  nextWakeAt,
  type WantedAttempt,
  wantedAttempts,
  type WantedAuction,
  wantedAuctions,
} from "./wanted.ts";
