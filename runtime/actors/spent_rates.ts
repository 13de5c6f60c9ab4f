import { type Bucket, tryTake } from "../../actors/messages/mod.ts";

/**
 * What the rates of actors that are gone still hold against their senders: an actor that comes back
 * under its address goes on with it.
 */
export class SpentRates {
  readonly #max: number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param max addresses at most; beyond, rates of actors that go are forgotten */
  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** An actor goes. A rate of which nothing is spent needs no memory. */
  keep(address: string, bucket: Bucket, now: number): void {
    if (!isFull(bucket, now) && this.#buckets.size < this.#max) this.#buckets.set(address, bucket);
  }

  /** An actor comes: what was kept of its rate, which is its own again. */
  take(address: string): Bucket | undefined {
    const bucket = this.#buckets.get(address);
    this.#buckets.delete(address);
    return bucket;
  }

  /** Forgets what has filled up since. */
  sweep(now: number): void {
    for (const [address, bucket] of this.#buckets) {
      if (isFull(bucket, now)) this.#buckets.delete(address);
    }
  }
}

function isFull(bucket: Bucket, now: number): boolean {
  tryTake(bucket, now, 0);
  return bucket.credit >= bucket.rate.burst * bucket.rate.perMs;
}
