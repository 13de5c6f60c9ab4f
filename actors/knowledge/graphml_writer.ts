import {
  type AttributeType,
  EDGE_ATTRIBUTES,
  type GraphElement,
  NODE_ATTRIBUTES,
} from "./graph_elements.ts";
import type { GraphWriter } from "./graph_writer.ts";
import { escapeXml, forXml } from "./xml_text.ts";

/**
 * GraphML (U. Brandes et al., "GraphML Progress Report", 2002; graphml.graphdrawing.org): declares
 * each attribute with its type, then lists nodes and directed edges.
 */
export const GRAPHML: GraphWriter = {
  opening: [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ...declare("node", NODE_ATTRIBUTES),
    ...declare("edge", EDGE_ATTRIBUTES),
    '<graph id="knowledge" edgedefault="directed">',
    "",
  ].join("\n"),
  node(of) {
    const node = forXml(of);
    return `<node id="${escapeXml(node.key)}">${data("node", node)}</node>\n`;
  },
  between: "",
  edge(of) {
    const edge = forXml(of);
    const ends = `source="${escapeXml(edge.source!)}" target="${escapeXml(edge.target!)}"`;
    return `<edge id="${escapeXml(edge.key)}" ${ends}>${data("edge", edge)}</edge>\n`;
  },
  closing: "</graph>\n</graphml>\n",
};

function declare(
  target: "node" | "edge",
  attributes: Readonly<Record<string, AttributeType>>,
): string[] {
  return Object.entries(attributes).map(([name, type]) =>
    `<key id="${target}.${name}" for="${target}" attr.name="${name}" attr.type="${type}"/>`
  );
}

function data(target: "node" | "edge", { attributes }: GraphElement): string {
  return Object.entries(attributes)
    .map(([name, value]) => `<data key="${target}.${name}">${escapeXml(String(value))}</data>`)
    .join("");
}
