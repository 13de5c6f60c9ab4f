/**
 * Given, when, then for supervision trees: actors are driven by hand, and what the tree does is a
 * transcript of short lines.
 *
 * @module
 */
import {
  completeSupervisor,
  createSupervision,
  decide,
  type Ending,
  evolve,
  type ExitReason,
  type SupervisionCommand,
  type SupervisionDecision,
  type SupervisionEvent,
  type SupervisionState,
  type SupervisorInput,
  type TreeView,
  viewTree,
  wanted,
} from "../actors/supervision/mod.ts";

/** A command without what every command carries. */
export type ShortCommand = SupervisionCommand extends infer Command
  ? Command extends SupervisionCommand ? Omit<Command, "at" | "random"> & { random?: number }
  : never
  : never;

/** A crash with a code. */
export function crash(code = "BOOM"): ExitReason {
  return { type: "crash", error: { code, message: code.toLowerCase() } };
}

/** A tree under test. `events` holds all that happened. */
export class TestTree {
  readonly spec;
  state: SupervisionState;
  readonly events: SupervisionEvent[] = [];
  at = 0;

  constructor(input: SupervisorInput) {
    this.spec = completeSupervisor(input);
    this.state = createSupervision(this.spec);
  }

  try(command: ShortCommand): SupervisionDecision {
    const decision = decide(
      { random: 0.5, ...command, at: this.at } as SupervisionCommand,
      this.state,
    );
    this.events.push(...decision.events ?? []);
    return decision;
  }

  /** Executes a command that is not refused; what came of it as a transcript. */
  when(command: ShortCommand): string[] {
    const { events, rejection } = this.try(command);
    if (rejection !== undefined) throw new Error(`${rejection.code}: ${rejection.message}`);
    return transcriptOf(events);
  }

  /** Starts the tree; all actors start well. */
  start(): string[] {
    return [...this.when({ type: "Start" }), ...this.settle()];
  }

  /** Every actor that is to start or to stop does so at once, until nothing is left to do. */
  settle(): string[] {
    const lines: string[] = [];
    for (let [effect] = this.effects; effect !== undefined; [effect] = this.effects) {
      lines.push(...effect.type === "start" ? this.started(effect.id) : this.exited(effect.id));
    }
    return lines;
  }

  started(id: string): string[] {
    return this.when({ type: "ReportStarted", id, incarnation: this.incarnationOf(id) });
  }

  startFails(id: string, code = "BOOM"): string[] {
    const error = { code, message: code.toLowerCase() };
    return this.when({
      type: "ReportStartFailed",
      id,
      incarnation: this.incarnationOf(id),
      error,
    });
  }

  exited(id: string, reason: ExitReason = { type: "shutdown" }): string[] {
    return this.when({
      type: "ReportExited",
      id,
      incarnation: this.incarnationOf(id),
      reason,
    });
  }

  crashed(id: string, code?: string): string[] {
    return this.exited(id, crash(code));
  }

  /** Time passes, then timers fire. */
  pass(ms: number): string[] {
    this.at += ms;
    return this.when({ type: "FireTimers" });
  }

  get effects() {
    return wanted(this.state).effects;
  }

  get ending(): Ending | null {
    return this.state.ending;
  }

  /** Statuses by id. */
  get statuses(): Record<string, string> {
    return Object.fromEntries(nodesOf(viewTree(this.state)).map(({ id, status }) => [id, status]));
  }

  incarnationOf(id: string): number {
    return this.state.nodes.get(id)!.incarnation;
  }

  /** The state that the events alone make. */
  refold(): SupervisionState {
    return this.events.reduce(evolve, createSupervision(this.spec));
  }
}

/** A view and all views below it. */
export function nodesOf(view: TreeView): TreeView[] {
  return [view, ...view.children.flatMap(nodesOf)];
}

/** One short line for each event. */
export function transcriptOf(events: readonly SupervisionEvent[]): string[] {
  return events.map(lineOf);
}

function lineOf(event: SupervisionEvent): string {
  const { id } = event;
  switch (event.type) {
    case "SupervisorStarting":
    case "ChildStarting":
      return `start ${id}`;
    case "SupervisorStarted":
    case "ChildStarted":
      return `${id} runs`;
    case "ChildStartFailed":
      return `${id} does not start: ${event.error.code}`;
    case "ChildExited":
      return `${id} exits: ${reasonOf(event.reason)}`;
    case "ChildEnded":
      return `leave ${id}`;
    case "ChildStopping":
      return `stop ${id}${event.killAt === null ? "" : `, kill after ${event.killAt - event.at}`}`;
    case "ChildStopped":
      return `${id} is down`;
    case "RestartScheduled": {
      const delayMs = event.restartAt - event.at;
      return `restart ${event.members.join(" ")}${delayMs > 0 ? ` after ${delayMs}` : ""}`;
    }
    case "SupervisorStopping":
      return `${id} gives up: ${event.child}, ${event.error.code}`;
    case "TerminationRequested":
      return `terminate ${id}`;
    case "StartRequested":
      return `asked to start ${id}`;
    case "ChildAdded":
      return `add ${id} to ${event.supervisor}`;
    case "ChildDeleted":
      return `delete ${id}`;
    case "TreeEnded":
      return `${id} ended: ${event.ending.type}`;
  }
}

function reasonOf(reason: ExitReason): string {
  return reason.type === "crash" ? reason.error.code : reason.type;
}

/** Events that a random history must have led to, or it has shown nothing of them. */
export const EVENTS_TO_SEE: readonly string[] = [
  "ChildAdded",
  "ChildDeleted",
  "ChildEnded",
  "ChildExited",
  "ChildStartFailed",
  "ChildStopped",
  "RestartScheduled",
  "StartRequested",
  "SupervisorStopping",
  "TerminationRequested",
  "TreeEnded",
];
