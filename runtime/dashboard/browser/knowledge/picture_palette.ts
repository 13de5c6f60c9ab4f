import type { KnowledgeKind } from "../api/mod.ts";
import { tokenColor } from "../parts/mod.ts";

/** Colours of the design as sigma takes them. */
export interface PicturePalette {
  kinds: Record<KnowledgeKind, string>;
  text: string;
  edge: string;
  dimmed: string;
  accent: string;
  surface: string;
  ground: string;
  line: string;
  font: string;
}

/** Reads the colours that are in force now. */
export function readPalette(): PicturePalette {
  const kind = (name: KnowledgeKind) => toHex(tokenColor(`--kind-${name}`));
  return {
    kinds: {
      agent: kind("agent"),
      capability: kind("capability"),
      task: kind("task"),
      solution: kind("solution"),
      artefact: kind("artefact"),
    },
    text: tokenColor("--text"),
    edge: toHex(tokenColor("--edge")),
    dimmed: toHex(tokenColor("--line")),
    accent: toHex(tokenColor("--accent")),
    surface: tokenColor("--surface-raised"),
    ground: tokenColor("--surface-sunken"),
    line: tokenColor("--line-strong"),
    font: getComputedStyle(document.body).fontFamily,
  };
}

/** `rgb(1, 2, 3)` as `#010203`. */
function toHex(colour: string): string {
  const parts = colour.match(/\d+/g)!.slice(0, 3).map(Number);
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
