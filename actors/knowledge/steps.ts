/**
 * Long work in small steps, so that whoever runs it may let others have their turn between two. The
 * graph may change meanwhile; each of these works says what that means for it.
 *
 * @module
 */

/** Each `yield` is a place to pause; none is more than about a millisecond from the next. */
export type Steps<Result> = Generator<undefined, Result>;

/** Items that are looked at between two pauses. */
export const ITEMS_A_STEP = 500;

/** Does all of it at once. */
export function finish<Result>(work: Generator<unknown, Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** The items, with a pause after each so many of them. */
export function* paced<T>(items: Iterable<T>, visit: (item: T) => void): Steps<void> {
  let count = 0;
  for (const item of items) {
    visit(item);
    if (++count % ITEMS_A_STEP === 0) yield;
  }
}

/**
 * Sorts by merging from below (J. von Neumann, 1945; see D. E. Knuth, "The Art of Computer
 * Programming", vol. 3, 5.2.4): stable, and as long as `Array.sort` takes, but with pauses.
 */
export function* sorted<T>(items: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += ITEMS_A_STEP) {
    runs.push(items.slice(at, at + ITEMS_A_STEP).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const next: T[][] = [];
    for (let at = 0; at < runs.length; at += 2) {
      next.push(yield* merge(runs[at]!, runs[at + 1] ?? [], compare));
    }
    runs = next;
  }
  return runs[0] ?? [];
}

function* merge<T>(
  left: readonly T[],
  right: readonly T[],
  compare: (a: T, b: T) => number,
): Steps<T[]> {
  const all: T[] = [];
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const isLeft = r >= right.length || (l < left.length && compare(left[l]!, right[r]!) <= 0);
    all.push(isLeft ? left[l++]! : right[r++]!);
    if (all.length % ITEMS_A_STEP === 0) yield;
  }
  return all;
}
