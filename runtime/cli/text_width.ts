import stringWidth from "string-width";

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
