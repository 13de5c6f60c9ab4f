import assert from "node:assert/strict";
import type * as Events from "./events.ts";
import type { ExitReason, SupervisionEvent } from "./events.ts";
import {
  type ActorNode,
  createNode,
  isAlive,
  type NodeStatus,
  policyOf,
  register,
  type StartCause,
  type SupervisionState,
  type SupervisorNode,
  type TreeNode,
  unregister,
} from "./state.ts";

/** Folds one event into the state, which is changed in place and returned. Decides nothing. */
export function evolve(state: SupervisionState, event: SupervisionEvent): SupervisionState {
  state.at = Math.max(state.at, event.at);
  if (event.type === "ChildAdded") return onChildAdded(state, event);
  const node = state.nodes.get(event.id);
  assert.ok(node !== undefined, `No node "${event.id}" for ${event.type}`);
  switch (event.type) {
    case "SupervisorStarting":
      return onSupervisorStarting(state, asSupervisor(node), event);
    case "ChildStarting":
      return onChildStarting(state, node, event);
    case "ChildStarted":
    case "SupervisorStarted":
      return onStarted(state, node, event.at);
    case "ChildStartFailed":
      return onStartFailed(state, node, event);
    case "ChildExited":
      return onExited(state, node, event);
    case "ChildEnded":
      return settleDown(state, node);
    case "ChildStopping":
      return onStopping(state, node, event);
    case "ChildStopped":
      return onStopped(state, node, event);
    case "SupervisorStopping":
      return onSupervisorStopping(state, asSupervisor(node), event);
    case "RestartScheduled":
      return onRestartScheduled(state, node, event);
    case "TerminationRequested":
      return onTerminationRequested(state, node);
    case "StartRequested":
      return wait(state, node, { startAt: event.startAt, cause: "operator" });
    case "ChildDeleted":
      return remove(state, node);
    case "TreeEnded":
      return onTreeEnded(state, event);
  }
}

function asSupervisor(node: TreeNode): SupervisorNode {
  assert.ok(node.kind === "supervisor");
  return node;
}

/** The only place that changes a status: what depends on it follows. */
function become(state: SupervisionState, node: TreeNode, status: NodeStatus): void {
  const before = node.status;
  node.status = status;
  if (node.kind === "actor") noteChange(state, node);
  if (node.parent === null) return;
  const { exits } = node.parent;
  if (before === "exited") exits.splice(exits.indexOf(node), 1);
  if (status === "exited") exits.push(node);
  if (before === "waiting" || status === "waiting") noteWait(state, node, node.parent);
}

function noteWait(state: SupervisionState, node: TreeNode, parent: SupervisorNode): void {
  if (node.status === "waiting") {
    parent.waiting.add(node);
  } else {
    node.startAt = null;
    parent.waiting.delete(node);
  }
  if (parent.waiting.size > 0) state.waiting.add(parent);
  else state.waiting.delete(parent);
}

/** The only place that dooms a child, or spares it. */
function doom(node: TreeNode, wish: TreeNode["doom"]): void {
  node.doom = wish;
  if (wish === null) node.parent?.doomed.delete(node);
  else node.parent!.doomed.add(node);
}

function noteChange(state: SupervisionState, node: ActorNode): void {
  if (node.status === "starting" || node.status === "stopping") state.changing.add(node);
  else state.changing.delete(node);
}

function wait(
  state: SupervisionState,
  node: TreeNode,
  { startAt, cause }: { startAt: number; cause: StartCause },
): SupervisionState {
  become(state, node, "waiting");
  node.startAt = startAt;
  node.startCause = cause;
  return state;
}

/** A supervisor begins anew: what was added or deleted in its life before does not count. */
function onSupervisorStarting(
  state: SupervisionState,
  node: SupervisorNode,
  event: Events.SupervisorStarting,
): SupervisionState {
  const before = new Map(node.children.map((child) => [child.id, child]));
  for (const child of node.children) unregister(state, child);
  onChildStarting(state, node, event);
  state.ending = null;
  node.busyWith = null;
  node.exits = [];
  node.waiting = new Set();
  node.doomed = new Set();
  node.failedToStart = null;
  node.restartsAt = [];
  node.failure = null;
  node.children = [];
  for (const spec of node.spec.children) {
    const child = createNode(spec, node);
    node.children.push(child);
    register(state, child);
    keepHistory(child, before.get(child.id));
    wait(state, child, { startAt: event.at, cause: "init" });
  }
  return state;
}

/** People want to know what a child died of, also when its supervisor was restarted since. */
function keepHistory(node: TreeNode, before: TreeNode | undefined): void {
  if (before === undefined) return;
  node.starts = before.starts;
  node.lastExit = before.lastExit;
  if (node.kind === "actor" || before.kind === "actor") return;
  const children = new Map(before.children.map((child) => [child.id, child]));
  for (const child of node.children) keepHistory(child, children.get(child.id));
}

function onChildStarting(
  state: SupervisionState,
  node: TreeNode,
  event: { incarnation: number },
): SupervisionState {
  become(state, node, "starting");
  state.incarnations = event.incarnation;
  node.incarnation = event.incarnation;
  node.starts++;
  node.startedAt = null;
  node.isAsked = false;
  node.killAt = null;
  if (node.parent !== null) node.parent.busyWith = node;
  return state;
}

function onStarted(state: SupervisionState, node: TreeNode, at: number): SupervisionState {
  become(state, node, "running");
  node.startedAt = at;
  release(node);
  return state;
}

/** Its supervisor does not wait for it any more. */
function release(node: TreeNode): void {
  if (node.parent?.busyWith === node) node.parent.busyWith = null;
}

function onStartFailed(
  state: SupervisionState,
  node: TreeNode,
  event: Events.ChildStartFailed,
): SupervisionState {
  recordExit(node, { type: "crash", error: event.error }, event.at);
  if (node.parent!.status === "stopping" || node.doom !== null) return comeDown(state, node);
  if (node.startCause === "added") return remove(state, node);
  become(state, node, node.startCause === "restart" ? "exited" : "stopped");
  if (node.startCause === "restart") holdBack(state, node);
  if (node.startCause === "init") node.parent!.failedToStart = node;
  return state;
}

/** Those who were to start after a failed start wait for what is decided about it. */
function holdBack(state: SupervisionState, failed: TreeNode): void {
  const { spec, waiting } = failed.parent!;
  if (spec.strategy === "one_for_one") return;
  for (const child of waiting) become(state, child, "stopped");
}

function onExited(
  state: SupervisionState,
  node: TreeNode,
  event: Events.ChildExited,
): SupervisionState {
  recordExit(node, event.reason, event.at);
  if (node.parent!.status === "stopping" || node.doom !== null) return comeDown(state, node);
  become(state, node, "exited");
  return state;
}

function onStopped(
  state: SupervisionState,
  node: TreeNode,
  event: Events.ChildStopped,
): SupervisionState {
  recordExit(node, event.reason, event.at);
  return comeDown(state, node);
}

function recordExit(node: TreeNode, reason: ExitReason, at: number): void {
  node.lastExit = { reason, at };
  node.isAsked = false;
  node.killAt = null;
  release(node);
}

/** What was to be terminated is down. */
function comeDown(state: SupervisionState, node: TreeNode): SupervisionState {
  const startAt = node.doom?.startAt ?? null;
  doom(node, null);
  if (node.parent!.status === "stopping") become(state, node, "stopped");
  else if (startAt === null) return settleDown(state, node);
  else wait(state, node, { startAt, cause: "restart" });
  return state;
}

/** A child that is not restarted stays as a specification, but for a temporary one. */
function settleDown(state: SupervisionState, node: TreeNode): SupervisionState {
  if (policyOf(node).restart === "temporary") return remove(state, node);
  become(state, node, "stopped");
  return state;
}

function remove(state: SupervisionState, node: TreeNode): SupervisionState {
  become(state, node, "stopped");
  const { children } = node.parent!;
  children.splice(children.indexOf(node), 1);
  unregister(state, node);
  return state;
}

function onStopping(
  state: SupervisionState,
  node: TreeNode,
  event: Events.ChildStopping,
): SupervisionState {
  become(state, node, "stopping");
  keepDown(state, node);
  node.isAsked = true;
  node.killAt = event.killAt;
  if (node.parent !== null) node.parent.busyWith = node;
  return state;
}

/** Below a supervisor that ends nothing starts any more. */
function keepDown(state: SupervisionState, node: TreeNode): void {
  if (node.kind === "actor") return;
  for (const child of node.children) if (!isAlive(child)) become(state, child, "stopped");
}

function onSupervisorStopping(
  state: SupervisionState,
  node: SupervisorNode,
  event: Events.SupervisorStopping,
): SupervisionState {
  const { because, child, error } = event;
  become(state, node, "stopping");
  keepDown(state, node);
  node.failure = { because, child, error };
  return state;
}

function onRestartScheduled(
  state: SupervisionState,
  node: TreeNode,
  event: Events.RestartScheduled,
): SupervisionState {
  const supervisor = node.parent!;
  supervisor.restartsAt = restartsWithin(supervisor, event.at);
  supervisor.restartsAt.push(event.at);
  node.failures = event.failures;
  for (const id of event.members) scheduleMember(state, state.nodes.get(id)!, event.restartAt);
  return state;
}

/** Restarts that still count at `at`. A restart is forgotten once it is older than the period. */
export function restartsWithin(supervisor: SupervisorNode, at: number): number[] {
  const { periodMs } = supervisor.spec.intensity;
  return supervisor.restartsAt.filter((restartedAt) => restartedAt >= at - periodMs);
}

function scheduleMember(state: SupervisionState, member: TreeNode, restartAt: number): void {
  const startAt = policyOf(member).restart === "temporary" ? null : restartAt;
  if (isAlive(member)) doom(member, { startAt });
  else if (startAt === null) remove(state, member);
  else wait(state, member, { startAt, cause: "restart" });
}

function onTerminationRequested(state: SupervisionState, node: TreeNode): SupervisionState {
  if (!isAlive(node)) return settleDown(state, node);
  doom(node, { startAt: null });
  return state;
}

function onChildAdded(state: SupervisionState, event: Events.ChildAdded): SupervisionState {
  const supervisor = asSupervisor(state.nodes.get(event.supervisor)!);
  const node = createNode(event.child, supervisor);
  supervisor.children.push(node);
  register(state, node);
  return wait(state, node, { startAt: event.startAt, cause: "added" });
}

function onTreeEnded(state: SupervisionState, event: Events.TreeEnded): SupervisionState {
  const { ending } = event;
  state.root.lastExit = { reason: reasonOf(ending), at: event.at };
  state.root.isAsked = false;
  state.root.killAt = null;
  become(state, state.root, "stopped");
  state.ending = ending;
  return state;
}

function reasonOf(ending: Events.Ending): ExitReason {
  if (ending.type === "stopped") return { type: "shutdown" };
  return { type: "shutdown", error: ending.error };
}
