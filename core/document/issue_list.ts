/**
 * Collects what is wrong with a file.
 *
 * @module
 */
import type { Issue } from "../errors.ts";
import { suggest } from "../suggest.ts";

/** A place in a file: UTF-16 offset and JSON pointer. */
export interface Place {
  offset: number;
  pointer: string;
}

/** What an issue says beside its place. */
export interface Finding {
  code: string;
  /** Verb first, values in quotes, no final stop. */
  message: string;
  /** What to write instead. */
  hint: string;
  severity?: Issue["severity"];
}

/** Line and column of an offset, both from 1. */
export type Locate = (offset: number) => { line: number; column: number };

/**
 * Finds lines and columns in a text. (The line counter of `yaml` passes over line ends within plain
 * text in brackets.) A byte order mark takes no column.
 */
export function createLocate(text: string): Locate {
  const starts = [text.startsWith("\uFEFF") ? 1 : 0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: Math.max(1, offset - starts[low]! + 1) };
  };
}

/** All issues of one file, one for each place and code. */
export class IssueList {
  readonly #issues = new Map<string, Issue & { offset: number }>();

  constructor(readonly file: string, readonly locate: Locate) {}

  add(place: Place, finding: Finding): void {
    const key = `${finding.code} ${place.offset} ${finding.message}`;
    const { line, column } = this.locate(place.offset);
    this.#issues.set(key, {
      code: finding.code,
      severity: finding.severity ?? "error",
      message: finding.message,
      hint: finding.hint,
      file: this.file,
      line,
      column,
      pointer: place.pointer,
      offset: place.offset,
    });
  }

  /** Another place in words: its line, or its pointer where there are none. */
  nameOf(place: Place): string {
    const { line } = this.locate(place.offset);
    return line === 0 ? `at ${place.pointer}` : `on line ${line}`;
  }

  get size(): number {
    return this.#issues.size;
  }

  get hasErrors(): boolean {
    return this.#issues.values().some((issue) => issue.severity === "error");
  }

  /** By position, then by code; of more than `most` the first, errors rather than warnings. */
  sorted(most = Infinity): Issue[] {
    const all = [...this.#issues.values()]
      .sort((a, b) => a.offset - b.offset || a.code.localeCompare(b.code));
    return firstOf(all, most).map(({ offset: _offset, ...issue }) => issue);
  }
}

function firstOf<Found extends Issue>(all: Found[], most: number): Found[] {
  if (all.length <= most) return all;
  const errors = new Set(all.filter(({ severity }) => severity === "error").slice(0, most));
  let room = most - errors.size;
  return all.filter((issue) => errors.has(issue) || (issue.severity !== "error" && room-- > 0));
}

/** `Did you mean "x"? ` when something is near, then the possible words. */
export function hintFrom(word: string, candidates: readonly string[], noun: string): string {
  const near = suggest(word, candidates);
  if (near !== null) return `Did you mean "${near}"?`;
  if (candidates.length === 0) return `There are no ${noun}`;
  const listed = candidates.slice(0, 12).join(", ");
  return `Choose one of the ${noun}: ${listed}${candidates.length > 12 ? " …" : ""}`;
}
