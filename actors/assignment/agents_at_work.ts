/**
 * How many agents share some work: those that do little of it count for less, so that one that did a
 * single task and left hardly counts (the inverse of E. H. Simpson's index, "Measurement of
 * diversity", 1949).
 *
 * @param doers who did each piece of it
 * @returns from 1 to the number of different ones; 1 for no work
 */
export function agentsAtWork(doers: readonly object[]): number {
  const pieces = new Map<object, number>();
  for (const doer of doers) pieces.set(doer, (pieces.get(doer) ?? 0) + 1);
  let squares = 0;
  for (const count of pieces.values()) squares += count * count;
  return squares === 0 ? 1 : doers.length ** 2 / squares;
}
