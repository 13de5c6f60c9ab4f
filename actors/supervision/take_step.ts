/**
 * What a supervisor does next, once it is free. One step at a time, because each depends on what
 * the one before led to.
 *
 * @module
 */
import type { ErrorData } from "../../core/errors.ts";
import type { ExitReason, SupervisionEvent } from "./events.ts";
import { restartsWithin } from "./evolve.ts";
import { failuresInARow, restartDelayMs } from "./restart_delay.ts";
import type { RestartType } from "./specification.ts";
import {
  isAlive,
  policyOf,
  type SupervisionState,
  type SupervisorNode,
  type TreeNode,
} from "./state.ts";

/** What a step may use. */
export interface Turn {
  state: SupervisionState;
  at: number;
  random: number;
  emit: (event: SupervisionEvent) => void;
}

/** Takes the next step that the supervisor can take without waiting; `false` when there is none. */
export function takeStep(supervisor: SupervisorNode, turn: Turn): boolean {
  if (!isFree(supervisor)) return false;
  if (supervisor.status === "stopping") return stopNext(supervisor, turn);
  if (supervisor.failedToStart !== null) return failToStart(supervisor, turn);
  const doomed = lastOf(supervisor.doomed);
  if (doomed !== null) return stop(doomed, turn);
  const due = firstDue(supervisor.waiting, turn.at);
  if (due !== null) return start(due, turn);
  if (supervisor.status === "starting") return emitStarted(supervisor, turn);
  const [exited] = supervisor.exits;
  return exited !== undefined && handleExit(supervisor, exited, turn);
}

/** A supervisor waits for one child at a time, but when it stops it does not wait for starts. */
function isFree({ status, busyWith }: SupervisorNode): boolean {
  if (status === "stopping") return busyWith === null || !busyWith.isAsked;
  return busyWith === null && (status === "starting" || status === "running");
}

/** Right to left, one at a time. */
function stopNext(supervisor: SupervisorNode, turn: Turn): boolean {
  const last = supervisor.children.findLast(isAlive);
  if (last === undefined) end(supervisor, turn);
  else stop(last, turn);
  return true;
}

/** The rightmost. */
function lastOf(children: ReadonlySet<TreeNode>): TreeNode | null {
  let last: TreeNode | null = null;
  for (const child of children) if (last === null || child.position > last.position) last = child;
  return last;
}

/** The leftmost whose time has come. */
function firstDue(children: ReadonlySet<TreeNode>, at: number): TreeNode | null {
  let first: TreeNode | null = null;
  for (const child of children) {
    if (child.startAt! > at) continue;
    if (first === null || child.position < first.position) first = child;
  }
  return first;
}

/** A supervisor whose child does not start does not start either. */
function failToStart({ id, failedToStart }: SupervisorNode, { at, emit }: Turn): boolean {
  const child = failedToStart!.id;
  const { reason } = failedToStart!.lastExit!;
  const error = reason.type === "crash" ? reason.error : startError(child);
  emit({ type: "SupervisorStopping", at, id, because: "start_failed", child, error });
  return true;
}

function startError(id: string): ErrorData {
  return { code: "CRASHED", message: `Cannot start "${id}"` };
}

function start({ id, kind }: TreeNode, { state, at, emit }: Turn): boolean {
  const type = kind === "actor" ? "ChildStarting" : "SupervisorStarting";
  emit({ type, at, id, incarnation: state.incarnations + 1 });
  return true;
}

function emitStarted({ id, incarnation }: SupervisorNode, { at, emit }: Turn): boolean {
  emit({ type: "SupervisorStarted", at, id, incarnation });
  return true;
}

function stop(node: TreeNode, { at, emit }: Turn): boolean {
  const { shutdownMs } = policyOf(node);
  const killAt = shutdownMs === "infinity" ? null : at + (shutdownMs === "kill" ? 0 : shutdownMs);
  emit({ type: "ChildStopping", at, id: node.id, incarnation: node.incarnation, killAt });
  return true;
}

/** All below the supervisor is down: tell whoever is above it. */
function end(supervisor: SupervisorNode, { at, emit }: Turn): void {
  const { id, incarnation, failure, isAsked, parent } = supervisor;
  if (parent === null) {
    const ending = failure === null
      ? { type: "stopped" as const, at }
      : { type: FAILED_ENDINGS[failure.because], at, child: failure.child, error: failure.error };
    return emit({ type: "TreeEnded", at, id, ending });
  }
  if (isAsked) {
    return emit({ type: "ChildStopped", at, id, incarnation, reason: { type: "shutdown" } });
  }
  const { because, error } = failure!;
  if (because === "start_failed") {
    return emit({ type: "ChildStartFailed", at, id, incarnation, error });
  }
  const reason: ExitReason = { type: "shutdown", error };
  emit({ type: "ChildExited", at, id, incarnation, reason });
}

const FAILED_ENDINGS = { intensity: "gave_up", start_failed: "start_failed" } as const;

function handleExit(supervisor: SupervisorNode, child: TreeNode, turn: Turn): boolean {
  const { id, incarnation } = child;
  const { at, emit } = turn;
  if (!mustRestart(child)) {
    emit({ type: "ChildEnded", at, id, incarnation });
  } else if (restartsWithin(supervisor, at).length >= supervisor.spec.intensity.restarts) {
    giveUp(supervisor, child, turn);
  } else {
    scheduleRestart(supervisor, child, turn);
  }
  return true;
}

/** A failed start is a crash. */
function mustRestart(child: TreeNode): boolean {
  const restart: RestartType = policyOf(child).restart;
  if (restart === "permanent") return true;
  if (restart === "temporary") return false;
  return child.lastExit!.reason.type === "crash";
}

/** One restart too many: the problem is not in the child, so whoever is above has to act. */
function giveUp({ id, spec }: SupervisorNode, child: TreeNode, { at, emit }: Turn): void {
  const { restarts, periodMs } = spec.intensity;
  const limit = `more than ${restarts} ${
    restarts === 1 ? "restart" : "restarts"
  } in ${periodMs} ms`;
  const { reason } = child.lastExit!;
  const error: ErrorData = {
    code: "RESTART_INTENSITY",
    message: `Cannot keep "${child.id}" running: ${limit}`,
    details: {
      child: child.id,
      ...reason.type !== "normal" && reason.error !== undefined
        ? { code: reason.error.code, message: reason.error.message }
        : {},
    },
  };
  emit({ type: "SupervisorStopping", at, id, because: "intensity", child: child.id, error });
}

function scheduleRestart(supervisor: SupervisorNode, child: TreeNode, turn: Turn): void {
  const { at, random, emit } = turn;
  const { delay, intensity } = supervisor.spec;
  const ranMs = child.startedAt === null ? null : child.lastExit!.at - child.startedAt;
  const failures = failuresInARow(child.failures, ranMs, intensity.periodMs);
  const members = membersOf(supervisor, child);
  // A member that waits for its own restart is not started before its time.
  const restartAt = Math.max(
    at + restartDelayMs(delay, failures, random),
    ...members.map(({ startAt }) => startAt ?? at),
  );
  const ids = members.map(({ id }) => id);
  emit({ type: "RestartScheduled", at, id: child.id, members: ids, restartAt, failures });
}

/** The children that are restarted with `child`, left to right. */
function membersOf({ spec, children }: SupervisorNode, child: TreeNode): TreeNode[] {
  switch (spec.strategy) {
    case "one_for_one":
      return [child];
    case "one_for_all":
      return [...children];
    case "rest_for_one":
      return children.slice(children.indexOf(child));
  }
}
