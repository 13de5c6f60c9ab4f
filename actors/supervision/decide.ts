/**
 * Decides what a command does to a supervision tree, as OTP's `supervisor` would
 * (https://www.erlang.org/doc/apps/stdlib/supervisor.html). Pure: time and randomness come with the
 * command.
 *
 * As in OTP a supervisor does one thing at a time: while it starts or terminates a child, exits of
 * other children queue up. Unlike OTP: a stop does not wait for a start that is going on, restarts
 * may be delayed, and a request of an operator that meets a busy supervisor is refused, not queued.
 *
 * The state is owned: the events that `decide` returns are already folded into it. A refused
 * command changes nothing.
 *
 * @module
 */
import type { ErrorData } from "../../core/errors.ts";
import { takeStep } from "./take_step.ts";
import type * as Commands from "./commands.ts";
import type { SupervisionCommand } from "./commands.ts";
import type { ExitReason, SupervisionEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { refuse, type SupervisionRejection } from "./refuse.ts";
import type { SupervisionState, SupervisorNode, TreeNode } from "./state.ts";

/** What became of a command. */
export type SupervisionDecision =
  | { events: SupervisionEvent[]; rejection?: undefined }
  | { events?: undefined; rejection: SupervisionRejection };

/** Decides on `command` and folds the outcome into `state`. */
export function decide(command: SupervisionCommand, state: SupervisionState): SupervisionDecision {
  const rejection = refuse(command, state);
  if (rejection !== null) return { rejection };
  const events: SupervisionEvent[] = [];
  const touched = new Set<SupervisorNode>();
  const emit = (event: SupervisionEvent) => {
    events.push(event);
    touch(touched, state.nodes.get(event.type === "ChildAdded" ? event.supervisor : event.id));
    evolve(state, event);
  };
  const at = Math.max(command.at, state.at);
  apply(command, { state, at, emit });
  for (const supervisor of state.waiting) touched.add(supervisor);
  const turn = { state, at, random: command.random, emit };
  for (let next = highestOf(touched); next !== null; next = highestOf(touched)) {
    if (!takeStep(next, turn)) touched.delete(next);
  }
  return { events };
}

/** Whoever is above goes first: nobody starts what is about to be stopped. */
function highestOf(supervisors: Set<SupervisorNode>): SupervisorNode | null {
  let highest: SupervisorNode | null = null;
  for (const one of supervisors) if (highest === null || one.depth < highest.depth) highest = one;
  return highest;
}

function touch(touched: Set<SupervisorNode>, node: TreeNode | undefined): void {
  if (node === undefined) return;
  if (node.kind === "supervisor") touched.add(node);
  if (node.parent !== null) touched.add(node.parent);
}

interface Application {
  state: SupervisionState;
  at: number;
  emit: (event: SupervisionEvent) => void;
}

function apply(command: SupervisionCommand, application: Application): void {
  const { state, at, emit } = application;
  switch (command.type) {
    case "Start": {
      const incarnation = state.incarnations + 1;
      return emit({ type: "SupervisorStarting", at, id: state.root.id, incarnation });
    }
    case "ReportStarted": {
      const { id, incarnation } = command;
      return emit({ type: "ChildStarted", at, id, incarnation });
    }
    case "ReportStartFailed":
      return applyEnd(command, { type: "crash", error: command.error }, application);
    case "ReportExited":
      return applyEnd(command, command.reason, application);
    case "Stop":
      return applyStop(command, application);
    case "TerminateChild":
      if (state.nodes.get(command.id)!.status === "stopped") return;
      return emit({ type: "TerminationRequested", at, id: command.id });
    case "RestartChild": {
      const startAt = operatorStartAt(state.nodes.get(command.id)!.parent!, at);
      return emit({ type: "StartRequested", at, id: command.id, startAt });
    }
    case "StartChild":
      return applyStartChild(command, application);
    case "DeleteChild":
      return emit({ type: "ChildDeleted", at, id: command.id });
    case "FireTimers":
      return;
  }
}

/** An instance is no more: what that means depends on what it was about to do. */
function applyEnd(
  { id, incarnation }: Commands.ReportExited | Commands.ReportStartFailed,
  reason: ExitReason,
  { state, at, emit }: Application,
): void {
  const { status } = state.nodes.get(id)!;
  if (status === "stopping") emit({ type: "ChildStopped", at, id, incarnation, reason });
  else if (status === "running") emit({ type: "ChildExited", at, id, incarnation, reason });
  else emit({ type: "ChildStartFailed", at, id, incarnation, error: startErrorOf(id, reason) });
}

function startErrorOf(id: string, reason: ExitReason): ErrorData {
  if (reason.type !== "normal" && reason.error !== undefined) return reason.error;
  return { code: "CRASHED", message: `Cannot start "${id}": it ended before it had started` };
}

function applyStop(command: Commands.Stop, { state, at, emit }: Application): void {
  const { id, incarnation, isAsked, killAt: before } = state.root;
  const wish = command.shutdownMs === undefined ? null : at + command.shutdownMs;
  const killAt = wish === null || (before !== null && before < wish) ? before : wish;
  if (isAsked && killAt === before) return;
  emit({ type: "ChildStopping", at, id, incarnation, killAt });
}

function applyStartChild(command: Commands.StartChild, { state, at, emit }: Application): void {
  const { supervisor, child } = command;
  const node = state.nodes.get(supervisor) as SupervisorNode;
  const startAt = operatorStartAt(node, at);
  emit({ type: "ChildAdded", at, id: child.id, supervisor, child, startAt });
}

/** Nobody overtakes a group that waits for its restart. */
function operatorStartAt(supervisor: SupervisorNode, at: number): number {
  if (supervisor.spec.strategy === "one_for_one") return at;
  return Math.max(at, ...[...supervisor.waiting].map(({ startAt }) => startAt!));
}
