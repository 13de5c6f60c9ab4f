import { widthOf } from "./text_width.ts";

/** Which columns are numbers: they stand to the right. */
export type Numeric = readonly number[];

/** Rows as lines of text, the columns under each other. Cells are one line each. */
export function tableText(
  rows: readonly (readonly string[])[],
  { numeric = [], indent = "" }: { numeric?: Numeric; indent?: string } = {},
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
  }
  return rows.map((row) => {
    const cells = row.map((cell, at) => {
      const space = " ".repeat(widths[at]! - widthOf(cell));
      return numeric.includes(at) ? space + cell : cell + space;
    });
    return `${indent}${cells.join("  ").trimEnd()}\n`;
  }).join("");
}
