import { stripVTControlCharacters } from "node:util";

/**
 * One harmless line of text that came from an agent, a file or the command line: no escape
 * sequences, no control characters, no characters that turn the reading direction.
 */
export function plainText(text: string): string {
  // A long text is cut before it is cleaned: nobody reads a megabyte on one line.
  return stripVTControlCharacters(text.slice(0, 4_096))
    // deno-lint-ignore no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ")
    .replace(/[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, "")
    .trim();
}
