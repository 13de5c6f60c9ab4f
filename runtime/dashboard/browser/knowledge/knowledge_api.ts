/**
 * What the explorer asks of the node. It gets what is near, never the whole.
 *
 * @module
 */
import {
  API,
  api,
  type KnowledgeHits,
  type KnowledgeKind,
  type KnowledgeNeighbourhood,
  type KnowledgePath,
  type KnowledgeStats,
  type KnowledgeSubgraph,
} from "../api/mod.ts";

const SAMPLE_MAX = 150;
const FOUND_MAX = 30;

export function loadStats(signal: AbortSignal): Promise<KnowledgeStats> {
  return api.get("/knowledge", { signal });
}

/** Something to begin with. */
export function loadSample(signal?: AbortSignal): Promise<KnowledgeSubgraph> {
  return api.get("/knowledge/sample", { query: { limit: SAMPLE_MAX }, signal });
}

/** A node and those that it is linked with, `limit` of them at most. */
export function loadNeighbourhood(
  id: string,
  limit: number,
  signal?: AbortSignal,
): Promise<KnowledgeNeighbourhood> {
  return api.get("/knowledge/node", { query: { id, depth: 1, limit }, signal });
}

export function loadPath(from: string, to: string, signal?: AbortSignal): Promise<KnowledgePath> {
  return api.get("/knowledge/path", { query: { from, to }, signal });
}

export function searchNodes(
  text: string,
  kind: KnowledgeKind | "",
  signal: AbortSignal,
): Promise<KnowledgeHits> {
  return api.get("/knowledge/search", { query: { q: text, kind, limit: FOUND_MAX }, signal });
}

/** Where the whole graph is to be had in a format. */
export function exportUrl(format: "gexf" | "graphml" | "json"): string {
  return `${API}/knowledge/export?format=${format}`;
}
