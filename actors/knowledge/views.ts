/**
 * Parts of the graph: around a node, a first picture, and all of it.
 *
 * @module
 */
import { Heap } from "../../core/heap.ts";
import { edgesBetween, nodesAround } from "./edges.ts";
import type { AgentEntry, TaskEntry } from "./entries.ts";
import {
  capabilityNames,
  capabilityRef,
  describeNode,
  findNode,
  idOf,
  isSeen,
  isThere,
  nameOf,
  type NodeRef,
  type Sight,
} from "./nodes.ts";
import type { KnowledgeEdge, KnowledgeNode, KnowledgeView } from "./queries.ts";
import { ITEMS_A_STEP, paced, sorted, type Steps } from "./steps.ts";
import { isNode, walkGraph } from "./walk_graph.ts";

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
export function* viewAround(
  sight: Sight,
  id: string,
  { depth = 1, limit = 100 }: NeighbourOptions,
): Steps<KnowledgeView | null> {
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
        if (looks % ITEMS_A_STEP === 0) yield;
        const isFull = ++looks > LOOKS_MAX || found.size >= nodesMax;
        if (found.has(idOf(ref))) {
          if (looks > LOOKS_MAX) return yield* viewOf(sight, found, true);
          continue;
        }
        if (isFull) return yield* viewOf(sight, found, true);
        found.set(idOf(ref), ref);
        next.push(ref);
      }
    }
    border = next;
  }
  return yield* viewOf(sight, found, false);
}

/** Agents and capabilities of the most attempts, and the tasks with the most of them. */
export function* viewSample(sight: Sight, limit: number): Steps<KnowledgeView> {
  const { agents, tasks } = sight.store;
  const nodesMax = clamp(limit, 1, LIMIT_MAX);
  const third = Math.ceil(nodesMax / 3);
  const names = capabilityNames(sight);
  const capabilities = names.map((name) => capabilityRef(sight, name));
  const named = [
    ...yield* mostUsed(sight, refsOf("agent", agents.values()), third),
    ...yield* mostUsed(sight, capabilities, third),
  ].slice(0, nodesMax);
  const chosen = [
    ...named,
    ...yield* mostUsed(sight, refsOf("task", tasks.values()), nodesMax - named.length),
  ];
  const found = new Map(chosen.map((ref) => [idOf(ref), ref]));
  return yield* viewOf(sight, found, found.size < agents.size + names.length + tasks.size);
}

/** What is seen, sorted by id: see {@linkcode walkGraph}. */
export function* viewAll(sight: Sight, nodesMax = Infinity): Steps<KnowledgeView> {
  const nodes: KnowledgeNode[] = [];
  const edges: KnowledgeEdge[] = [];
  const walk = walkGraph(sight, nodesMax);
  for (let next = walk.next();; next = walk.next()) {
    if (next.done === true) {
      return { nodes, edges: yield* sorted(edges, compareEdges), truncated: next.value };
    }
    if (next.value === undefined) yield;
    else if (isNode(next.value)) nodes.push(next.value);
    else edges.push(next.value);
  }
}

/** The nodes, and all edges between them; without what is there no more. */
export function* viewOf(
  sight: Sight,
  found: ReadonlyMap<string, NodeRef>,
  truncated: boolean,
): Steps<KnowledgeView> {
  const view: KnowledgeView = { nodes: [], edges: [], truncated };
  const described = new Set<string>();
  for (const [id, ref] of found) {
    if (!isThere(ref)) continue;
    described.add(id);
    view.nodes.push(describeNode(sight, ref));
    yield;
  }
  for (const [id, ref] of found) {
    if (described.has(id)) view.edges.push(...yield* edgesBetween(sight, ref, described));
    yield;
  }
  return view;
}

function* refsOf(kind: "agent" | "task", entries: Iterable<AgentEntry | TaskEntry>) {
  for (const entry of entries) yield { kind, entry } as NodeRef;
}

/** Those that are seen with the most attempts, then by id; the most used first. */
function* mostUsed(sight: Sight, refs: Iterable<NodeRef>, count: number): Steps<NodeRef[]> {
  const isLess = (a: NodeRef, b: NodeRef) =>
    usesOf(a) < usesOf(b) || (usesOf(a) === usesOf(b) && nameOf(a) > nameOf(b));
  const best = new Heap<NodeRef>(isLess);
  yield* paced(refs, (ref) => {
    const isFull = best.size >= count;
    if (count <= 0 || (isFull && isLess(ref, best.peek()!)) || !isSeen(sight, ref)) return;
    best.push(ref);
    if (isFull) best.pop();
  });
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

function compareEdges(a: KnowledgeEdge, b: KnowledgeEdge): number {
  return compareText(a.source, b.source) || compareText(a.target, b.target) ||
    compareText(a.kind, b.kind);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
