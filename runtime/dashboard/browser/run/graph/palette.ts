import { STATUSES } from "./scene.ts";

/** Colours of the design as a canvas takes them. */
export interface Palette {
  /** By mark: the colour of a status, and its soft form. */
  marks: { strong: string; soft: string }[];
  surface: string;
  line: string;
  edge: string;
  text: string;
  accent: string;
  ground: string;
  font: string;
}

/**
 * Reads the colours that are in force at an element. A canvas does not know `light-dark()`, so each
 * is looked up as the colour of something.
 */
export function readPalette(element: HTMLElement): Palette {
  const probe = element.appendChild(document.createElement("i"));
  probe.hidden = true;
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const palette = {
    marks: STATUSES.map((status) => ({ strong: colour(status), soft: colour(`${status}-soft`) })),
    surface: colour("surface"),
    line: colour("line"),
    edge: colour("line-strong"),
    text: colour("text"),
    accent: colour("accent"),
    ground: colour("ground"),
    font: getComputedStyle(element).fontFamily,
  };
  probe.remove();
  return palette;
}
