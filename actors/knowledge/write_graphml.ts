import type { GraphElement } from "./export_graph.ts";
import { escapeXml } from "./xml_text.ts";

type Attribute = GraphElement["attributes"][string];

/**
 * GraphML (U. Brandes et al., "GraphML Progress Report", 2002; graphml.graphdrawing.org): declares
 * each attribute with its type, then lists nodes and directed edges.
 */
export function writeGraphml(
  nodes: readonly GraphElement[],
  edges: readonly GraphElement[],
): string {
  const [nodeKeys, edgeKeys] = [keysOf("n", nodes), keysOf("e", edges)];
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ...declare("node", nodeKeys),
    ...declare("edge", edgeKeys),
    '<graph id="knowledge" edgedefault="directed">',
    ...nodes.map((node) => `<node id="${escapeXml(node.key)}">${data(node, nodeKeys)}</node>`),
    ...edges.map((edge) =>
      `<edge id="${escapeXml(edge.key)}" source="${escapeXml(edge.source!)}" target="${
        escapeXml(edge.target!)
      }">${data(edge, edgeKeys)}</edge>`
    ),
    "</graph>",
    "</graphml>",
  ];
  return `${lines.join("\n")}\n`;
}

/** Attributes by name, with a key of their own and their type. */
function keysOf(prefix: string, elements: readonly GraphElement[]) {
  const keys = new Map<string, { id: string; type: string }>();
  for (const { attributes } of elements) {
    for (const [name, value] of Object.entries(attributes)) {
      const type = typeOf(value);
      const key = keys.get(name);
      if (key === undefined) keys.set(name, { id: `${prefix}${keys.size}`, type });
      else if (key.type !== type) key.type = type === "string" ? "string" : widen(key.type);
    }
  }
  return keys;
}

/** Integers are `long` (instants do not fit into `int`); with fractions among them, `double`. */
function typeOf(value: Attribute): string {
  if (typeof value === "number") return Number.isSafeInteger(value) ? "long" : "double";
  return typeof value;
}

function widen(type: string): string {
  return type === "long" || type === "double" ? "double" : "string";
}

function declare(target: "node" | "edge", keys: ReturnType<typeof keysOf>): string[] {
  return [...keys].map(([name, { id, type }]) =>
    `<key id="${id}" for="${target}" attr.name="${escapeXml(name)}" attr.type="${type}"/>`
  );
}

function data({ attributes }: GraphElement, keys: ReturnType<typeof keysOf>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `<data key="${keys.get(name)!.id}">${escapeXml(String(value))}</data>`)
    .join("");
}
