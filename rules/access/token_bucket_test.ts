import assert from "node:assert/strict";
import fc from "fast-check";
import { type Bucket, takeTokens } from "./token_bucket.ts";

Deno.test("takeTokens() lets a burst through, then a steady trickle", () => {
  const policy = { capacity: 3, perS: 2 };
  let bucket: Bucket | null = null;
  const take = (now: number) => {
    const verdict = takeTokens(bucket, policy, { now });
    bucket = verdict.bucket;
    return verdict.isAllowed ? 0 : verdict.retryAfterMs;
  };
  assert.deepEqual([0, 0, 0, 0].map(take), [0, 0, 0, 500]);
  assert.deepEqual([250, 500, 750, 1_000].map(take), [250, 0, 250, 0]);
  assert.deepEqual([60_000, 60_000, 60_000, 60_000].map(take), [0, 0, 0, 500]);
  assert.equal(take(0), 500, "a clock that goes back fills nothing");
});

Deno.test("takeTokens() never lets more through than capacity and rate, and says when it will", () => {
  const steps = fc.array(fc.nat(2_000), { minLength: 1, maxLength: 60 });
  fc.assert(fc.property(
    steps,
    fc.integer({ min: 1, max: 10 }),
    fc.integer({ min: 1, max: 20 }),
    (waits, capacity, perS) => {
      let bucket: Bucket | null = null;
      let now = 0;
      let allowed = 0;
      for (const wait of waits) {
        now += wait;
        const verdict = takeTokens(bucket, { capacity, perS }, { now });
        bucket = verdict.bucket;
        if (verdict.isAllowed) allowed++;
        else {
          const later = now + verdict.retryAfterMs;
          assert.ok(takeTokens(bucket, { capacity, perS }, { now: later }).isAllowed);
        }
        assert.ok(bucket.tokens >= 0 && bucket.tokens <= capacity);
      }
      assert.ok(allowed <= capacity + now * perS / 1_000 + 1e-6);
    },
  ));
});
