import type { Backoff } from "../../core/retry.ts";

/** How a receiver's messages are retried. */
export interface DeliveryPolicy {
  /** Attempts in all, 1 or more. */
  maxAttempts: number;
  /** How long a message waits before it is tried again. */
  backoff: Backoff;
  /** A message is parked when its receiver has died of it so often, also before `maxAttempts`. */
  poisonAfter: number;
}

/** What an actor has that says nothing of delivery. */
export const DEFAULT_DELIVERY: DeliveryPolicy = {
  maxAttempts: 5,
  backoff: { initialMs: 200, factor: 2, maxMs: 30_000, jitter: "full" },
  poisonAfter: 3,
};

/** How much one actor system remembers. */
export interface DeliveryLimits {
  /** How long the id of a message is remembered. */
  windowMs: number;
  /** After so many later ids it is forgotten in any case. */
  idsMax: number;
  /** Messages that are pending at once; one more is answered `overloaded`. */
  pendingMax: number;
  /** Characters of their payloads. */
  pendingCharsMax: number;
  /** Pending messages of one receiver. */
  pendingPerReceiverMax: number;
}

/** What a system has that says nothing of these. */
export const DEFAULT_LIMITS: DeliveryLimits = {
  windowMs: 600_000,
  idsMax: 100_000,
  pendingMax: 1_000_000,
  pendingCharsMax: 256 * 1024 * 1024,
  pendingPerReceiverMax: 100_000,
};
