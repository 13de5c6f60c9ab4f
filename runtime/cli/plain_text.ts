import { stripVTControlCharacters } from "node:util";
import stringWidth from "string-width";

/**
 * One harmless line of text that came from an agent: no escape sequences, no control characters, no
 * characters that turn the reading direction.
 */
export function plainText(text: string): string {
  // A long text is cut before it is cleaned: nobody reads a megabyte on one line.
  return stripVTControlCharacters(text.slice(0, 4_096))
    // deno-lint-ignore no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ")
    .replace(/[\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, "")
    .trim();
}

/** Columns that the text takes on a terminal. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** The text, or as much of it as fits into so many columns, with `…` where it was cut. */
export function fit(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (widthOf(text) <= columns) return text;
  let kept = "";
  let width = 1;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += widthOf(segment);
    if (width > columns) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** The text filled with spaces, or cut, to exactly so many columns. */
export function column(text: string, columns: number): string {
  const fitted = fit(text, columns);
  return fitted + " ".repeat(Math.max(0, columns - widthOf(fitted)));
}
