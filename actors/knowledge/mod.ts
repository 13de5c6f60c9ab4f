/**
 * The graph of solved tasks: who did what, how it went, what came of it, and what is like it.
 *
 * @module
 */
export {
  type CapabilityEdge,
  type CapabilityEdges,
  capabilityEdgesOf,
  CapabilityTree,
  findCapabilityLoop,
  type Kin,
} from "./capability_tree.ts";
export { KNOWLEDGE_LIMITS, type KnowledgeLimits } from "./limits.ts";
export type * from "./queries.ts";
export { KnowledgeGraph } from "./knowledge_graph.ts";
export type { RecallOptions } from "./recall.ts";
export type { SearchOptions } from "./search_nodes.ts";
export type { AlikeOptions, AlikeText, TextSimilarity } from "./text_similarity.ts";
export type { NeighbourOptions } from "./views.ts";
export { WordSimilarity, wordsOf } from "./word_similarity.ts";
export {
  exportGraph,
  exportInSteps,
  type ExportOptions,
  type GraphFormat,
} from "./export_graph.ts";
export { finish, type Steps } from "./steps.ts";
export type { SteppedGraph } from "./stepped_graph.ts";
