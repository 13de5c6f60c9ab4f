import { createHash } from "node:crypto";
import { MultiDirectedGraph } from "graphology";
import { write as writeGexf } from "graphology-gexf";
import type { JsonObject } from "../../core/json.ts";
import type { KnowledgeGraph } from "./knowledge_graph.ts";
import type { KnowledgeEdge, KnowledgeNode, Viewer } from "./queries.ts";
import { writeGraphml } from "./write_graphml.ts";
import { plainXml } from "./xml_text.ts";

const NODES_MAX = 10_000;

/** Formats of a file that other programs read. */
export type GraphFormat = "gexf" | "graphml" | "json";

/** What a file says of a node or an edge. */
export interface GraphElement {
  key: string;
  source?: string;
  target?: string;
  attributes: Record<string, string | number | boolean>;
}

/**
 * The graph as the text of a file: GEXF 1.2 (Gephi), GraphML, or JSON as graphology's `import()`
 * takes it. Of an attempt's output it has the first 200 characters. It has at most `nodesMax` nodes
 * (default 10,000: viewers of graphs choke on more, and a node should not be kept busy for long):
 * agents, capabilities, and what belongs to the latest tasks.
 */
export function exportGraph(
  graph: KnowledgeGraph,
  format: GraphFormat,
  { tenant, nodesMax = NODES_MAX }: { tenant?: Viewer; nodesMax?: number } = {},
): string {
  const view = graph.toJson({ tenant, nodesMax });
  const nodes = view.nodes.map(nodeElement);
  const edges = view.edges.map(edgeElement);
  switch (format) {
    case "gexf":
      return exportGexf(nodes.map(forXml), edges.map(forXml));
    case "graphml":
      return writeGraphml(nodes.map(forXml), edges.map(forXml));
    case "json":
      return JSON.stringify({
        options: { type: "directed", multi: true, allowSelfLoops: true },
        attributes: {},
        nodes,
        edges,
      });
  }
}

function exportGexf(nodes: readonly GraphElement[], edges: readonly GraphElement[]): string {
  const graph = new MultiDirectedGraph();
  for (const { key, attributes } of nodes) graph.addNode(key, attributes);
  for (const { key, source, target, attributes } of edges) {
    graph.addEdgeWithKey(key, source!, target!, attributes);
  }
  return writeGexf(graph, { pretty: false, version: "1.2" });
}

function nodeElement({ id, kind, label, attributes }: KnowledgeNode): GraphElement {
  return { key: id, attributes: { label, kind, ...scalars(attributes) } };
}

function edgeElement({ source, target, ...of }: KnowledgeEdge): GraphElement {
  return { key: `${of.kind} ${source} ${target}`, source, target, attributes: scalars(of) };
}

/** The formats know no `null`: what is not known is left out. */
function scalars(of: JsonObject): GraphElement["attributes"] {
  return Object.fromEntries(
    Object.entries(of).filter((member): member is [string, string | number | boolean] =>
      ["string", "number", "boolean"].includes(typeof member[1])
    ),
  );
}

/** With what XML can carry only; ids that had to change stay different from each other. */
function forXml({ key, source, target, attributes }: GraphElement): GraphElement {
  const plain = Object.entries(attributes)
    .map(([name, value]) => [name, typeof value === "string" ? plainXml(value) : value] as const);
  return {
    key: xmlId(key),
    ...(source === undefined ? {} : { source: xmlId(source) }),
    ...(target === undefined ? {} : { target: xmlId(target) }),
    attributes: Object.fromEntries(plain),
  };
}

function xmlId(key: string): string {
  const plain = plainXml(key);
  if (plain === key) return key;
  return `${plain}~${createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 16)}`;
}
