import { type Bucket, type BucketPolicy, takeTokens } from "../../rules/access/mod.ts";

/** Buckets by name. The ones that were not used for longest are dropped: by then most are full. */
export class BucketShelf {
  readonly #policy: BucketPolicy;
  readonly #max: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(policy: BucketPolicy, max = 10_000) {
    this.#policy = policy;
    this.#max = max;
  }

  /** How many milliseconds to wait until there is a token; 0: none. Takes nothing. */
  look(name: string, now: number): number {
    return takeTokens(this.#buckets.get(name) ?? null, this.#policy, { now }).retryAfterMs;
  }

  /** Takes tokens out of one. @returns 0, or how many milliseconds to wait */
  take(name: string, options: { now: number; cost?: number }): number {
    const before = this.#buckets.get(name) ?? null;
    const { bucket, retryAfterMs } = takeTokens(before, this.#policy, options);
    // Deleting first keeps the order of use.
    this.#buckets.delete(name);
    if (this.#buckets.size >= this.#max) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    this.#buckets.set(name, bucket);
    return retryAfterMs;
  }
}
