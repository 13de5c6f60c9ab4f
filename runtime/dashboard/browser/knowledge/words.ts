/**
 * What nodes and edges are, in words.
 *
 * @module
 */
import type { KnowledgeKind } from "../api/mod.ts";
import type { Link } from "./view.ts";

/** Kinds, as the filter names them. */
export const KINDS = ["agent", "capability", "task", "solution", "artefact"] as const;

/** Many of a kind. */
export const KIND_PLURALS: Readonly<Record<KnowledgeKind, string>> = {
  agent: "agents",
  capability: "capabilities",
  task: "tasks",
  solution: "solutions",
  artefact: "artefacts",
};

/** What the one end says of the other: from its source, and from its target. */
const LINK_WORDS: Readonly<Record<string, readonly [out: string, back: string]>> = {
  offers: ["offers", "offered by"],
  isA: ["is a kind of", "has the kind"],
  partOf: ["is part of", "has the part"],
  asksFor: ["asks for", "asked for by"],
  attempted: ["tried", "tried by"],
  solvedBy: ["solved by", "solves"],
  madeBy: ["made by", "made"],
  produced: ["produced", "produced by"],
  reused: ["answered again by", "stood for"],
};

/** `tried, 12 times`. */
export function linkText({ kind, isOut, count }: Link): string {
  const words = LINK_WORDS[kind]?.[isOut ? 0 : 1] ?? kind;
  return count > 1 ? `${words}, ${count} times` : words;
}

const LABEL_CHARS_MAX = 28;

/** The id of a run, of which the end is enough. */
const RUN_ID = /^[0-9A-HJKMNP-TV-Z]{22}(?=[0-9A-HJKMNP-TV-Z]{4}\b)/;

/** A label that fits into the picture. */
export function shortLabel(label: string): string {
  const told = label.replace(RUN_ID, "…");
  return told.length <= LABEL_CHARS_MAX ? told : `${told.slice(0, LABEL_CHARS_MAX - 1)}…`;
}

/** Names that say little by themselves. */
const FACT_NAMES: Readonly<Record<string, string>> = {
  neutral: "nobody's fault",
  isKept: "output kept",
  chars: "characters",
  index: "item",
};

/** `finishedAt` as `finished`, `inputHash` as `input hash`. */
export function factName(name: string): string {
  return FACT_NAMES[name] ?? name.replace(/(At|Ms|Usd)$/, "")
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).trim();
}
