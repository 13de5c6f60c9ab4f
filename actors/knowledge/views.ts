/**
 * Parts of the graph: around a node, a first picture, and all of it.
 *
 * @module
 */
import { edgesAt, nodesAround } from "./edges.ts";
import {
  allNodes,
  capabilityNames,
  capabilityRef,
  describeNode,
  findNode,
  idOf,
  isSeen,
  type NodeRef,
  type Sight,
} from "./nodes.ts";
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

/** Agents and capabilities of the most attempts, and the tasks with the most attempts and uses. */
export function viewSample(sight: Sight, limit: number): KnowledgeView {
  const nodesMax = clamp(limit, 1, LIMIT_MAX);
  const third = Math.ceil(nodesMax / 3);
  const agents: NodeRef[] = [...sight.store.agents.values()]
    .map((entry) => ({ kind: "agent", entry } as const))
    .filter((ref) => isSeen(sight, ref));
  const capabilities = capabilityNames(sight).map((name) => capabilityRef(sight, name));
  const named = [...mostUsed(agents, third), ...mostUsed(capabilities, third)].slice(0, nodesMax);
  const tasks: NodeRef[] = [...sight.store.tasks.values()]
    .map((entry) => ({ kind: "task", entry } as const))
    .filter((ref) => isSeen(sight, ref));
  const chosen = [...named, ...mostUsed(tasks, nodesMax - named.length)];
  const found = new Map(chosen.map((ref) => [idOf(ref), ref]));
  return viewOf(sight, found, found.size < agents.length + capabilities.length + tasks.length);
}

/** All that is seen, sorted by id: the same facts give the same text of it. */
export function viewAll(sight: Sight): KnowledgeView {
  const found = new Map<string, NodeRef>();
  for (const ref of allNodes(sight)) found.set(idOf(ref), ref);
  const { nodes, edges } = viewOf(sight, found, false);
  return { nodes: nodes.sort(compareNodes), edges: edges.sort(compareEdges), truncated: false };
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

function mostUsed(refs: readonly NodeRef[], count: number): NodeRef[] {
  return refs.map((ref) => ({ ref, id: idOf(ref), uses: usesOf(ref) }))
    .sort((a, b) => b.uses - a.uses || (a.id < b.id ? -1 : 1))
    .slice(0, Math.max(count, 0))
    .map(({ ref }) => ref);
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
