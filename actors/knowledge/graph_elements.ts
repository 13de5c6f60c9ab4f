import type { JsonObject } from "../../core/json.ts";
import type { KnowledgeEdge, KnowledgeNode } from "./queries.ts";

/** Types of attributes, under the names that both GEXF and GraphML give them. */
export type AttributeType = "string" | "long" | "double" | "boolean";

/** What a file says of a node or an edge. */
export interface GraphElement {
  key: string;
  source?: string;
  target?: string;
  attributes: Record<string, string | number | boolean>;
}

/** Every attribute that a node of any kind may have: files declare them before the first one. */
export const NODE_ATTRIBUTES: Readonly<Record<string, AttributeType>> = {
  label: "string",
  kind: "string",
  completed: "long",
  failed: "long",
  neutral: "long",
  firstAt: "long",
  lastAt: "long",
  workflow: "string",
  task: "string",
  tenant: "string",
  runId: "string",
  index: "long",
  attempt: "long",
  agent: "string",
  capability: "string",
  text: "string",
  startedAt: "long",
  finishedAt: "long",
  costUsd: "double",
  isKept: "boolean",
  reused: "long",
  chars: "long",
  preview: "string",
  solutions: "long",
};

/** Every attribute that an edge may have. */
export const EDGE_ATTRIBUTES: Readonly<Record<string, AttributeType>> = {
  kind: "string",
  count: "long",
  firstAt: "long",
  lastAt: "long",
  completed: "long",
  failed: "long",
};

/** A node as files have it. */
export function nodeElement({ id, kind, label, attributes }: KnowledgeNode): GraphElement {
  return { key: id, attributes: { label, kind, ...scalars(attributes) } };
}

/** An edge as files have it. */
export function edgeElement({ source, target, ...of }: KnowledgeEdge): GraphElement {
  return { key: `${of.kind} ${source} ${target}`, source, target, attributes: scalars({ ...of }) };
}

/** The formats know no `null`: what is not known is left out. */
function scalars(of: JsonObject): GraphElement["attributes"] {
  return Object.fromEntries(
    Object.entries(of).filter((member): member is [string, string | number | boolean] =>
      ["string", "number", "boolean"].includes(typeof member[1])
    ),
  );
}
