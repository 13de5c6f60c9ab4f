/**
 * Supervision as pure data and decisions, with OTP's words and semantics: trees of actors that are
 * started, stopped and restarted. Nothing here touches a clock, a process or a worker.
 *
 * @module
 */
export type * from "./commands.ts";
export type * from "./events.ts";
export type * from "./specification.ts";
export {
  addressOf,
  checkSupervisor,
  completeActorChild,
  completeSupervisor,
  SUPERVISION_DEFAULTS,
} from "./specification.ts";
export { decide, type SupervisionDecision } from "./decide.ts";
export {
  activateAt,
  type Crash,
  type CrashRecord,
  createDynamicSupervisor,
  type DynamicSupervisor,
  type DynamicSupervisorSpec,
  recordCrash,
  waitingAt,
} from "./dynamic.ts";
export { evolve } from "./evolve.ts";
export type { SupervisionRejection } from "./refuse.ts";
export { createSupervision, type NodeStatus, type SupervisionState } from "./state.ts";
export { treeLines, type TreeView, viewDynamic, viewTree } from "./tree_view.ts";
export {
  type StartEffect,
  type StopEffect,
  type SupervisionEffect,
  type Wanted,
  wanted,
} from "./wanted.ts";
