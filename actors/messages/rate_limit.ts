/**
 * How many messages a receiver takes in a time: a token bucket (J. Turner, "New directions in
 * communications", IEEE Communications Magazine 24(10), 1986).
 *
 * @module
 */

/** A rate with its burst. All are whole numbers, 1 or more. */
export interface Rate {
  /** Messages in each `perMs`. */
  messages: number;
  /** Milliseconds. */
  perMs: number;
  /** Messages that may come at once after a pause. */
  burst: number;
}

/** A bucket of a rate. Plain data, changed in place by {@linkcode tryTake}. */
export interface Bucket {
  readonly rate: Rate;
  /**
   * What is in it: one message costs `perMs`, one millisecond brings `messages`. In these units
   * all is whole numbers, and nothing is lost by rounding.
   */
  credit: number;
  /** When `credit` was true, in milliseconds of the caller's clock. */
  at: number;
}

/** A full bucket. */
export function createBucket(rate: Rate, now: number): Bucket {
  return { rate, credit: rate.burst * rate.perMs, at: now };
}

/**
 * Takes `count` messages out, or none. A clock that was set back brings nothing, takes nothing,
 * and time counts on from there.
 *
 * @returns 0 when they may pass, else the whole milliseconds until they could; `Infinity` when
 *   `count` is larger than the burst, so that they never will
 */
export function tryTake(bucket: Bucket, now: number, count = 1): number {
  const { messages, perMs, burst } = bucket.rate;
  const elapsedMs = Math.max(0, now - bucket.at);
  bucket.credit = Math.min(burst * perMs, bucket.credit + elapsedMs * messages);
  bucket.at = now;
  const cost = count * perMs;
  if (cost <= bucket.credit) {
    bucket.credit -= cost;
    return 0;
  }
  return count > burst ? Infinity : Math.ceil((cost - bucket.credit) / messages);
}
