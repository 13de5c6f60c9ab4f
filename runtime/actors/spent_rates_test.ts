import assert from "node:assert/strict";
import { createBucket, tryTake } from "../../actors/messages/mod.ts";
import { SpentRates } from "./spent_rates.ts";

const RATE = { messages: 1, perMs: 100, burst: 2 };

/** A bucket of which one is spent at 0. */
function spent() {
  const bucket = createBucket(RATE, 0);
  tryTake(bucket, 0);
  return bucket;
}

Deno.test("SpentRates gives back what an actor left of its rate, once", () => {
  const rates = new SpentRates(10);
  const bucket = spent();
  rates.keep("actor://a/1", bucket, 0);
  assert.equal(rates.take("actor://a/1"), bucket);
  assert.equal(rates.take("actor://a/1"), undefined);
});

Deno.test("SpentRates keeps nothing that is full, and no more than it may", () => {
  const rates = new SpentRates(1);
  rates.keep("full", createBucket(RATE, 0), 0);
  assert.equal(rates.size, 0);
  rates.keep("a", spent(), 0);
  rates.keep("b", spent(), 0);
  assert.equal(rates.size, 1);
  rates.sweep(99);
  assert.equal(rates.size, 1);
  rates.sweep(100);
  assert.equal(rates.size, 0);
});
