/**
 * What was learnt from the journals: the graph of solved tasks and the evidence of each agent, kept
 * up to date with every partition of a store.
 *
 * @module
 */
export { FactReader, type Learnt, type RunOfFacts } from "./fact_reader.ts";
export type {
  KnowledgeBase,
  KnowledgeOptions,
  KnowledgeProgress,
  KnowledgeStores,
} from "./knowledge_base.ts";
export { openKnowledge } from "./open_knowledge.ts";
export { type StreamOptions, WorkInSlices } from "./work_in_slices.ts";
