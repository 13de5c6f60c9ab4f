/**
 * Parts of the graph: around a node, a first picture, and all of it.
 *
 * @module
 */
import { Heap } from "../../core/heap.ts";
import { edgesAt, nodesAround } from "./edges.ts";
import {
  allNodes,
  capabilityNames,
  capabilityRef,
  describeNode,
  findNode,
  idOf,
  isSeen,
  nameOf,
  type NodeRef,
  type Sight,
} from "./nodes.ts";
import type { AgentEntry, TaskEntry } from "./entries.ts";
import { maySee } from "./viewer.ts";
import type { KnowledgeEdge, KnowledgeNode, KnowledgeView } from "./queries.ts";

/** Steps and nodes of a part that is asked for. */
export interface NeighbourOptions {
  /** Edges between the node and the farthest; default 1, at most 4. */
  depth?: number;
  /** Nodes, the one in the middle included; default 100, at most 2,000. */
  limit?: number;
}

const DEPTH_MAX = 4;
const LIMIT_MAX = 2_000;
/** Neighbours that are looked at, those that come again included. */
const LOOKS_MAX = 200_000;

/** The node, first, and what lies around it, nearest first; `null` when there is no such node. */
export function viewAround(
  sight: Sight,
  id: string,
  { depth = 1, limit = 100 }: NeighbourOptions,
): KnowledgeView | null {
  const middle = findNode(sight, id);
  if (middle === null) return null;
  const found = new Map<string, NodeRef>([[idOf(middle), middle]]);
  const nodesMax = clamp(limit, 1, LIMIT_MAX);
  let border = [middle];
  let looks = 0;
  for (let step = 0; step < clamp(depth, 0, DEPTH_MAX) && border.length > 0; step++) {
    const next: NodeRef[] = [];
    for (const from of border) {
      for (const ref of nodesAround(sight, from)) {
        const isFull = found.size >= nodesMax || ++looks > LOOKS_MAX;
        if (found.has(idOf(ref))) {
          if (looks > LOOKS_MAX) return viewOf(sight, found, true);
          continue;
        }
        if (isFull) return viewOf(sight, found, true);
        found.set(idOf(ref), ref);
        next.push(ref);
      }
    }
    border = next;
  }
  return viewOf(sight, found, false);
}

/** Agents and capabilities of the most attempts, and the tasks with the most of them. */
export function viewSample(sight: Sight, limit: number): KnowledgeView {
  const { agents, tasks } = sight.store;
  const nodesMax = clamp(limit, 1, LIMIT_MAX);
  const third = Math.ceil(nodesMax / 3);
  const named = [
    ...mostUsed(sight, refsOf("agent", agents.values()), third),
    ...mostUsed(sight, capabilityNames(sight).map((name) => capabilityRef(sight, name)), third),
  ].slice(0, nodesMax);
  const chosen = [
    ...named,
    ...mostUsed(sight, refsOf("task", tasks.values()), nodesMax - named.length),
  ];
  const found = new Map(chosen.map((ref) => [idOf(ref), ref]));
  return viewOf(
    sight,
    found,
    found.size < agents.size + capabilityNames(sight).length + tasks.size,
  );
}

/**
 * What is seen, sorted by id: the same facts give the same text of it. Of more than `nodesMax` nodes
 * those of the latest tasks.
 */
export function viewAll(sight: Sight, nodesMax = Infinity): KnowledgeView {
  const found = new Map<string, NodeRef>();
  let truncated = false;
  for (const ref of nodesMax === Infinity ? allNodes(sight) : latestNodes(sight)) {
    if (found.size < nodesMax) found.set(idOf(ref), ref);
    else if (!found.has(idOf(ref))) truncated = true;
    if (truncated) break;
  }
  const { nodes, edges } = viewOf(sight, found, truncated);
  return { nodes: nodes.sort(compareNodes), edges: edges.sort(compareEdges), truncated };
}

/** Agents and capabilities, then what belongs to the latest tasks; some come twice. */
function* latestNodes(sight: Sight): Generator<NodeRef> {
  for (const ref of refsOf("agent", sight.store.agents.values())) {
    if (isSeen(sight, ref)) yield ref;
  }
  for (const name of capabilityNames(sight)) yield capabilityRef(sight, name);
  const tasks = [...sight.store.tasks.values()]
    .filter(({ tenant }) => maySee(sight.viewer, tenant))
    .map((entry) => ({ entry, lastAt: entry.facts.newest()!.at }))
    .sort((a, b) => b.lastAt - a.lastAt || compareText(a.entry.hash, b.entry.hash));
  for (const { entry } of tasks) {
    yield { kind: "task", entry };
    for (const fact of entry.facts.newestFirst()) {
      if (fact.outcome !== "completed") continue;
      yield { kind: "solution", entry: fact };
      if (fact.artefact !== null) yield { kind: "artefact", entry: fact.artefact };
    }
  }
}

/** The nodes, and all edges between them. */
export function viewOf(
  sight: Sight,
  found: ReadonlyMap<string, NodeRef>,
  truncated: boolean,
): KnowledgeView {
  const refs = [...found.values()];
  return {
    nodes: refs.map((ref) => describeNode(sight, ref)),
    edges: refs.flatMap((ref) =>
      edgesAt(sight, ref).filter(({ source, target }) => found.has(source) && found.has(target))
    ),
    truncated,
  };
}

function* refsOf(kind: "agent" | "task", entries: Iterable<AgentEntry | TaskEntry>) {
  for (const entry of entries) yield { kind, entry } as NodeRef;
}

/** Those that are seen with the most attempts, then by id; the most used first. */
function mostUsed(sight: Sight, refs: Iterable<NodeRef>, count: number): NodeRef[] {
  const isLess = (a: NodeRef, b: NodeRef) =>
    usesOf(a) < usesOf(b) || (usesOf(a) === usesOf(b) && nameOf(a) > nameOf(b));
  const best = new Heap<NodeRef>(isLess);
  for (const ref of refs) {
    const isFull = best.size >= count;
    if (count <= 0 || (isFull && isLess(ref, best.peek()!)) || !isSeen(sight, ref)) continue;
    best.push(ref);
    if (isFull) best.pop();
  }
  const found: NodeRef[] = [];
  for (let ref = best.pop(); ref !== undefined; ref = best.pop()) found.unshift(ref);
  return found;
}

function usesOf(ref: NodeRef): number {
  return ref.kind === "solution" ? 1 : ref.entry.facts.size;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(Math.trunc(value), min), max);
}

function compareNodes(a: KnowledgeNode, b: KnowledgeNode): number {
  return compareText(a.id, b.id);
}

function compareEdges(a: KnowledgeEdge, b: KnowledgeEdge): number {
  return compareText(a.source, b.source) || compareText(a.target, b.target) ||
    compareText(a.kind, b.kind);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
