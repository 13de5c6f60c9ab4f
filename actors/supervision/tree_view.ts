/**
 * A supervision tree as plain data, and as lines of text for people.
 *
 * @module
 */
import { formatDuration } from "../../core/duration.ts";
import { type DynamicSupervisor, waitingAt } from "./dynamic.ts";
import type { ExitReason } from "./events.ts";
import { addressOf, type RestartType, type Strategy } from "./specification.ts";
import {
  type NodeStatus,
  policyOf,
  type SupervisionState,
  type SupervisorNode,
  type TreeNode,
} from "./state.ts";

/** One node of a tree and all below it. Plain JSON. */
export interface TreeView {
  /** Unique in the tree: the name of a supervisor, `actor/key` of an actor. */
  id: string;
  /** `dynamic`: virtual actors of one definition. */
  kind: "supervisor" | "actor" | "dynamic";
  /** Of a supervisor. */
  strategy: Strategy | null;
  /** Of an actor: `actor://name/key`. */
  address: string | null;
  /** Whether it is restarted. */
  restart: RestartType;
  /** Where it stands. */
  status: NodeStatus;
  /** Of the instance now or last; 0 before the first. */
  incarnation: number;
  /** How often it was started again. */
  restarts: number;
  /** How it ended last; when the whole tree was stopped, before that. `at`: epoch milliseconds. */
  lastExit: { reason: ExitReason; at: number } | null;
  /** While it runs, epoch milliseconds. */
  startedAt: number | null;
  /** While it waits for its start, epoch milliseconds. */
  startAt: number | null;
  /** The child that a supervisor waits for, to start or to stop. */
  busyWith: string | null;
  /** Left to right. */
  children: TreeView[];
}

/** What a tree looks like now. */
export function viewTree(state: SupervisionState): TreeView {
  return viewNode(state.root);
}

function viewNode(node: TreeNode): TreeView {
  return {
    id: node.id,
    kind: node.kind,
    restart: node.parent === null ? "permanent" : policyOf(node).restart,
    status: node.status,
    incarnation: node.incarnation,
    restarts: Math.max(0, node.starts - 1),
    lastExit: node.lastExit,
    startedAt: node.status === "running" ? node.startedAt : null,
    startAt: node.startAt,
    ...node.kind === "actor" ? actorPart(node.spec) : supervisorPart(node),
  };
}

type KindPart = Pick<TreeView, "strategy" | "address" | "busyWith" | "children">;

function actorPart(spec: { actor: string; key: string }): KindPart {
  return { strategy: null, address: addressOf(spec), busyWith: null, children: [] };
}

function supervisorPart(node: SupervisorNode): KindPart {
  return {
    strategy: node.spec.strategy,
    address: null,
    busyWith: node.busyWith?.id ?? null,
    children: node.children.map(viewNode),
  };
}

/**
 * The virtual actors of one definition as a node to be put below a tree's root: those that wait for
 * their next activation are its children.
 */
export function viewDynamic(supervisor: DynamicSupervisor, now: number): TreeView {
  const { spec: { actor }, records } = supervisor;
  const crashes = [...records.values()].reduce((sum, record) => sum + record.crashes, 0);
  const node = { incarnation: 0, strategy: null, startedAt: null, busyWith: null } as const;
  return {
    ...node,
    id: `${actor}/*`,
    kind: "dynamic",
    address: `actor://${actor}/*`,
    restart: "permanent",
    status: "running",
    restarts: crashes,
    lastExit: null,
    startAt: null,
    children: waitingAt(supervisor, now).map((record) => ({
      ...node,
      id: `${actor}/${record.key}`,
      kind: "actor",
      address: addressOf({ actor, key: record.key }),
      restart: "permanent",
      status: "waiting",
      restarts: record.crashes,
      lastExit: { reason: record.reason, at: record.crashedAt },
      startAt: record.activateAt,
      children: [],
    })),
  };
}

/**
 * The tree as lines of text, without colours.
 *
 * @param clean makes a piece of foreign text (ids, messages of errors) harmless for a terminal
 */
export function treeLines(
  view: TreeView,
  now: number,
  clean: (text: string) => string = (text) => text,
): string[] {
  return [describe(view, now, clean), ...childLines(view, now, clean)];
}

function childLines(view: TreeView, now: number, clean: (text: string) => string): string[] {
  return view.children.flatMap((child, at) => {
    const isLast = at === view.children.length - 1;
    const [first, ...rest] = treeLines(child, now, clean);
    return [
      `${isLast ? "└─" : "├─"} ${first}`,
      ...rest.map((line) => `${isLast ? "  " : "│ "} ${line}`),
    ];
  });
}

function describe(view: TreeView, now: number, clean: (text: string) => string): string {
  const { id, kind, strategy, restart, restarts, lastExit } = view;
  const parts = [clean(id)];
  if (strategy !== null) parts.push(strategy);
  if (kind === "dynamic") parts.push("virtual actors");
  if (restart !== "permanent") parts.push(restart);
  parts.push(describeStatus(view, now, clean));
  if (restarts > 0) parts.push(`${restarts} ${restarts === 1 ? "restart" : "restarts"}`);
  if (lastExit !== null) {
    const age = formatDuration(Math.max(0, now - lastExit.at));
    parts.push(`last: ${describeExit(lastExit.reason, clean)} ${age} ago`);
  }
  return parts.join("  ");
}

function describeStatus(view: TreeView, now: number, clean: (text: string) => string): string {
  const { status, startAt, busyWith } = view;
  if (status === "waiting" && startAt !== null && startAt > now) {
    return `waiting ${formatDuration(startAt - now)}`;
  }
  return busyWith === null ? status : `${status}, waits for ${clean(busyWith)}`;
}

function describeExit(reason: ExitReason, clean: (text: string) => string): string {
  if (reason.type === "normal" || reason.error === undefined) return reason.type;
  return `${reason.error.code} ${quote(clean(reason.error.message))}`;
}

const QUOTE_MAX = 100;

/** One line, and no quotes within quotes. */
function quote(text: string): string {
  const line = text.replace(/\s+/g, " ").replaceAll('"', "'");
  return `"${line.length > QUOTE_MAX ? `${line.slice(0, QUOTE_MAX - 1)}…` : line}"`;
}
