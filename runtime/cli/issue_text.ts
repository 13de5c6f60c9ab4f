import type { Issue } from "../../core/errors.ts";
import type { Paint } from "./palette.ts";
import { plainText } from "./plain_text.ts";

const EXCERPT_COLUMNS = 100;

/**
 * An issue with its line of the file, a mark under the place, and the hint:
 *
 * ```text
 * flow.yaml:3:5 error UNKNOWN_KEY: Cannot use key "agnet"
 *   3 |     agnet: walker
 *     |     ^~~~~
 *   hint: Did you mean "agent"?
 * ```
 *
 * @param source text of the file; `null` leaves the line out
 */
export function issueText(issue: Issue, source: string | null, paint: Paint): string {
  const { file, line, column, severity, code, message, hint } = issue;
  const color = severity === "error" ? "red" : "yellow";
  const head =
    `${paint("bold", `${plainText(file)}:${line}:${column}`)} ${paint(color, severity)} ${code}: ` +
    plainText(message);
  const excerpt = source === null ? [] : excerptLines(source, line, column, paint);
  return [head, ...excerpt, `  ${paint("cyan", "hint:")} ${plainText(hint)}`, ""].join("\n");
}

function excerptLines(source: string, line: number, column: number, paint: Paint): string[] {
  const text = source.split(/\r\n|\r|\n/)[line - 1];
  if (text === undefined || text.trim() === "") return [];
  // A long line is cut around the place.
  const from = column > EXCERPT_COLUMNS ? column - EXCERPT_COLUMNS / 2 : 0;
  const shown = visible(text.slice(from, from + EXCERPT_COLUMNS));
  const before = visible(text.slice(from, column - 1)).length;
  const length = Math.max(1, /^[\w.\-/$]*/.exec(text.slice(column - 1))![0].length);
  const mark = `^${"~".repeat(Math.max(0, Math.min(length, shown.length - before) - 1))}`;
  const gutter = " ".repeat(String(line).length);
  return [`  ${line} | ${shown}`, `  ${gutter} | ${" ".repeat(before)}${paint("red", mark)}`];
}

/** Control characters and tabs become one column each, so that the mark stays under its place. */
function visible(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, " ");
}
