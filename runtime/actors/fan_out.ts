/**
 * What messages to many may cost. One message becomes a thousand copies at the cost of the node, not
 * of its sender, so those of one definition have so many a second. Who sends to more than are left
 * gets through and is in debt: nobody need know beforehand how many there will be.
 *
 * @module
 */
import { type Bucket, createBucket, tryTake } from "../../actors/messages/mod.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Activation } from "./activation.ts";

/** Copies beside the messages themselves. */
const COPIES = { messages: 30_000, perMs: 1_000, burst: 5_000 };
/** Actors that can be looked at in the time that one copy takes. */
const LOOKS_PER_COPY = 50;

export class FanOut {
  readonly #buckets = new Map<string, Bucket>();

  /** Whether it may send to many now; `null` is for everybody outside, who may. */
  refuse(from: Activation | null, now: number): ErrorData | null {
    if (from === null) return null;
    const waitMs = tryTake(this.#bucketOf(from, now), now);
    if (waitMs === 0) return null;
    return {
      code: "RATE_LIMITED",
      message: `"${from.address}" sends to many more than ${COPIES.messages} copies a second`,
      details: { retryAfterMs: waitMs },
    };
  }

  /**
   * It did: one copy is paid for already.
   *
   * @param looked how many were looked at to find who gets it: that is work, too
   */
  charge(from: Activation | null, copies: number, now: number, looked = 0): void {
    if (from === null) return;
    const cost = Math.max(0, copies - 1) + Math.floor(looked / LOOKS_PER_COPY);
    this.#bucketOf(from, now).credit -= cost * COPIES.perMs;
  }

  #bucketOf({ type }: Activation, now: number): Bucket {
    const { name } = type.spec;
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) this.#buckets.set(name, bucket = createBucket(COPIES, now));
    return bucket;
  }
}
