import assert from "node:assert/strict";
import fc from "fast-check";
import { DEFAULT_RETRY, nextDelayMs, type RetryPolicy, TRANSIENT_CODES } from "./retry.ts";
import { ERRORS } from "./catalogue/mod.ts";

const PLAIN: RetryPolicy = {
  maxAttempts: 5,
  backoff: { initialMs: 100, factor: 3, maxMs: 1_000, jitter: "none" },
};

function delay(policy: RetryPolicy, over: Partial<Parameters<typeof nextDelayMs>[1]> = {}) {
  return nextDelayMs(policy, { code: "TIMEOUT", failures: 1, random: 0.5, ...over });
}

Deno.test("nextDelayMs() grows by the factor up to the limit", () => {
  const delays = [1, 2, 3, 4, 5].map((failures) => delay(PLAIN, { failures }));
  assert.deepEqual(delays, [100, 300, 900, 1_000, null]);
});

Deno.test("nextDelayMs() retries transient codes only, when the policy names none", () => {
  for (const code of TRANSIENT_CODES) assert.notEqual(delay(PLAIN, { code }), null, code);
  for (const code of ["FAILED", "INVALID_INPUT", "PERMISSION_DENIED", "CANCELLED", "MY_OWN"]) {
    assert.equal(delay(PLAIN, { code }), null, code);
  }
});

Deno.test("nextDelayMs() lets the error itself say whether it may be retried", () => {
  assert.equal(delay(PLAIN, { code: "MY_OWN", retryable: true }), 100);
  assert.equal(delay(PLAIN, { code: "TIMEOUT", retryable: false }), null);
});

Deno.test("nextDelayMs() follows the policy's own list above all", () => {
  const policy = { ...PLAIN, on: ["MY_OWN"] };
  assert.equal(delay(policy, { code: "MY_OWN", retryable: false }), 100);
  assert.equal(delay(policy, { code: "TIMEOUT", retryable: true }), null);
});

Deno.test("nextDelayMs() with full jitter is uniform below the plain delay", () => {
  fc.assert(fc.property(
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    fc.integer({ min: 1, max: 2 }),
    (random, failures) => {
      const jittered = delay(DEFAULT_RETRY, { failures, random })!;
      const plain = 200 * 2 ** (failures - 1);
      assert.equal(jittered, Math.floor(plain * random));
      assert.ok(jittered >= 0 && jittered < plain);
    },
  ));
});

Deno.test("TRANSIENT_CODES are the transient attempt errors of the catalogue", () => {
  const transient = Object.entries(ERRORS)
    .filter(([, entry]) => entry.category === "attempt" && entry.isTransient)
    .map(([code]) => code);
  assert.deepEqual([...TRANSIENT_CODES].sort(), transient.sort());
});

Deno.test("nextDelayMs() stays a number in a row of failures without end", () => {
  for (const initialMs of [0, 1]) {
    const policy = {
      maxAttempts: Infinity,
      backoff: { initialMs, factor: 10, maxMs: 30_000, jitter: "none" as const },
    };
    const failure = { code: "TIMEOUT", failures: 5_000, random: 0 };
    assert.equal(nextDelayMs(policy, failure), initialMs * 30_000);
  }
});
