/**
 * What may be asked of a supervision tree. Time and randomness come with each command.
 *
 * @module
 */
import type { ErrorData } from "../../core/errors.ts";
import type { ExitReason } from "./events.ts";
import type { ActorChildSpec } from "./specification.ts";

/** What every command carries. */
export interface SupervisionCommandBase<Type extends string> {
  /** Tells the members of {@linkcode SupervisionCommand} apart. */
  type: Type;
  /** Epoch milliseconds. An earlier instant than the last one counts as the last one. */
  at: number;
  /** Uniform in `[0, 1)`: jitters restart delays. */
  random: number;
}

/** A report about one instance of an actor; of an older one it is refused. */
export interface ReportBase<Type extends string> extends SupervisionCommandBase<Type> {
  id: string;
  incarnation: number;
}

/** Starts the tree, left to right, depth first. Also again after it ended. */
export type Start = SupervisionCommandBase<"Start">;

/** An actor that was to start runs. */
export type ReportStarted = ReportBase<"ReportStarted">;

/** An actor that was to start does not. */
export interface ReportStartFailed extends ReportBase<"ReportStartFailed"> {
  error: ErrorData;
}

/** An actor ended, asked to or not. */
export interface ReportExited extends ReportBase<"ReportExited"> {
  reason: ExitReason;
}

/** Stops the tree, right to left. Does not wait for what is starting or waiting. */
export interface Stop extends SupervisionCommandBase<"Stop"> {
  /** What is left after this time is killed, whatever its own time says. */
  shutdownMs?: number;
}

/** Time has passed: see `wakeAt` of what is wanted. */
export type FireTimers = SupervisionCommandBase<"FireTimers">;

/** Terminates a child. It stays down until it, or its whole group, is restarted. */
export interface TerminateChild extends SupervisionCommandBase<"TerminateChild"> {
  id: string;
}

/** Starts a child that is down. */
export interface RestartChild extends SupervisionCommandBase<"RestartChild"> {
  id: string;
}

/** Adds an actor to a supervisor, to the right of all others, and starts it. */
export interface StartChild extends SupervisionCommandBase<"StartChild"> {
  supervisor: string;
  child: ActorChildSpec;
}

/** Removes a child that is down. */
export interface DeleteChild extends SupervisionCommandBase<"DeleteChild"> {
  id: string;
}

/** What may be asked of a supervision tree. */
export type SupervisionCommand =
  | Start
  | ReportStarted
  | ReportStartFailed
  | ReportExited
  | Stop
  | FireTimers
  | TerminateChild
  | RestartChild
  | StartChild
  | DeleteChild;
