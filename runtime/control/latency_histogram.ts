/**
 * Durations of the last hour, counted in buckets whose bounds grow by a fifth each, so that a
 * percentile is off by less than a tenth whatever the scale. Pure: time comes in as an argument.
 *
 * @module
 */

/** Counts by bucket, sparse: bucket and count in turn. Plain JSON, and reports of nodes add up. */
export interface LatencyCounts {
  count: number;
  maxMs: number;
  buckets: number[];
}

/** What a number of durations look like. */
export interface LatencyFigures {
  count: number;
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
}

const GROWTH = Math.log(1.2);
/** The last one begins at more than eleven hours. */
const BUCKETS = 97;
const SLOT_MS = 300_000;
/** Slots that together are the last hour. */
const SLOTS = 12;

interface Slot {
  number: number;
  count: number;
  maxMs: number;
  counts: Uint32Array;
}

/** Durations of the last hour. */
export class LatencyHistogram {
  readonly #slots: Slot[] = [];

  add(durationMs: number, now: number): void {
    const number = Math.floor(now / SLOT_MS);
    let slot = this.#slots.at(-1);
    if (slot === undefined || slot.number < number) {
      slot = { number, count: 0, maxMs: 0, counts: new Uint32Array(BUCKETS) };
      this.#slots.push(slot);
      if (this.#slots.length > SLOTS) this.#slots.shift();
    }
    slot.count++;
    slot.maxMs = Math.max(slot.maxMs, durationMs);
    slot.counts[bucketOf(durationMs)]!++;
  }

  /** What was counted in the hour before `now`. */
  counts(now: number): LatencyCounts {
    const oldest = Math.floor(now / SLOT_MS) - SLOTS + 1;
    const sums = new Uint32Array(BUCKETS);
    let count = 0;
    let maxMs = 0;
    for (const slot of this.#slots) {
      if (slot.number < oldest) continue;
      count += slot.count;
      maxMs = Math.max(maxMs, slot.maxMs);
      for (let bucket = 0; bucket < BUCKETS; bucket++) sums[bucket]! += slot.counts[bucket]!;
    }
    const buckets = [...sums].flatMap((sum, bucket) => sum === 0 ? [] : [bucket, sum]);
    return { count, maxMs, buckets };
  }
}

/** Counts of several nodes together. */
export function addCounts(all: readonly LatencyCounts[]): LatencyCounts {
  const sums = new Map<number, number>();
  let count = 0;
  let maxMs = 0;
  for (const one of all) {
    count += one.count;
    maxMs = Math.max(maxMs, one.maxMs);
    for (let at = 0; at + 1 < one.buckets.length; at += 2) {
      const bucket = one.buckets[at]!;
      sums.set(bucket, (sums.get(bucket) ?? 0) + one.buckets[at + 1]!);
    }
  }
  return { count, maxMs, buckets: [...sums].sort(([a], [b]) => a - b).flat() };
}

/** Percentiles, by the middle of the bucket that they lie in. */
export function figuresOf(counts: LatencyCounts): LatencyFigures {
  const { count, maxMs } = counts;
  return { count, p50Ms: percentile(counts, 0.5), p95Ms: percentile(counts, 0.95), maxMs };
}

function percentile({ count, maxMs, buckets }: LatencyCounts, share: number): number {
  let left = Math.ceil(count * share);
  for (let at = 0; at + 1 < buckets.length; at += 2) {
    left -= buckets[at + 1]!;
    if (left <= 0) return Math.min(maxMs, Math.round(middleOf(buckets[at]!)));
  }
  return maxMs;
}

/** Bucket 0 is below a millisecond. */
function bucketOf(durationMs: number): number {
  if (!(durationMs >= 1)) return 0;
  return Math.min(BUCKETS - 1, 1 + Math.floor(Math.log(durationMs) / GROWTH + 1e-9));
}

function middleOf(bucket: number): number {
  return bucket === 0 ? 0 : Math.exp((bucket - 0.5) * GROWTH);
}
