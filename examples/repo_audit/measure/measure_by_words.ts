/**
 * Measures files without a grammar: lines by kind, and complexity by the words of decisions. Faster
 * than a parser by an order of magnitude, and wrong where such a word stands in a text.
 *
 * @module
 */
import { z } from "zod";
import type { BatchInput, FileEntry, FileMeasure, Measurement } from "../audit_types.ts";
import { languageNamed } from "../languages.ts";
import { readFiles } from "../read_files.ts";
import { classifyLines, countNewlines, findComments } from "./lines.ts";

/** By language: a regular expression that finds what adds one to the complexity. */
export const DecisionRules = z.record(z.string(), z.string());
export type DecisionRules = z.infer<typeof DecisionRules>;

/** A language that the rules do not name. */
export class LanguageWithoutRules extends Error {}

/**
 * Measures every file of the batch.
 *
 * @throws {LanguageWithoutRules} for a programming language that the rules say nothing of
 */
export async function measureByWords(
  input: BatchInput,
  rules: DecisionRules,
  signal?: AbortSignal,
): Promise<Measurement> {
  const result: Measurement = {
    files: [],
    functions: [],
    histogram: [0, 0, 0, 0, 0],
    longFunctions: 0,
    unreadable: [],
  };
  const patterns = new Map(
    Object.entries(rules).map(([language, rule]) => [language, new RegExp(rule, "g")]),
  );
  for await (const { entry, bytes } of readFiles(input, { signal })) {
    if (bytes === null) result.unreadable.push(entry.path);
    else result.files.push(measureFile(entry, bytes, patterns));
  }
  return result;
}

function measureFile(
  entry: FileEntry,
  bytes: Uint8Array,
  patterns: ReadonlyMap<string, RegExp>,
): FileMeasure {
  const language = languageNamed(entry.language);
  const pattern = patterns.get(entry.language);
  if (pattern === undefined && language.grammar !== undefined) {
    throw new LanguageWithoutRules(`There are no rules for ${entry.language}: "${entry.path}"`);
  }
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return {
    path: entry.path,
    language: entry.language,
    bytes: bytes.length,
    lines: countNewlines(bytes),
    unterminated: bytes.length > 0 && bytes.at(-1) !== 0x0a,
    ...classifyLines(text, findComments(text, language)),
    complexity: pattern === undefined ? 0 : text.match(pattern)?.length ?? 0,
    functions: 0,
    nestingMax: 0,
    parsed: false,
  };
}
