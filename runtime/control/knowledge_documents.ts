/**
 * The graph of solved tasks as the control plane hands it out. Instants are ISO 8601.
 *
 * @module
 */
import type { EdgeKind, KnowledgeNode, NodeKind, SearchHit } from "../../actors/knowledge/mod.ts";

/** Formats that the graph is exported in. */
export type KnowledgeFormat = "gexf" | "graphml" | "json";

/** An edge of an answer. */
export interface KnowledgeEdgeView {
  source: string;
  target: string;
  kind: EdgeKind;
  /** How many attempts or uses it stands for; 0 for what is only claimed. */
  count: number;
  /** `null` where nothing happened yet. */
  firstAt: string | null;
  lastAt: string | null;
  /** Of `attempted`: how many of `count` were completed and failed; the rest was nobody's fault. */
  completed?: number;
  failed?: number;
}

/** A part of the graph. */
export interface KnowledgeSubgraph {
  nodes: KnowledgeNode[];
  edges: KnowledgeEdgeView[];
  /** Whether there is more than was asked for. */
  truncated: boolean;
}

/** A node with what lies around it: the node itself is the first of `nodes`. */
export interface KnowledgeNeighbourhood extends KnowledgeSubgraph {
  node: KnowledgeNode;
  depth: number;
}

/** A shortest way between two nodes; `truncated`: it would take too long to find. */
export interface KnowledgePath extends KnowledgeSubgraph {
  from: string;
  to: string;
  /** Edges that it has; `null`: there is no way. */
  hops: number | null;
}

/** What a search found. */
export interface KnowledgeSearch {
  /** The best first. */
  items: SearchHit[];
}

/** How large the graph is. */
export interface KnowledgeSize {
  nodes: Record<NodeKind, number>;
  /** Attempts that it is made of. */
  facts: number;
  /** Outputs that are kept, and their size in UTF-16 units of JSON. */
  outputs: number;
  outputChars: number;
  /** Results that were used again. */
  reuses: number;
  /** Distinct texts of tasks. */
  texts: number;
  /** Attempts that were forgotten since the start of the node. */
  forgotten: number;
  /** End of the oldest and the newest attempt; `null` without any. */
  oldestAt: string | null;
  newestAt: string | null;
}

/** A graph as a file that is written while it is read. */
export interface KnowledgeFile {
  contentType: string;
  /** Such as `knowledge.gexf`. */
  name: string;
  /** As long as it is the same, so is the file, as this node writes it for this tenant. */
  version: string;
  /**
   * Its text in UTF-8. Whoever does not read on for 30 s is cut off.
   *
   * @throws {UnavailableError} `KNOWLEDGE_BUSY`
   */
  open(): ReadableStream<Uint8Array>;
}
