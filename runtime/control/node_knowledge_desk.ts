import { setTimeout as sleep } from "node:timers/promises";
import {
  exportGraph,
  type KnowledgeEdge,
  type KnowledgeGraph,
  type KnowledgeNode,
  type KnowledgeView,
  type NodeKind,
  type Viewer,
} from "../../actors/knowledge/mod.ts";
import { InvalidInputError } from "../../core/errors.ts";
import type { KnowledgeBase } from "../knowledge/mod.ts";
import type { KnowledgeDesk } from "./knowledge_desk.ts";
import type {
  KnowledgeEdgeView,
  KnowledgeFile,
  KnowledgeFormat,
  KnowledgeNeighbourhood,
  KnowledgePath,
  KnowledgeSearch,
  KnowledgeSize,
  KnowledgeSubgraph,
} from "./knowledge_documents.ts";

const READY_WITHIN_MS = 5_000;

const CONTENT_TYPES: Readonly<Record<KnowledgeFormat, string>> = {
  gexf: "application/gexf+xml; charset=utf-8",
  graphml: "application/graphml+xml; charset=utf-8",
  json: "application/json",
};

/** See {@linkcode KnowledgeDesk}. */
export class NodeKnowledgeDesk implements KnowledgeDesk {
  readonly #knowledge: Pick<KnowledgeBase, "graph" | "ready">;

  readonly #readyWithinMs: number;

  /** @param options `readyWithinMs`: how long it waits for journals that are read for the first time */
  constructor(
    knowledge: Pick<KnowledgeBase, "graph" | "ready">,
    { readyWithinMs = READY_WITHIN_MS }: { readyWithinMs?: number } = {},
  ) {
    this.#knowledge = knowledge;
    this.#readyWithinMs = readyWithinMs;
  }

  async stats(tenant: string | null): Promise<KnowledgeSize> {
    const graph = await this.#read();
    const { oldestAt, newestAt, ...counts } = graph.stats({ tenant: viewerOf(tenant) });
    return { ...counts, oldestAt: instant(oldestAt), newestAt: instant(newestAt) };
  }

  async search(
    tenant: string | null,
    query: { q: string; kind?: NodeKind; capability?: string; limit: number },
  ): Promise<KnowledgeSearch> {
    const { q, kind, ...options } = query;
    const kinds = kind === undefined ? undefined : [kind];
    const graph = await this.#read();
    return { items: graph.search(q, { ...options, kinds, tenant: viewerOf(tenant) }) };
  }

  async node(tenant: string | null, id: string): Promise<KnowledgeNode> {
    return requireNode(await this.#read(), id, tenant);
  }

  async neighbours(
    tenant: string | null,
    id: string,
    { depth, limit }: { depth: number; limit: number },
  ): Promise<KnowledgeNeighbourhood> {
    const graph = await this.#read();
    const node = requireNode(graph, id, tenant);
    const view = graph.neighbours(id, { depth, limit, tenant: viewerOf(tenant) });
    return { node, depth, ...toSubgraph(view ?? { nodes: [node], edges: [], truncated: false }) };
  }

  async path(tenant: string | null, from: string, to: string): Promise<KnowledgePath> {
    const graph = await this.#read();
    requireNode(graph, from, tenant);
    requireNode(graph, to, tenant);
    const view = graph.path(from, to, { tenant: viewerOf(tenant) });
    const part = toSubgraph(view ?? { nodes: [], edges: [], truncated: false });
    return { from, to, hops: part.nodes.length === 0 ? null : part.nodes.length - 1, ...part };
  }

  async sample(tenant: string | null, { limit }: { limit: number }): Promise<KnowledgeSubgraph> {
    const graph = await this.#read();
    return toSubgraph(graph.sample({ limit, tenant: viewerOf(tenant) }));
  }

  async export(tenant: string | null, format: KnowledgeFormat): Promise<KnowledgeFile> {
    const graph = await this.#read();
    return {
      text: exportGraph(graph, format, { tenant: viewerOf(tenant) }),
      contentType: CONTENT_TYPES[format],
      name: `knowledge.${format}`,
    };
  }

  /** The graph as it is by now; journals that are read for the first time are waited for a little. */
  async #read(): Promise<KnowledgeGraph> {
    const ready = this.#knowledge.ready();
    ready.catch(() => {});
    const late = new AbortController();
    const patience = sleep(this.#readyWithinMs, undefined, { signal: late.signal }).catch(() => {});
    await Promise.race([ready, patience]).finally(() => late.abort());
    return this.#knowledge.graph;
  }
}

/** Whoever belongs to no tenant sees all. */
function viewerOf(tenant: string | null): Viewer {
  return tenant ?? undefined;
}

function requireNode(graph: KnowledgeGraph, id: string, tenant: string | null): KnowledgeNode {
  const node = graph.node(id, { tenant: viewerOf(tenant) });
  if (node !== null) return node;
  throw new InvalidInputError("KNOWLEDGE_NODE_NOT_FOUND", {
    message: `Found no node "${id.slice(0, 200)}" in the graph of solved tasks`,
    hint: "Search for it: deno task denizen knowledge search WORDS",
    details: { id: id.slice(0, 200) },
  });
}

function toSubgraph({ nodes, edges, truncated }: KnowledgeView): KnowledgeSubgraph {
  return { nodes, edges: edges.map(toEdge), truncated };
}

function toEdge({ firstAt, lastAt, ...edge }: KnowledgeEdge): KnowledgeEdgeView {
  return { ...edge, firstAt: instant(firstAt), lastAt: instant(lastAt) };
}

function instant(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
