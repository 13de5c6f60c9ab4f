/**
 * Measures a batch of files and keeps what the report needs of it.
 *
 * @module
 */
import type { BatchInput, FunctionMeasure, Measurement } from "../audit_types.ts";
import { readFiles } from "../read_files.ts";
import { redact } from "../secrets/redact.ts";
import { measureFile } from "./measure.ts";

/** Functions that a batch reports at most, by each of complexity and length. */
const REPORTED_MAX = 40;

/** Upper bounds of the buckets of {@linkcode Measurement.histogram}; the last is open. */
export const COMPLEXITY_BUCKETS = [5, 10, 20, 50];

/** What to measure against, and whom to tell. */
export interface MeasureOptions {
  longFunctionLines: number;
  signal?: AbortSignal;
  onProgress?: (done: number, path: string) => void;
}

/** Measures every file of the batch. Files that cannot be read any more are named, not fatal. */
export async function measureBatch(
  input: BatchInput,
  options: MeasureOptions,
): Promise<Measurement> {
  const result: Measurement = {
    files: [],
    functions: [],
    histogram: [0, 0, 0, 0, 0],
    longFunctions: 0,
    unreadable: [],
  };
  const functions: FunctionMeasure[] = [];
  for await (const { entry, bytes } of readFiles(input, options)) {
    if (!bytes) {
      result.unreadable.push(entry.path);
      continue;
    }
    const reading = await measureFile(entry, bytes);
    result.files.push(reading.file);
    for (const measured of reading.functions) {
      functions.push(measured);
      result.histogram[bucketOf(measured.complexity)]!++;
      if (measured.lines > options.longFunctionLines) result.longFunctions++;
    }
  }
  result.functions = notable(functions).map((f) => ({ ...f, name: redact(f.name) }));
  return result;
}

function bucketOf(complexity: number): number {
  const bucket = COMPLEXITY_BUCKETS.findIndex((bound) => complexity <= bound);
  return bucket < 0 ? COMPLEXITY_BUCKETS.length : bucket;
}

/** The most complex and the longest, in the order of path and line. */
export function notable(functions: FunctionMeasure[], max = REPORTED_MAX): FunctionMeasure[] {
  const kept = new Set([
    ...functions.toSorted(byComplexity).slice(0, max),
    ...functions.toSorted(byLength).slice(0, max),
  ]);
  return [...kept].sort(byPlace);
}

/** Most complex first; ties in the order of path and line. */
export function byComplexity(a: FunctionMeasure, b: FunctionMeasure): number {
  return b.complexity - a.complexity || byPlace(a, b);
}

/** Longest first; ties in the order of path and line. */
export function byLength(a: FunctionMeasure, b: FunctionMeasure): number {
  return b.lines - a.lines || byPlace(a, b);
}

function byPlace(a: FunctionMeasure, b: FunctionMeasure): number {
  return a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1;
}
