/**
 * Finds identical files and equal passages, from fingerprints; each candidate is then compared
 * line by line, so that nothing is reported on the word of one window's hash.
 *
 * @module
 */
import type { Duplicates, FileFingerprint, Occurrence } from "../audit_types.ts";
import { CLONE_LINES_MIN, type SignificantLine } from "./fingerprint.ts";

/** What to compare with. */
export interface CloneOptions {
  /** Significant lines of a file; `null` when it cannot be read any more. */
  linesOf: (path: string) => SignificantLine[] | null;
  /** Called now and then; the worker may answer heartbeats meanwhile. */
  pause: (done: number, of: number) => Promise<void>;
}

/** Clones that are reported; the longest come first. */
const CLONES_MAX = 200;

/** Identical groups that are reported. */
const IDENTICAL_MAX = 200;

/** Places of one window that are compared: what stands everywhere is boilerplate. */
const PLACES_MAX = 64;

/** Windows between two pauses. */
const PAUSE_WINDOWS = 2_000;

/** A place where a window was seen. */
interface Place {
  file: number;
  at: number;
}

/** Equal runs of significant lines in two files: `count` of them, from `a` and from `b`. */
interface Match {
  fileA: number;
  a: number;
  fileB: number;
  b: number;
  count: number;
}

/** Joins the fingerprints of all batches. */
export async function findClones(
  fingerprints: FileFingerprint[],
  options: CloneOptions,
): Promise<Duplicates> {
  const byHash = [...Map.groupBy(fingerprints, (one) => `${one.hash} ${one.bytes}`).values()];
  const identical = byHash.filter((group) => group.length > 1)
    .map((group) => ({ bytes: group[0]!.bytes, paths: group.map(({ path }) => path).sort() }))
    .sort((a, b) =>
      b.bytes * b.paths.length - a.bytes * a.paths.length || order(a.paths[0]!, b.paths[0]!)
    );
  const distinct = byHash.map((group) => group[0]!).sort((a, b) => order(a.path, b.path));
  const finder = new CloneFinder(distinct, options);
  const matches = await finder.run();
  const clones = toClones(matches, distinct, finder);
  return {
    identical: identical.slice(0, IDENTICAL_MAX),
    clones: clones.slice(0, CLONES_MAX),
    duplicatedLines: countCovered(clones.flatMap(({ occurrences }) => occurrences)),
    clonesFound: clones.length,
  };
}

class CloneFinder {
  readonly #files: FileFingerprint[];
  readonly #options: CloneOptions;
  readonly #lines = new Map<number, SignificantLine[]>();
  /** Ends of the matches already found, by the pair of files and the distance of their lines. */
  readonly #reached = new Map<string, number>();
  readonly #matches: Match[] = [];

  constructor(files: FileFingerprint[], options: CloneOptions) {
    this.#files = files;
    this.#options = options;
  }

  async run(): Promise<Match[]> {
    const shared = await this.#sharedWindows();
    for (const [done, places] of shared.entries()) {
      const [first, ...others] = places;
      for (const other of others.slice(0, PLACES_MAX)) this.#compare(first!, other);
      if (done % PAUSE_WINDOWS === 0) await this.#options.pause(done, shared.length);
    }
    return this.#matches;
  }

  /** Windows that were seen more than once, in the order of their first place. */
  async #sharedWindows(): Promise<Place[][]> {
    const places = new Map<number, Place[] | Place>();
    for (const [file, { windows, positions }] of this.#files.entries()) {
      const hashes = new Uint32Array(Uint8Array.fromBase64(windows).buffer);
      const ats = new Uint16Array(Uint8Array.fromBase64(positions).buffer);
      for (const [index, hash] of hashes.entries()) {
        const place = { file, at: ats[index]! };
        const known = places.get(hash);
        if (known === undefined) places.set(hash, place);
        else if (Array.isArray(known)) known.push(place);
        else places.set(hash, [known, place]);
      }
      if (file % 200 === 0) await this.#options.pause(0, 1);
    }
    return [...places.values()].filter((known) => Array.isArray(known));
  }

  /** The significant lines of a file by its index. */
  linesOf(file: number): SignificantLine[] {
    let lines = this.#lines.get(file);
    if (!lines) this.#lines.set(file, lines = this.#options.linesOf(this.#files[file]!.path) ?? []);
    return lines;
  }

  /** Extends an equal window to both sides as far as the lines are equal. */
  #compare(first: Place, other: Place): void {
    const distance = `${first.file} ${other.file} ${other.at - first.at}`;
    if ((this.#reached.get(distance) ?? -1) > first.at) return;
    const a = this.linesOf(first.file);
    const b = this.linesOf(other.file);
    let before = 0;
    while (equalAt(a, first.at - before - 1, b, other.at - before - 1)) before++;
    let after = 0;
    while (equalAt(a, first.at + after, b, other.at + after)) after++;
    this.#reached.set(distance, first.at + after);
    const count = overlapFree(first, other, before + after);
    if (count < CLONE_LINES_MIN) return;
    const [fileA, fileB] = [first.file, other.file];
    this.#matches.push({ fileA, a: first.at - before, fileB, b: other.at - before, count });
  }
}

function equalAt(a: SignificantLine[], atA: number, b: SignificantLine[], atB: number): boolean {
  const left = a[atA];
  return left !== undefined && left.hash === b[atB]?.hash;
}

/** Within one file a run may not reach into its own copy. */
function overlapFree(first: Place, other: Place, count: number): number {
  return first.file === other.file ? Math.min(count, Math.abs(other.at - first.at)) : count;
}

/** Groups matches that start from the same lines. */
function toClones(
  matches: Match[],
  files: FileFingerprint[],
  finder: CloneFinder,
): Duplicates["clones"] {
  const groups = Map.groupBy(matches, ({ fileA, a, count }) => `${fileA} ${a} ${count}`);
  const occurrence = (file: number, at: number, count: number): Occurrence => {
    const lines = finder.linesOf(file);
    const [start, end] = [lines[at]!.number + 1, lines[at + count - 1]!.number + 1];
    return { path: files[file]!.path, start, end };
  };
  const clones = [...groups.values()].map((group) => {
    const { fileA, a, count } = group[0]!;
    const others = group.map((match) => occurrence(match.fileB, match.b, count));
    const occurrences = [occurrence(fileA, a, count), ...others].sort(byPlace);
    return { lines: occurrences[0]!.end - occurrences[0]!.start + 1, occurrences };
  });
  return clones.sort((x, y) => y.lines - x.lines || byPlace(x.occurrences[0]!, y.occurrences[0]!));
}

/** Lines that are part of at least one occurrence. */
export function countCovered(occurrences: Occurrence[]): number {
  let covered = 0;
  let reached = { path: "", end: 0 };
  for (const { path, start, end } of occurrences.toSorted(byPlace)) {
    if (path !== reached.path) reached = { path, end: 0 };
    covered += Math.max(0, end - Math.max(start, reached.end + 1) + 1);
    reached.end = Math.max(reached.end, end);
  }
  return covered;
}

function byPlace(a: Occurrence, b: Occurrence): number {
  return order(a.path, b.path) || a.start - b.start || a.end - b.end;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
