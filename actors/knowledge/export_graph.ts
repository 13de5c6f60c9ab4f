import { edgeElement, type GraphElement, nodeElement } from "./graph_elements.ts";
import type { GraphWriter } from "./graph_writer.ts";
import { GEXF } from "./gexf_writer.ts";
import { GRAPHML } from "./graphml_writer.ts";
import type { KnowledgeGraph } from "./knowledge_graph.ts";
import type { Viewer } from "./queries.ts";
import { isNode } from "./walk_graph.ts";

const NODES_MAX = 10_000;

/** Formats of a file that other programs read. */
export type GraphFormat = "gexf" | "graphml" | "json";

/** What of the graph is exported. */
export interface ExportOptions {
  tenant?: Viewer;
  /** Default 10,000: viewers of graphs choke on more. */
  nodesMax?: number;
}

/** JSON as graphology's `import()` takes it. */
const JSON_GRAPH: GraphWriter = {
  opening: '{"options":{"type":"directed","multi":true,"allowSelfLoops":true},"attributes":{},' +
    '"nodes":[',
  node: jsonElement,
  between: '],"edges":[',
  edge: jsonElement,
  closing: "]}",
};

const WRITERS: Readonly<Record<GraphFormat, GraphWriter>> = {
  gexf: GEXF,
  graphml: GRAPHML,
  json: JSON_GRAPH,
};

/**
 * The graph as the text of a file: GEXF 1.2 (Gephi), GraphML, or JSON as graphology's `import()`
 * takes it. Of an attempt's output it has the first 200 characters. It has at most `nodesMax` nodes:
 * agents, capabilities, and what belongs to the latest tasks.
 */
export function exportGraph(
  graph: KnowledgeGraph,
  format: GraphFormat,
  options: ExportOptions = {},
): string {
  return [...exportInSteps(graph, format, options)].join("");
}

/**
 * The text of {@linkcode exportGraph} in small pieces, some of them empty, with little work between
 * two. While the graph changes: see {@linkcode walkGraph}.
 */
export function* exportInSteps(
  graph: KnowledgeGraph,
  format: GraphFormat,
  { tenant, nodesMax = NODES_MAX }: ExportOptions = {},
): Generator<string> {
  const writer = WRITERS[format];
  yield writer.opening;
  let [nodes, edges] = [0, 0];
  for (const part of graph.inSteps.parts({ tenant, nodesMax })) {
    if (part === undefined) yield "";
    else if (isNode(part)) yield writer.node(nodeElement(part), nodes++ === 0);
    else {
      if (edges === 0) yield writer.between;
      yield writer.edge(edgeElement(part), edges++ === 0);
    }
  }
  if (edges === 0) yield writer.between;
  yield writer.closing;
}

function jsonElement(element: GraphElement, isFirst: boolean): string {
  return `${isFirst ? "" : ","}${JSON.stringify(element)}`;
}
