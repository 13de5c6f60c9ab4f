/**
 * The candidate that `text` was probably meant to be, or `null` when none is near: "did you mean".
 *
 * Near is at most one edit per three characters, counting insertions, deletions, substitutions and
 * swaps of neighbours (optimal string alignment; Boytsov, "Indexing methods for approximate
 * dictionary searching", 2011, §2.1.2). Case is ignored. Of equally near ones the first wins.
 *
 * @example
 * ```ts
 * import { suggest } from "./suggest.ts";
 * suggest("agnet", ["agent", "capability"]); // "agent"
 * suggest("zebra", ["agent", "capability"]); // null
 * ```
 */
export function suggest(text: string, candidates: Iterable<string>): string | null {
  const wanted = text.toLowerCase();
  let best: string | null = null;
  let editsBest = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const edits = editDistance(wanted, candidate.toLowerCase());
    if (edits < editsBest) [best, editsBest] = [candidate, edits];
  }
  return best;
}

/** Optimal string alignment distance, by rows. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
      }
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
