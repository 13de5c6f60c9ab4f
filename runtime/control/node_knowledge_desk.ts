import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  exportInSteps,
  type KnowledgeEdge,
  type KnowledgeGraph,
  type KnowledgeNode,
  type KnowledgeView,
  type NodeKind,
  type Steps,
  type Viewer,
} from "../../actors/knowledge/mod.ts";
import { InvalidInputError, UnavailableError } from "../../core/errors.ts";
import { type KnowledgeBase, WorkInSlices } from "../knowledge/mod.ts";
import type { KnowledgeDesk, LookOptions } from "./knowledge_desk.ts";
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
import { type PlaceLimits, Places } from "./places.ts";

const READY_WITHIN_MS = 5_000;

/** A client may take its time over a file. */
const EXPORTS: PlaceLimits = { max: 4, ofTenantMax: 2 };
/** Other questions that take long. */
const LOOKS: PlaceLimits = { max: 16, ofTenantMax: 8 };

const CONTENT_TYPES: Readonly<Record<KnowledgeFormat, string>> = {
  gexf: "application/gexf+xml; charset=utf-8",
  graphml: "application/graphml+xml; charset=utf-8",
  json: "application/json",
};

/** See {@linkcode KnowledgeDesk}. */
export class NodeKnowledgeDesk implements KnowledgeDesk {
  readonly #knowledge: Pick<KnowledgeBase, "graph" | "ready">;

  readonly #readyWithinMs: number;
  readonly #slices = new WorkInSlices();
  readonly #exports = new Places(EXPORTS);
  readonly #looks = new Places(LOOKS);
  /** Versions count from the start of this process. */
  readonly #id = crypto.randomUUID();

  /** @param options `readyWithinMs`: how long it waits for journals that are read for the first time */
  constructor(
    knowledge: Pick<KnowledgeBase, "graph" | "ready">,
    { readyWithinMs = READY_WITHIN_MS }: { readyWithinMs?: number } = {},
  ) {
    this.#knowledge = knowledge;
    this.#readyWithinMs = readyWithinMs;
  }

  async stats(tenant: string | null, options: LookOptions = {}): Promise<KnowledgeSize> {
    const graph = await this.#read();
    const viewer = { tenant: viewerOf(tenant) };
    const { oldestAt, newestAt, ...counts } = await this.#look(
      graph.inSteps.stats(viewer),
      tenant,
      options,
    );
    return { ...counts, oldestAt: instant(oldestAt), newestAt: instant(newestAt) };
  }

  async search(
    tenant: string | null,
    query: { q: string; kind?: NodeKind; capability?: string; limit: number },
  ): Promise<KnowledgeSearch> {
    const { q, kind, ...options } = query;
    const kinds = kind === undefined ? undefined : [kind];
    const graph = await this.#read();
    await this.#slices.finish(graph.inSteps.prepareTexts());
    return { items: graph.search(q, { ...options, kinds, tenant: viewerOf(tenant) }) };
  }

  async node(tenant: string | null, id: string): Promise<KnowledgeNode> {
    return requireNode(await this.#read(), id, tenant);
  }

  async neighbours(
    tenant: string | null,
    id: string,
    { depth, limit, signal }: LookOptions & { depth: number; limit: number },
  ): Promise<KnowledgeNeighbourhood> {
    const graph = await this.#read();
    const node = requireNode(graph, id, tenant);
    const around = graph.inSteps.neighbours(id, { depth, limit, tenant: viewerOf(tenant) });
    const view = await this.#look(around, tenant, { signal });
    return { node, depth, ...toSubgraph(view ?? { nodes: [node], edges: [], truncated: false }) };
  }

  async path(
    tenant: string | null,
    from: string,
    to: string,
    options: LookOptions = {},
  ): Promise<KnowledgePath> {
    const graph = await this.#read();
    requireNode(graph, from, tenant);
    requireNode(graph, to, tenant);
    const way = graph.inSteps.path(from, to, { tenant: viewerOf(tenant) });
    const view = await this.#look(way, tenant, options);
    const part = toSubgraph(view ?? { nodes: [], edges: [], truncated: false });
    return { from, to, hops: part.nodes.length === 0 ? null : part.nodes.length - 1, ...part };
  }

  async sample(
    tenant: string | null,
    { limit, signal }: LookOptions & { limit: number },
  ): Promise<KnowledgeSubgraph> {
    const graph = await this.#read();
    const sample = graph.inSteps.sample({ limit, tenant: viewerOf(tenant) });
    return toSubgraph(await this.#look(sample, tenant, { signal }));
  }

  async export(tenant: string | null, format: KnowledgeFormat): Promise<KnowledgeFile> {
    const graph = await this.#read();
    return {
      contentType: CONTENT_TYPES[format],
      name: `knowledge.${format}`,
      version: versionOf([this.#id, graph.revision, tenant, format]),
      open: () => {
        const onEnd = this.#exports.take(tenant);
        const pieces = exportInSteps(graph, format, { tenant: viewerOf(tenant) });
        return this.#slices.stream(pieces, { onEnd });
      },
    };
  }

  /** Answers in slices, with a place of its own. */
  async #look<Answer>(
    work: Steps<Answer>,
    tenant: string | null,
    options: LookOptions,
  ): Promise<Answer> {
    const leave = this.#looks.take(tenant);
    try {
      return await this.#slices.finish(work, options);
    } catch (error) {
      throw options.signal?.aborted === true ? clientLeft() : error;
    } finally {
      leave();
    }
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

function clientLeft(): UnavailableError {
  return new UnavailableError("CLIENT_LEFT", {
    message: "Stopped to look for an answer that nobody waits for",
    hint: "Ask again, and wait for the answer",
  });
}

function versionOf(of: readonly (string | number | null)[]): string {
  return createHash("sha256").update(JSON.stringify(of)).digest("hex").slice(0, 32);
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
