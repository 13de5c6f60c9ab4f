/**
 * Makes texts that strangers chose, such as file names, safe to look at.
 *
 * @module
 */

const UNSEEN = /[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** `text` with control characters and invisible marks of direction spelt out: `\u{1b}`. */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (unseen) => `\\u{${unseen.charCodeAt(0).toString(16)}}`);
}
