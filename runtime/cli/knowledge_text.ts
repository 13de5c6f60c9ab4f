/**
 * The graph of solved tasks as people read it on a terminal.
 *
 * @module
 */
import type {
  KnowledgeEdgeView,
  KnowledgeNeighbourhood,
  KnowledgePath,
  KnowledgeSearch,
  KnowledgeSize,
} from "../control/mod.ts";
import { painter } from "./palette.ts";
import { plainText } from "./plain_text.ts";
import { tableText } from "./table_text.ts";

type Node = KnowledgePath["nodes"][number];

/** What an edge says, read from its source to its target. */
const VERBS: Readonly<Record<KnowledgeEdgeView["kind"], string>> = {
  offers: "offers",
  isA: "is a kind of",
  partOf: "is part of",
  asksFor: "asks for",
  attempted: "attempted",
  solvedBy: "is solved by",
  madeBy: "was made by",
  produced: "produced",
  reused: "was answered again by",
};

/** `knowledge stats`. */
export function sizeText(size: KnowledgeSize): string {
  const { nodes, facts, outputs, outputChars, reuses, forgotten, oldestAt, newestAt } = size;
  const rows = Object.entries(nodes).map(([kind, count]) => [kind, String(count)]);
  const span = oldestAt === null || newestAt === null
    ? ""
    : `, from ${oldestAt.slice(0, 19)}Z to ${newestAt.slice(0, 19)}Z`;
  return [
    tableText([["nodes", "count"], ...rows], { numeric: [1] }),
    `\nmade of ${facts} ${facts === 1 ? "attempt" : "attempts"}${span}\n`,
    `${outputs} ${outputs === 1 ? "output is" : "outputs are"} kept (${outputChars} characters); `,
    `results were used again ${reuses} ${reuses === 1 ? "time" : "times"}\n`,
    forgotten === 0 ? "" : `${forgotten} older attempts were forgotten\n`,
  ].join("");
}

/** `knowledge search`. */
export function searchText({ items }: KnowledgeSearch, color: boolean): string {
  if (items.length === 0) return "Found nothing\n";
  return items.map((node) => `${nodeText(node, color)}\n`).join("");
}

/** `knowledge show`: the node, what is known of it, and its edges. */
export function neighbourhoodText(found: KnowledgeNeighbourhood, color: boolean): string {
  const { node, nodes, edges, truncated } = found;
  const facts = Object.entries(node.attributes)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => [
      plainText(name),
      plainText(typeof value === "string" ? value : JSON.stringify(value)),
    ]);
  return [
    `${nodeText(node, color)}\n`,
    tableText(facts, { indent: "  " }),
    edges.length === 0 ? "" : "\n",
    ...edges.map((edge) => `${edgeText(edge)}\n`),
    truncated ? `… and more: there are more than ${nodes.length} nodes around it\n` : "",
  ].join("");
}

/** `knowledge path`. */
export function pathText(found: KnowledgePath, color: boolean): string {
  const { from, to, hops, nodes, edges, truncated } = found;
  const ends = `from ${plainText(from)} to ${plainText(to)}`;
  if (truncated) return `It takes too long to find a way ${ends}\n`;
  if (hops === null) return `No way leads ${ends}\n`;
  const lines = nodes.map((node, at) => {
    const next = nodes[at + 1];
    const edge = edges.find(({ source, target }) =>
      next !== undefined &&
      ((source === node.id && target === next.id) || (source === next.id && target === node.id))
    );
    const step = edge === undefined ? "" : `  ${stepText(edge, node)}\n`;
    return `${nodeText(node, color)}\n${step}`;
  });
  return lines.join("");
}

/** Edges point either way: those against the path are told by an arrow back. */
function stepText({ kind, source, count }: KnowledgeEdgeView, from: Node): string {
  const times = count > 1 ? ` (${count} times)` : "";
  return source === from.id ? `↓ ${VERBS[kind]}${times}` : `↑ ${VERBS[kind]}${times}`;
}

function nodeText({ id, label }: Node, color: boolean): string {
  const paint = painter(color);
  const named = id.slice(id.indexOf(":") + 1);
  const text = plainText(label);
  return text === "" || text === named
    ? plainText(id)
    : `${plainText(id)}  ${paint("dim", text.slice(0, 200))}`;
}

function edgeText({ source, target, kind, count, completed, failed }: KnowledgeEdgeView): string {
  const outcomes = completed === undefined
    ? count > 1 ? `  ${count} times` : ""
    : `  ${count} times, ${completed} completed, ${failed ?? 0} failed`;
  return `${plainText(source)} ${VERBS[kind]} ${plainText(target)}${outcomes}`;
}
