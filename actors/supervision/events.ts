/**
 * What happened in a supervision tree, in order. The state is the fold of its events. All are plain
 * JSON. `id` names the child (or the root) that an event is about.
 *
 * @module
 */
import type { ErrorData } from "../../core/errors.ts";
import type { ActorChildSpec } from "./specification.ts";

/** Why a child ended. `shutdown` may say more, as OTP's `{shutdown, Term}` does. */
export type ExitReason =
  | { type: "normal" }
  | { type: "shutdown"; error?: ErrorData }
  | { type: "crash"; error: ErrorData };

/** What every event carries. */
export interface SupervisionEventBase<Type extends string> {
  /** Tells the members of {@linkcode SupervisionEvent} apart. */
  type: Type;
  /** When it was decided, in epoch milliseconds. */
  at: number;
  id: string;
}

/** An event about one instance of a child. */
export interface InstanceEventBase<Type extends string> extends SupervisionEventBase<Type> {
  /** Unique in the tree; grows with each start. */
  incarnation: number;
}

/** A supervisor begins: its children are as specified and will start left to right. */
export type SupervisorStarting = InstanceEventBase<"SupervisorStarting">;

/** All children of a supervisor have started. */
export type SupervisorStarted = InstanceEventBase<"SupervisorStarted">;

/** A supervisor ends on its own account: it terminates its children, then escalates. */
export interface SupervisorStopping extends SupervisionEventBase<"SupervisorStopping"> {
  /** Too many restarts, or a child that did not start when the supervisor itself did. */
  because: "intensity" | "start_failed";
  /** The child that was one too many. */
  child: string;
  error: ErrorData;
}

/** An actor is to be started. */
export type ChildStarting = InstanceEventBase<"ChildStarting">;

/** An actor runs. */
export type ChildStarted = InstanceEventBase<"ChildStarted">;

/** A child could not be started. */
export interface ChildStartFailed extends InstanceEventBase<"ChildStartFailed"> {
  error: ErrorData;
}

/** A child ended that nobody had asked to. What is done about it is an event of its own. */
export interface ChildExited extends InstanceEventBase<"ChildExited"> {
  reason: ExitReason;
}

/** A child that exited is not restarted. A temporary one is deleted with this. */
export type ChildEnded = InstanceEventBase<"ChildEnded">;

/** A child is asked to stop. */
export interface ChildStopping extends InstanceEventBase<"ChildStopping"> {
  /** When it is killed; at once when that is `at`, never when `null`. */
  killAt: number | null;
}

/** A child that was asked to stop has ended. A temporary one is deleted with this. */
export interface ChildStopped extends InstanceEventBase<"ChildStopped"> {
  reason: ExitReason;
}

/**
 * Child `id` exited and is restarted. Members that run are terminated first, right to left; then
 * all but the temporary ones, which are deleted, start left to right.
 */
export interface RestartScheduled extends SupervisionEventBase<"RestartScheduled"> {
  /** Children that go with it, itself included, left to right. */
  members: string[];
  /** Not before this instant. */
  restartAt: number;
  /** Failures in a row: what the delay was taken from. */
  failures: number;
}

/** An operator wants a child terminated; it stays down until it is restarted. */
export type TerminationRequested = SupervisionEventBase<"TerminationRequested">;

/** An operator wants a stopped child started. */
export interface StartRequested extends SupervisionEventBase<"StartRequested"> {
  startAt: number;
}

/** An operator added an actor to the right of the children of a supervisor; it will start. */
export interface ChildAdded extends SupervisionEventBase<"ChildAdded"> {
  supervisor: string;
  child: ActorChildSpec;
  startAt: number;
}

/** An operator deleted a stopped child. */
export type ChildDeleted = SupervisionEventBase<"ChildDeleted">;

/** Nothing runs any more; `id` is the root. */
export interface TreeEnded extends SupervisionEventBase<"TreeEnded"> {
  ending: Ending;
}

/**
 * How a tree ended: somebody stopped it, its root gave up (more restarts than its intensity
 * allows), or a child did not start when the tree did.
 */
export type Ending =
  | { type: "stopped"; at: number }
  | { type: "gave_up"; at: number; child: string; error: ErrorData }
  | { type: "start_failed"; at: number; child: string; error: ErrorData };

/** What may happen in a supervision tree. */
export type SupervisionEvent =
  | SupervisorStarting
  | SupervisorStarted
  | SupervisorStopping
  | ChildStarting
  | ChildStarted
  | ChildStartFailed
  | ChildExited
  | ChildEnded
  | ChildStopping
  | ChildStopped
  | RestartScheduled
  | TerminationRequested
  | StartRequested
  | ChildAdded
  | ChildDeleted
  | TreeEnded;
