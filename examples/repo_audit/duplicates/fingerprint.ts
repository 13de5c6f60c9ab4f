/**
 * Reduces a file to a few numbers by which equal passages can be found: hashes of windows of
 * significant lines, thinned out by winnowing (S. Schleimer, D. Wilkerson, A. Aiken, "Winnowing:
 * Local Algorithms for Document Fingerprinting", SIGMOD 2003).
 *
 * @module
 */
import { resolve } from "node:path";
import type { FileFingerprint } from "../audit_types.ts";
import { detectLanguage, type Language, languageNamed } from "../languages.ts";

/** A line that counts, by its number (from 0) and a hash of its text without white space. */
export interface SignificantLine {
  number: number;
  hash: number;
}

/** Significant lines in one window. */
export const WINDOW_LINES = 5;

/**
 * Windows from which one is kept. Any run of `WINDOW_LINES + KEPT_AMONG - 1` equal significant
 * lines has a window that is kept on both sides.
 */
export const KEPT_AMONG = 6;

/** Shortest clone, in significant lines, that is found for certain. */
export const CLONE_LINES_MIN = WINDOW_LINES + KEPT_AMONG - 1;

/** Significant lines looked at in one file: positions are 16 bits wide. */
const LINES_MAX = 65_535;

/** The lines of `text` that say something: not blank, not only brackets, not a comment or an import. */
export function significantLines(text: string, language: Language): SignificantLine[] {
  const lines: SignificantLine[] = [];
  const marks = language.lineComments ?? [];
  let number = 0;
  for (const line of text.split("\n")) {
    const bare = line.replace(/\s+/g, "");
    const isComment = marks.some((mark) => bare.startsWith(mark.trim())) ||
      /^(?:\/?\*|<!--)/.test(bare);
    const saysSomething = /\w.*\w/.test(bare) && !isComment &&
      !/^(?:import|from|use|using|package|#include|require)\b/.test(line.trim());
    if (saysSomething) lines.push({ number, hash: hashText(bare) });
    if (lines.length === LINES_MAX) break;
    number++;
  }
  return lines;
}

/** FNV-1a over UTF-16 units, 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}

/** The windows that winnowing keeps: of each {@linkcode KEPT_AMONG} in a row the rightmost least. */
export function winnow(lines: SignificantLine[]): { hash: number; at: number }[] {
  const hashes: number[] = [];
  for (let at = 0; at + WINDOW_LINES <= lines.length; at++) {
    let hash = 17;
    for (let of = 0; of < WINDOW_LINES; of++) {
      hash = Math.imul(hash, 0x9e3779b1) ^ lines[at + of]!.hash;
    }
    hashes.push((hash ^ (hash >>> 15)) >>> 0);
  }
  const kept: { hash: number; at: number }[] = [];
  for (let start = 0; start + KEPT_AMONG <= hashes.length; start++) {
    let least = start;
    for (let at = start; at < start + KEPT_AMONG; at++) {
      if (hashes[at]! <= hashes[least]!) least = at;
    }
    if (kept.at(-1)?.at !== least) kept.push({ hash: hashes[least]!, at: least });
  }
  return kept;
}

/** The fingerprint of one file. Prose and data have a hash of the whole only. */
export async function fingerprintFile(
  path: string,
  languageName: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<FileFingerprint> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes), 0, 8).toHex();
  const language = languageNamed(languageName);
  const text = language.isProse ? "" : new TextDecoder().decode(bytes);
  const kept = winnow(significantLines(text, language));
  const hashes = Uint32Array.from(kept, ({ hash }) => hash);
  const positions = Uint16Array.from(kept, ({ at }) => at);
  return {
    path,
    hash: digest,
    bytes: bytes.length,
    windows: new Uint8Array(hashes.buffer).toBase64(),
    positions: new Uint8Array(positions.buffer).toBase64(),
  };
}

/** The significant lines of a file below `root`; `null` when it cannot be read any more. */
export function readSignificantLines(root: string, path: string): SignificantLine[] | null {
  try {
    const text = Deno.readTextFileSync(`${resolve(root)}/${path}`);
    const head = text.startsWith("#!") ? text.slice(0, 200) : "";
    return significantLines(text, languageNamed(detectLanguage(path, head)));
  } catch {
    return null;
  }
}
