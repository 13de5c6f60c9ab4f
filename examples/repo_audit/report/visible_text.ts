/**
 * Makes texts that strangers chose, such as file names, safe to look at.
 *
 * @module
 */

// deno-lint-ignore no-control-regex -- these are what is to be found
const UNSEEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** `text` with control characters and invisible marks of direction spelt out: `\u{1b}`. */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (unseen) => `\\u{${unseen.charCodeAt(0).toString(16)}}`);
}
