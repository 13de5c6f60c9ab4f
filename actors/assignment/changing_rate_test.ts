import assert from "node:assert/strict";
import fc from "fast-check";
import { ChangingRate } from "./changing_rate.ts";

function after(outcomes: string, hazard = 1 / 100) {
  const rate = new ChangingRate(hazard);
  for (const one of outcomes) rate.step(one === "1");
  return rate.belief();
}

Deno.test("ChangingRate finds a change within a few outcomes", () => {
  assert.ok(after("1".repeat(200)).mean > 0.97);
  assert.ok(after("1".repeat(200) + "00000").mean < 0.3);
  assert.ok(after("1".repeat(200) + "00000" + "11111111").mean > 0.75);
});

Deno.test("ChangingRate rests on all outcomes while nothing changes", () => {
  const { mean, outcomes, between } = after("1101".repeat(60), 1 / 400);
  assert.ok(Math.abs(mean - 0.75) < 0.03);
  assert.ok(outcomes > 180);
  assert.ok(between < 0.005);
});

Deno.test("ChangingRate gives chances that add up, and beliefs within bounds", () => {
  fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (outcomes) => {
    const [rate, other] = [new ChangingRate(1 / 40), new ChangingRate(1 / 40)];
    for (const one of outcomes) {
      rate.step(one);
      other.step(one);
    }
    const { mean, between, within } = rate.belief();
    assert.ok(mean > 0 && mean < 1 && between >= 0 && within > 0 && between + within < 0.26);
    assert.ok(Math.abs(rate.step(true) + other.step(false) - 1) < 1e-9);
  }));
});
