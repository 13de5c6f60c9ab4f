/**
 * What may be asked of the graph of solved tasks, and what it answers: plain data.
 *
 * Wherever a `tenant` is asked for: a name sees its own and what belongs to nobody; `null` sees what
 * belongs to nobody; `undefined` sees everything, which is for those who may see all tenants.
 *
 * @module
 */
import type { ReuseRecord } from "../../core/assignment.ts";
import type { Json, JsonObject } from "../../core/json.ts";

/** Who looks: see the module. */
export type Viewer = string | null | undefined;

/** What a node stands for; its id begins with it: `agent:ID`. */
export type NodeKind = "agent" | "capability" | "task" | "solution" | "artefact";

/** What an edge says of its source. */
export type EdgeKind =
  /** Agent to capability: attempts at it. */
  | "offers"
  /** Capability to a wider one. */
  | "isA"
  /** Capability to one that it is a part of. */
  | "partOf"
  /** Task to capability. */
  | "asksFor"
  /** Agent to task, with what came of it. */
  | "attempted"
  /** Task to solution. */
  | "solvedBy"
  /** Solution to agent. */
  | "madeBy"
  /** Solution to artefact. */
  | "produced"
  /** Task to solution that stood for an attempt. */
  | "reused";

/** A node of an answer. */
export interface KnowledgeNode {
  /** `agent:ID`, `capability:NAME`, `task:HASH`, `solution:RUN/TASK/INDEX/ATTEMPT`, `artefact:SHA256`. */
  id: string;
  kind: NodeKind;
  /** A few words for people; comes from agents and workflows, so never trust it as markup. */
  label: string;
  attributes: JsonObject;
}

/** An edge of an answer. */
export interface KnowledgeEdge {
  source: string;
  target: string;
  kind: EdgeKind;
  /** How many attempts or uses it stands for; 0 for what is only claimed. */
  count: number;
  /** Epoch milliseconds; `null` where nothing happened yet. */
  firstAt: number | null;
  lastAt: number | null;
  /** Of `attempted`: how many of `count` were completed and failed; the rest was nobody's fault. */
  completed?: number;
  failed?: number;
}

/** A part of the graph. */
export interface KnowledgeView {
  nodes: KnowledgeNode[];
  edges: KnowledgeEdge[];
  /** Whether there was more than the limit let in. */
  truncated: boolean;
}

/** An earlier task whose words are like those asked for. */
export interface Match {
  /** Id of its node. */
  task: string;
  text: string;
  capability: string | null;
  /** 0 to 1; 1 for the same words. */
  similarity: number;
  completed: number;
  failed: number;
  lastAt: number;
}

/** An earlier solution, and where it came from. */
export interface Recollection {
  /** Id of its node. */
  solution: string;
  text: string;
  /** `undefined` where it was too large or is no longer kept. */
  output: Json | undefined;
  /** The first 200 characters of its JSON; empty where no output is kept. */
  outputPreview: string;
  agent: string;
  capability: string | null;
  workflow: string;
  runId: string;
  task: string;
  index: number;
  /** When it was finished, in epoch milliseconds. */
  at: number;
  /** 0 to 1; 1 for the same words. */
  similarity: number;
  /** How often it stood for an attempt. */
  reused: number;
}

/** What to take an earlier result for. */
export interface ReuseQuery {
  /** Whose results count, by {@linkcode agentIdOf} and by the code that they would run now. */
  agents: readonly { id: string; codeHash: string }[];
  capability: string;
  inputHash: string;
  text: string;
  tenant: string | null;
  /** Epoch milliseconds. */
  now: number;
  maxAgeMs: number;
  /** 0 to 1; 1: the same input only. */
  minSimilarity: number;
}

/** An earlier result, and where it is taken from. */
export interface Reusable {
  output: Json;
  source: ReuseRecord;
}

/** A node that was found by its words. */
export interface SearchHit extends KnowledgeNode {
  /** Higher is better; comparable within one answer only. */
  score: number;
}

/** How much the graph holds. */
export interface KnowledgeStats {
  nodes: Record<NodeKind, number>;
  facts: number;
  /** Outputs that are kept, and their size in UTF-16 units of JSON. */
  outputs: number;
  outputChars: number;
  reuses: number;
  /** Distinct texts of tasks. */
  texts: number;
  /** End of the oldest and the newest attempt; `null` without any. */
  oldestAt: number | null;
  newestAt: number | null;
  /** Attempts that were forgotten, or came too late to be kept, since the start. */
  forgotten: number;
}

/** One result that was used again: what {@linkcode KnowledgeGraph.noteReuse} counts once. */
export interface ReuseFact extends ReuseRecord {
  /** When it was used, in epoch milliseconds. */
  at: number;
  /** The instance that it stood for. */
  by: { runId: string; task: string; index: number };
}
