/**
 * Who lives in cells: attempts of an agent ({@linkcode AgentPool}), or activations of an actor. The
 * fleet starts and ends their cells; what happens inside is theirs.
 *
 * @module
 */
import type { AttemptReport, StepTimes } from "../../actors/attempt.ts";
import type { ActorItem, MessageItem, RecallItem } from "../../actors/frames.ts";
import type { AgentManifest } from "../../actors/manifest.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Denial } from "./broker.ts";
import type { AgentInfo } from "./agent_info.ts";
import type { Cell } from "./cell.ts";
import type { Flight, Landing } from "./flight.ts";

export interface Tenant {
  /** What its work is called in messages to users. */
  readonly noun: "attempt" | "message";
  readonly manifest: AgentManifest;
  /** The bundled module. */
  readonly code: string;
  /** What the module is told when it is loaded. */
  readonly host?: ModuleHost;
  /** Kept by the fleet: every cell that was started for this tenant and has not ended. */
  readonly cells: Set<Cell>;
  /** Gives what waits to ready cells. */
  place(): void;
  /** Cells to start beside those that are up or on their way. */
  missing(): number;
  /** Whether a cell without work is kept for longer than others, or for good. */
  keepsIdle(cell: Cell): "no" | "longer" | "always";
  onLoaded(cell: Cell, info: AgentInfo): void;
  /** What ended in one cell, as many as were read together. */
  onLandings(cell: Cell, landings: Landing[]): void;
  onReport(cell: Cell, flight: Flight, report: AttemptReport): void;
  /** A step of traced work threw. */
  onStepFailed?(flight: Flight, times: StepTimes): void;
  /** A message that the worker sends; `flight` is the work in which it does. */
  onMessage(cell: Cell, flight: Flight, item: MessageItem): void;
  /** An attempt asks for earlier solutions; left out, it is told that there are none to be had. */
  onRecall?(cell: Cell, flight: Flight, item: RecallItem): void;
  /** What concerns one activation. */
  onActorItem(cell: Cell, item: ActorItem): void;
  /** The worker spoke of work or of actors that it never had: somebody makes frames there. */
  onStrays?(cell: Cell): void;
  /** Work goes on though its verdict was told and its grace is over. */
  onOverdue(cell: Cell, flight: Flight): void;
  /** The cell holds most of the memory that it may have. Called again and again. */
  onPressure?(cell: Cell): void;
  /** The process is gone; `flights` were in it, and `error` says why. */
  onGone(cell: Cell, flights: Flight[], error: ErrorData): void;
  /** No cell can be had for it, or the code cannot be loaded: what waits must fail. */
  onUnavailable(error: ErrorData, denials: Denial[]): void;
}

/** What a module is told beside its code. */
export interface ModuleHost {
  /** JSON; `ctx.options` of actors. */
  options?: Record<string, unknown>;
  /** Its name in the system file. */
  name?: string;
  /** Actors that take only sealed messages from it, with the name of the key. */
  sealed?: Record<string, string>;
  /** Keys for end-to-end encryption, by name, newest first, in base64. */
  keys?: Record<string, string[]>;
}
