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
import { column, fit, widthOf } from "./text_width.ts";

type Node = KnowledgePath["nodes"][number];

/** How it may be drawn. */
export interface KnowledgeLook {
  color: boolean;
  /** Of the terminal: words of tasks are cut there, names never. */
  columns: number;
}

/** Words that are shown however narrow the terminal is. */
const WORDS_COLUMNS_MIN = 20;

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
    `results were used again ${timesText(reuses)}\n`,
    forgotten === 0 ? "" : `${forgotten} older attempts were forgotten\n`,
  ].join("");
}

/** `knowledge search`. */
export function searchText({ items }: KnowledgeSearch, look: KnowledgeLook): string {
  if (items.length === 0) return "Found nothing\n";
  const names = Math.max(...items.map(({ id }) => widthOf(plainText(id))));
  return items.map((node) => `${nodeText(node, look, names)}\n`).join("");
}

/** `knowledge show`: the node, what is known of it, and its edges. */
export function neighbourhoodText(found: KnowledgeNeighbourhood, look: KnowledgeLook): string {
  const { node, nodes, edges, truncated } = found;
  const facts = Object.entries(node.attributes)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => [plainText(name), factText(name, value)]);
  return [
    `${nodeText(node, look)}\n`,
    tableText(facts, { indent: "  " }),
    edges.length === 0 ? "" : "\n",
    ...edges.map((edge) => `${edgeText(edge)}\n`),
    truncated ? `… and more: there are more than ${nodes.length} nodes around it\n` : "",
  ].join("");
}

/** Instants are epoch milliseconds in the graph. */
function factText(name: string, value: unknown): string {
  if (name.endsWith("At") && typeof value === "number") return new Date(value).toISOString();
  return plainText(typeof value === "string" ? value : JSON.stringify(value));
}

/** `knowledge path`. */
export function pathText(found: KnowledgePath, look: KnowledgeLook): string {
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
    return `${nodeText(node, look)}\n${step}`;
  });
  return lines.join("");
}

/** Edges point either way: those against the path are told by an arrow back. */
function stepText({ kind, source, count }: KnowledgeEdgeView, from: Node): string {
  const times = count > 1 ? ` (${timesText(count)})` : "";
  return source === from.id ? `↓ ${VERBS[kind]}${times}` : `↑ ${VERBS[kind]}${times}`;
}

/** @param names columns that names take, so that the words of several are under each other */
function nodeText({ id, label }: Node, { color, columns }: KnowledgeLook, names = 0): string {
  const named = id.slice(id.indexOf(":") + 1);
  const text = plainText(label);
  const name = plainText(id);
  if (text === "" || text === named) return name;
  const width = Math.max(names, widthOf(name));
  const words = fit(text, Math.max(WORDS_COLUMNS_MIN, columns - width - 2));
  return `${column(name, width)}  ${painter(color)("dim", words)}`;
}

function edgeText({ source, target, kind, count, completed, failed }: KnowledgeEdgeView): string {
  const outcomes = completed === undefined
    ? count > 1 ? `  ${timesText(count)}` : ""
    : `  ${timesText(count)}, ${completed} completed, ${failed ?? 0} failed`;
  return `${plainText(source)} ${VERBS[kind]} ${plainText(target)}${outcomes}`;
}

function timesText(count: number): string {
  return count === 1 ? "1 time" : `${count} times`;
}
