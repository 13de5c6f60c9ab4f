/**
 * Counts the lines of a file: all of them as `wc -l` does, and by what is on them.
 *
 * @module
 */
import type { Language } from "../languages.ts";
import type { Span } from "./complexity.ts";

/** Lines by kind; they add up to the newlines and the rest behind the last one. */
export interface LineKinds {
  code: number;
  comments: number;
  blank: number;
}

const NEWLINE = 0x0a;

/** Number of newline characters: what `wc -l` prints. */
export function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/**
 * Sorts the lines of `text` into code, comments and blank ones. A line with both code and a
 * comment is code; an empty line inside a comment is blank.
 *
 * @param comments in the order of the text, without overlaps
 */
export function classifyLines(text: string, comments: Span[]): LineKinds {
  const kinds: LineKinds = { code: 0, comments: 0, blank: 0 };
  let next = 0;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    while (next < comments.length && comments[next]!.end <= start) next++;
    kinds[kindOf(text, start, end, comments, next)]++;
    start = end + 1;
  }
  return kinds;
}

function kindOf(
  text: string,
  start: number,
  end: number,
  comments: Span[],
  next: number,
): keyof LineKinds {
  let kind: keyof LineKinds = "blank";
  for (let at = start; at < end;) {
    const comment = comments[next];
    if (comment && comment.end <= at) next++;
    else if (comment && comment.start <= at) {
      if (!isBlank(text, at, Math.min(end, comment.end))) kind = "comments";
      at = comment.end;
    } else {
      const stop = Math.min(end, comment?.start ?? end);
      if (!isBlank(text, at, stop)) return "code";
      at = stop;
    }
  }
  return kind;
}

function isBlank(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x20 && unit !== 0xa0 && unit !== 0xfeff) return false;
  }
  return true;
}

/**
 * The comments of a language that has no grammar here, found by their marks alone: a mark inside a
 * string is taken for a comment when it opens its line, as line counters commonly do.
 */
export function findComments(text: string, language: Language): Span[] {
  const { lineComments = [], blockComments = [] } = language;
  if (lineComments.length + blockComments.length === 0) return [];
  const spans: Span[] = [];
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const first = firstInk(text, start, end);
    const block = blockComments.find(([open]) => text.startsWith(open, first));
    if (block) {
      const close = text.indexOf(block[1], first + block[0].length);
      const stop = close < 0 ? text.length : close + block[1].length;
      spans.push({ start: first, end: stop });
      start = Math.max(stop, start + 1);
      continue;
    }
    if (lineComments.some((mark) => text.startsWith(mark, first))) {
      spans.push({ start: first, end });
    }
    start = end + 1;
  }
  return spans;
}

function firstInk(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(text, at, at + 1)) at++;
  return at;
}
