/**
 * What was learnt from the journals, for people and programs.
 *
 * @module
 */
import type { KnowledgeNode, NodeKind } from "../../actors/knowledge/mod.ts";
import type {
  KnowledgeFile,
  KnowledgeFormat,
  KnowledgeNeighbourhood,
  KnowledgePath,
  KnowledgeSearch,
  KnowledgeSize,
  KnowledgeSubgraph,
} from "./knowledge_documents.ts";

/** Options of questions that take long. */
export interface LookOptions {
  /** Aborted when nobody waits for the answer any more. */
  signal?: AbortSignal;
}

/**
 * Reads the graph of solved tasks. A tenant sees its own and what belongs to nobody; what is not for
 * it is not there. `null`: everything.
 *
 * What takes long is done in slices, so that others get on; the graph may change between two. Too
 * much of it at once is refused with an `UnavailableError` with the code `KNOWLEDGE_BUSY`.
 */
export interface KnowledgeDesk {
  stats(tenant: string | null, options?: LookOptions): Promise<KnowledgeSize>;
  /** The best first. */
  search(
    tenant: string | null,
    query: { q: string; kind?: NodeKind; capability?: string; limit: number },
  ): Promise<KnowledgeSearch>;
  /** @throws {InvalidInputError} `KNOWLEDGE_NODE_NOT_FOUND` */
  node(tenant: string | null, id: string): Promise<KnowledgeNode>;
  /**
   * @param options `depth`: edges from the node, 0 to 4; `limit`: nodes at most
   * @throws {InvalidInputError} `KNOWLEDGE_NODE_NOT_FOUND`
   */
  neighbours(
    tenant: string | null,
    id: string,
    options: LookOptions & { depth: number; limit: number },
  ): Promise<KnowledgeNeighbourhood>;
  /** @throws {InvalidInputError} `KNOWLEDGE_NODE_NOT_FOUND` */
  path(
    tenant: string | null,
    from: string,
    to: string,
    options?: LookOptions,
  ): Promise<KnowledgePath>;
  /** A part that says most of the whole: agents, capabilities, and what happened lately. */
  sample(
    tenant: string | null,
    options: LookOptions & { limit: number },
  ): Promise<KnowledgeSubgraph>;
  /** The file as it will be; nothing is read before it is opened. */
  export(tenant: string | null, format: KnowledgeFormat): Promise<KnowledgeFile>;
}
