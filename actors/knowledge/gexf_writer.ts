import {
  type AttributeType,
  EDGE_ATTRIBUTES,
  type GraphElement,
  NODE_ATTRIBUTES,
} from "./graph_elements.ts";
import type { GraphWriter } from "./graph_writer.ts";
import { escapeXml, forXml } from "./xml_text.ts";

/** What GEXF says of an element in places of its own. */
const { label: _label, ...NODE_VALUES } = NODE_ATTRIBUTES;
const { kind: _kind, ...EDGE_VALUES } = EDGE_ATTRIBUTES;

/**
 * GEXF 1.2 (gexf.net/1.2draft), as `graphology-gexf` writes it, which needs the whole graph at once
 * and so holds up everybody for seconds; the tests compare the two.
 */
export const GEXF: GraphWriter = {
  opening: [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gexf version="1.2" xmlns="http://www.gexf.net/1.2draft">',
    "<meta/>",
    '<graph defaultedgetype="directed">',
    declare("node", NODE_VALUES),
    declare("edge", EDGE_VALUES),
    "<nodes>",
    "",
  ].join("\n"),
  node(of) {
    const { key, attributes } = forXml(of);
    const { label, ...values } = attributes;
    const head = `<node id="${escapeXml(key)}" label="${escapeXml(String(label))}">`;
    return `${head}${valuesOf(values)}</node>\n`;
  },
  between: "</nodes>\n<edges>\n",
  edge(of) {
    const { key, source, target, attributes } = forXml(of);
    const { kind, ...values } = attributes;
    const ends = `source="${escapeXml(source!)}" target="${escapeXml(target!)}"`;
    const head = `<edge id="${escapeXml(key)}" ${ends} kind="${escapeXml(String(kind))}">`;
    return `${head}${valuesOf(values)}</edge>\n`;
  },
  closing: "</edges>\n</graph>\n</gexf>\n",
};

function declare(
  target: "node" | "edge",
  attributes: Readonly<Record<string, AttributeType>>,
): string {
  const each = Object.entries(attributes)
    .map(([name, type]) => `<attribute id="${name}" title="${name}" type="${type}"/>`);
  return `<attributes class="${target}">${each.join("")}</attributes>`;
}

function valuesOf(attributes: GraphElement["attributes"]): string {
  const each = Object.entries(attributes)
    .map(([name, value]) => `<attvalue for="${name}" value="${escapeXml(String(value))}"/>`);
  return `<attvalues>${each.join("")}</attvalues>`;
}
