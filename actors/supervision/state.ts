/**
 * The state of a supervision tree: what the events folded so far have made of it. Owned by whoever
 * folds: `evolve` changes it in place.
 *
 * @module
 */
import { type ErrorData, InvalidInputError } from "../../core/errors.ts";
import type { Ending, ExitReason } from "./events.ts";
import {
  type ActorChildSpec,
  addressOf,
  checkSupervisor,
  type ChildSpec,
  type SupervisorSpec,
} from "./specification.ts";

/**
 * - `stopped`: down, and stays so until it or its group is restarted;
 * - `waiting`: down, starts at `startAt`, or as soon after as its supervisor is free;
 * - `starting`, `running`;
 * - `exited`: ended on its own, its supervisor has not come to it yet;
 * - `stopping`: asked to stop; a supervisor also when it gives up.
 */
export type NodeStatus = "stopped" | "waiting" | "starting" | "running" | "exited" | "stopping";

/**
 * On whose account a child starts, which tells what a failed start leads to: the supervisor fails
 * too (`init`), another restart (`restart`), the child stays down (`operator`) or is gone (`added`).
 */
export type StartCause = "init" | "restart" | "operator" | "added";

/** What actors and supervisors of a tree have in common. */
interface NodeBase {
  readonly id: string;
  /** `null` for the root. */
  readonly parent: SupervisorNode | null;
  status: NodeStatus;
  /** Of the instance now or last; 0 before the first. */
  incarnation: number;
  /** Grows from left to right among the children of one supervisor; not without gaps. */
  readonly position: number;
  /** Times it was started. */
  starts: number;
  /** When the instance now or last had started; `null` when it had not. */
  startedAt: number | null;
  lastExit: { reason: ExitReason; at: number } | null;
  /** Failures in a row. */
  failures: number;
  /** While `waiting`. */
  startAt: number | null;
  startCause: StartCause;
  /** Is to be terminated, then to start at `startAt`, or to stay down when that is `null`. */
  doom: { startAt: number | null } | null;
  /** Its supervisor asked it to stop. */
  isAsked: boolean;
  /** While it is asked to stop; `null` for never. */
  killAt: number | null;
}

/** An actor of the tree. */
export interface ActorNode extends NodeBase {
  readonly kind: "actor";
  readonly spec: ActorChildSpec;
}

/** A supervisor of the tree. */
export interface SupervisorNode extends NodeBase {
  readonly kind: "supervisor";
  readonly spec: SupervisorSpec;
  readonly child: ChildSpec | null;
  /** 0 for the root. */
  readonly depth: number;
  /** Left to right. */
  children: TreeNode[];
  /** Children that wait for their time. */
  waiting: Set<TreeNode>;
  /** Children that are to be terminated while it lives on itself. */
  doomed: Set<TreeNode>;
  /** The child that it waits for, to start or to stop; it does nothing else meanwhile. */
  busyWith: TreeNode | null;
  /** Children that exited, in order, and are still to be dealt with. */
  exits: TreeNode[];
  /** The child that failed to start when it started itself. */
  failedToStart: TreeNode | null;
  /** When it restarted a child: those within the period. */
  restartsAt: number[];
  /** Set when it ends on its own account. */
  failure: Failure | null;
}

/** Why a supervisor ends on its own account. */
export interface Failure {
  because: "intensity" | "start_failed";
  child: string;
  error: ErrorData;
}

/** An actor or a supervisor of the tree. */
export type TreeNode = ActorNode | SupervisorNode;

/** A supervision tree and what goes on in it. */
export interface SupervisionState {
  readonly root: SupervisorNode;
  /** All nodes by id. */
  readonly nodes: Map<string, TreeNode>;
  /** Ids and addresses of the specification, with the supervisor that may use them. */
  readonly reserved: ReadonlyMap<string, string>;
  /** Supervisors with children that wait for their time. */
  readonly waiting: Set<SupervisorNode>;
  /** Actors that start or stop. */
  readonly changing: Set<ActorNode>;
  /** The last incarnation that was given out. */
  incarnations: number;
  /** Of the last event. */
  at: number;
  /** Set when the tree ended; `null` before its first start and while it lives. */
  ending: Ending | null;
}

/**
 * A tree that has not started.
 *
 * @throws {InvalidInputError} `INVALID_SUPERVISOR` when {@linkcode checkSupervisor} finds something
 */
export function createSupervision(spec: SupervisorSpec): SupervisionState {
  const [issue] = checkSupervisor(spec);
  if (issue !== undefined) {
    const { message, hint, pointer } = issue;
    throw new InvalidInputError("INVALID_SUPERVISOR", { message, hint, details: { pointer } });
  }
  const root = createSupervisor(spec.name, spec, null, null);
  const state: SupervisionState = {
    root,
    nodes: new Map(),
    reserved: new Map(reservations(spec)),
    waiting: new Set(),
    changing: new Set(),
    incarnations: 0,
    at: 0,
    ending: null,
  };
  register(state, root);
  return state;
}

function* reservations(spec: SupervisorSpec): Generator<[name: string, supervisor: string]> {
  for (const child of spec.children) {
    yield [child.id, spec.name];
    if (child.kind === "actor") yield [addressOf(child), spec.name];
    else yield* reservations(child.supervisor);
  }
}

/** A child as its specification says, down. */
export function createNode(child: ChildSpec, parent: SupervisorNode): TreeNode {
  if (child.kind === "supervisor") {
    return createSupervisor(child.id, child.supervisor, parent, child);
  }
  return { ...createBase(child.id, parent), kind: "actor", spec: child };
}

function createSupervisor(
  id: string,
  spec: SupervisorSpec,
  parent: SupervisorNode | null,
  child: ChildSpec | null,
): SupervisorNode {
  const node: SupervisorNode = {
    ...createBase(id, parent),
    kind: "supervisor",
    spec,
    child,
    depth: parent === null ? 0 : parent.depth + 1,
    children: [],
    waiting: new Set(),
    doomed: new Set(),
    failedToStart: null,
    busyWith: null,
    exits: [],
    restartsAt: [],
    failure: null,
  };
  for (const one of spec.children) node.children.push(createNode(one, node));
  return node;
}

function createBase(id: string, parent: SupervisorNode | null): NodeBase {
  return {
    id,
    parent,
    position: parent === null ? 0 : (parent.children.at(-1)?.position ?? -1) + 1,
    status: "stopped",
    incarnation: 0,
    starts: 0,
    startedAt: null,
    lastExit: null,
    failures: 0,
    startAt: null,
    startCause: "init",
    doom: null,
    isAsked: false,
    killAt: null,
  };
}

/** Makes a node and all below it known by id. */
export function register(state: SupervisionState, node: TreeNode): void {
  state.nodes.set(node.id, node);
  if (node.kind === "supervisor") { for (const child of node.children) register(state, child); }
}

/** Forgets a node and all below it. */
export function unregister(state: SupervisionState, node: TreeNode): void {
  state.nodes.delete(node.id);
  if (node.kind === "actor") state.changing.delete(node);
  else {
    state.waiting.delete(node);
    for (const child of node.children) unregister(state, child);
  }
}

/** How the node's supervisor treats it; the root is never restarted. */
export function policyOf(node: TreeNode): Pick<ChildSpec, "restart" | "shutdownMs"> {
  const spec = node.kind === "actor" ? node.spec : node.child;
  return spec ?? { restart: "temporary", shutdownMs: "infinity" };
}

/** Whether an instance of the node exists, or may exist. */
export function isAlive(node: TreeNode): boolean {
  return node.status === "starting" || node.status === "running" || node.status === "stopping";
}
