/** When a failed attempt is tried again. */
export interface RetryPolicy {
  /** Attempts in all, 1 or more. */
  maxAttempts: number;
  /** How long to wait before each. */
  backoff: Backoff;
  /** Codes that are retried; absent means {@linkcode TRANSIENT_CODES}. */
  on?: string[];
}

/** Exponential backoff. */
export interface Backoff {
  /** Delay before the second attempt. */
  initialMs: number;
  /** Growth of the delay from one attempt to the next, 1 or more. */
  factor: number;
  /** Longest delay. */
  maxMs: number;
  /** `full`: uniform in `[0, delay)`; `none`: the delay itself. */
  jitter: "full" | "none";
}

/** Codes of failures that another attempt may well survive. */
export const TRANSIENT_CODES: readonly string[] = [
  "TIMEOUT",
  "UNAVAILABLE",
  "RATE_LIMITED",
  "CRASHED",
  "OUT_OF_MEMORY",
  "UNRESPONSIVE",
];

/** What a task has that says nothing of retries. */
export const DEFAULT_RETRY: RetryPolicy = {
  maxAttempts: 3,
  backoff: { initialMs: 200, factor: 2, maxMs: 10_000, jitter: "full" },
};

/**
 * Delay before the next attempt, or `null` when the policy allows none.
 *
 * Full jitter: uniform in `[0, min(maxMs, initialMs * factor ** (failures - 1)))`
 * (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 *
 * @param policy durations in milliseconds
 * @param failure `code` of the error; `retryable` where the error itself says; `failures`: failed
 *   attempts so far, 1 or more; `random`: uniform in `[0, 1)`, given from outside so that a seed
 *   replays it
 * @returns whole milliseconds
 *
 * @example
 * ```ts
 * import { nextDelayMs, DEFAULT_RETRY } from "./retry.ts";
 * nextDelayMs(DEFAULT_RETRY, { code: "TIMEOUT", failures: 1, random: 0.5 }); // 100
 * nextDelayMs(DEFAULT_RETRY, { code: "INVALID_INPUT", failures: 1, random: 0.5 }); // null
 * ```
 */
export function nextDelayMs(
  policy: RetryPolicy,
  failure: { code: string; retryable?: boolean; failures: number; random: number },
): number | null {
  if (failure.failures >= policy.maxAttempts) return null;
  if (!isRetryable(policy, failure)) return null;
  const { initialMs, factor, maxMs, jitter } = policy.backoff;
  // No delay stays none, however far the factor has grown: 0 × ∞ is no number.
  const grownMs = initialMs === 0 ? 0 : initialMs * factor ** (failure.failures - 1);
  const delayMs = Math.min(maxMs, grownMs);
  return Math.floor(jitter === "full" ? delayMs * failure.random : delayMs);
}

function isRetryable(policy: RetryPolicy, failure: { code: string; retryable?: boolean }): boolean {
  if (policy.on !== undefined) return policy.on.includes(failure.code);
  return failure.retryable ?? TRANSIENT_CODES.includes(failure.code);
}
