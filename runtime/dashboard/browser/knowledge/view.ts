/**
 * What of the graph is on the screen, as values: each step makes another one, so that the one before
 * can be shown again.
 *
 * @module
 */
import type { KnowledgeEdge, KnowledgeNode, KnowledgePath, KnowledgeSubgraph } from "../api/mod.ts";

/** More are no picture any longer: those that came first go. */
export const NODES_MAX = 2_000;

/** A part of the graph, and where somebody is in it. */
export interface View {
  /** By id; what came last is last. */
  nodes: ReadonlyMap<string, KnowledgeNode>;
  /** By {@linkcode edgeKey}. */
  edges: ReadonlyMap<string, KnowledgeEdge>;
  /** Whose neighbours are listed. */
  centre: string | null;
  /** Whose facts are shown. */
  selected: string | null;
  /** Ids of the way that was asked for, from end to end. */
  path: readonly string[];
  /** Whether the centre has neighbours that are not shown. */
  isPartial: boolean;
}

/** Names an edge: two nodes may be linked in several ways. */
export function edgeKey({ source, kind, target }: KnowledgeEdge): string {
  return JSON.stringify([source, kind, target]);
}

/** A first view of what was found; `centre` is one of its nodes. */
export function startView(part: KnowledgeSubgraph, centre: string | null): View {
  const empty = { nodes: new Map(), edges: new Map(), path: [], isPartial: false };
  return addPart({ ...empty, centre, selected: centre }, part);
}

/** Goes on to a node, with its neighbours. */
export function expandView(view: View, part: KnowledgeSubgraph, centre: string): View {
  return addPart({ ...view, centre, selected: centre, path: [] }, part);
}

/** Shows a way between two nodes; without one, the view stays as it is. */
export function pathView(view: View, { nodes, edges, to }: KnowledgePath): View {
  if (nodes.length === 0) return view;
  const path = nodes.map(({ id }) => id);
  return addPart({ ...view, centre: to, selected: to, path }, { nodes, edges, truncated: true });
}

function addPart(view: View, part: KnowledgeSubgraph): View {
  const nodes = new Map(view.nodes);
  for (const node of part.nodes) {
    // What comes again is new again: it outlives what nobody came back to.
    nodes.delete(node.id);
    nodes.set(node.id, node);
  }
  const excess = Math.max(0, nodes.size - NODES_MAX);
  for (const id of [...nodes.keys()].slice(0, excess)) nodes.delete(id);
  const edges = new Map(view.edges);
  for (const edge of part.edges) edges.set(edgeKey(edge), edge);
  for (const [key, { source, target }] of edges) {
    if (!nodes.has(source) || !nodes.has(target)) edges.delete(key);
  }
  return { ...view, nodes, edges, isPartial: part.truncated };
}

/** A node beside another, and the edges between them. */
export interface Neighbour {
  node: KnowledgeNode;
  links: Link[];
}

/** An edge as one of its ends sees it. */
export interface Link {
  kind: string;
  isOut: boolean;
  count: number;
}

/** Neighbours of a node that are shown: by kind, then by how much they have to do with it. */
export function neighboursOf(view: View, id: string): Neighbour[] {
  const links = new Map<string, Link[]>();
  for (const { source, target, kind, count } of view.edges.values()) {
    if (source !== id && target !== id) continue;
    const isOut = source === id;
    const other = isOut ? target : source;
    const link = { kind, isOut, count };
    links.set(other, [...(links.get(other) ?? []), link]);
  }
  links.delete(id);
  return [...links]
    .map(([other, links]) => ({ node: view.nodes.get(other)!, links }))
    .sort((a, b) => compareNeighbours(a, b));
}

const KIND_ORDER = ["capability", "agent", "task", "solution", "artefact"];

function compareNeighbours(a: Neighbour, b: Neighbour): number {
  const weight = ({ links }: Neighbour) => links.reduce((sum, { count }) => sum + count, 0);
  return KIND_ORDER.indexOf(a.node.kind) - KIND_ORDER.indexOf(b.node.kind) ||
    weight(b) - weight(a) || (a.node.id < b.node.id ? -1 : 1);
}

/** Nodes to begin from: those with the most edges that are shown. */
export function largestOf(view: View, count: number): KnowledgeNode[] {
  const links = countLinks(view);
  const of = ({ id }: KnowledgeNode) => links.get(id) ?? 0;
  return [...view.nodes.values()]
    .sort((a, b) => of(b) - of(a) || (a.id < b.id ? -1 : 1))
    .slice(0, count);
}

/** Edges that are shown, by the node that they belong to. */
export function countLinks(view: View): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { source, target } of view.edges.values()) {
    counts.set(source, (counts.get(source) ?? 0) + 1);
    counts.set(target, (counts.get(target) ?? 0) + 1);
  }
  return counts;
}
