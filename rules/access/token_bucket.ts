/** How much may be asked for, and how often. */
export interface BucketPolicy {
  /** Requests at once, after a pause. */
  capacity: number;
  /** Requests per second in the long run. */
  perS: number;
}

/** What is left at an instant. */
export interface Bucket {
  tokens: number;
  /** Milliseconds of any clock. */
  at: number;
}

/** What came of a request. */
export interface BucketVerdict {
  bucket: Bucket;
  isAllowed: boolean;
  /** When it would be allowed; 0 when it is. */
  retryAfterMs: number;
}

/**
 * Takes tokens out of a bucket that fills up steadily (token bucket, J. Turner 1986).
 *
 * @param bucket `null`: not used before, and so full
 * @param options `now`: milliseconds; one before the bucket's own counts as that; `cost`: tokens,
 *   default 1
 */
export function takeTokens(
  bucket: Bucket | null,
  { capacity, perS }: BucketPolicy,
  { now, cost = 1 }: { now: number; cost?: number },
): BucketVerdict {
  const at = Math.max(now, bucket?.at ?? now);
  const before = bucket === null ? capacity : bucket.tokens + (at - bucket.at) * perS / 1_000;
  const tokens = Math.min(capacity, before);
  if (tokens >= cost) {
    return { bucket: { tokens: tokens - cost, at }, isAllowed: true, retryAfterMs: 0 };
  }
  const retryAfterMs = Math.max(1, Math.ceil((cost - tokens) * 1_000 / perS));
  return { bucket: { tokens, at }, isAllowed: false, retryAfterMs };
}
