import assert from "node:assert/strict";
import fc from "fast-check";
import { createBucket, tryTake } from "./rate_limit.ts";

const rate = fc.record({
  messages: fc.integer({ min: 1, max: 1_000 }),
  perMs: fc.integer({ min: 1, max: 60_000 }),
  burst: fc.integer({ min: 1, max: 200 }),
});

Deno.test("tryTake() lets a burst through, then one for each interval", () => {
  const bucket = createBucket({ messages: 10, perMs: 1_000, burst: 3 }, 0);
  assert.deepEqual([0, 0, 0, 0].map((now) => tryTake(bucket, now)), [0, 0, 0, 100]);
  assert.equal(tryTake(bucket, 99), 1);
  assert.equal(tryTake(bucket, 100), 0);
  assert.equal(tryTake(bucket, 100), 100);
});

Deno.test("tryTake() takes all of a count or nothing", () => {
  const bucket = createBucket({ messages: 1, perMs: 10, burst: 5 }, 0);
  assert.equal(tryTake(bucket, 0, 3), 0);
  assert.equal(tryTake(bucket, 0, 3), 10);
  assert.equal(tryTake(bucket, 0, 2), 0);
  assert.equal(tryTake(bucket, 0, 6), Infinity);
});

Deno.test("tryTake() grants no more than burst and rate allow, also when the clock jumps", () => {
  const jump = fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 0, max: 500 }) },
    { weight: 1, arbitrary: fc.integer({ min: -1_000_000, max: 0 }) },
  );
  const steps = fc.array(fc.tuple(jump, fc.integer({ min: 1, max: 20 })), { maxLength: 200 });
  fc.assert(fc.property(rate, steps, (rate, steps) => {
    const bucket = createBucket(rate, 1_000_000);
    let now = 1_000_000;
    let passedMs = 0;
    let granted = 0;
    for (const [jumpMs, count] of steps) {
      now += jumpMs;
      passedMs += Math.max(0, jumpMs);
      const waitMs = tryTake(bucket, now, count);
      assert.ok(waitMs >= 0 && bucket.credit >= 0);
      if (waitMs === 0) granted += count;
      assert.ok(granted * rate.perMs <= rate.burst * rate.perMs + passedMs * rate.messages);
    }
  }));
});

Deno.test("tryTake() allows after the time that it told, and not a millisecond before", () => {
  fc.assert(fc.property(rate, fc.array(fc.nat(50), { maxLength: 50 }), (rate, pauses) => {
    const bucket = createBucket(rate, 0);
    let now = 0;
    for (const pause of pauses) {
      now += pause;
      const waitMs = tryTake(bucket, now);
      if (waitMs === 0) continue;
      assert.ok(Number.isSafeInteger(waitMs) && waitMs >= 1);
      assert.equal(tryTake(bucket, now + waitMs - 1), 1);
      now += waitMs;
      assert.equal(tryTake(bucket, now), 0);
    }
  }));
});

Deno.test("tryTake() goes on refilling from the new time after the clock was set back", () => {
  const bucket = createBucket({ messages: 1, perMs: 100, burst: 1 }, 1_000_000);
  assert.equal(tryTake(bucket, 1_000_000), 0);
  assert.equal(tryTake(bucket, 0), 100);
  assert.equal(tryTake(bucket, 100), 0);
});
