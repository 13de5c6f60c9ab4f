import assert from "node:assert/strict";
import fc from "fast-check";
import { explorationBonus } from "./exploration.ts";

Deno.test("explorationBonus() grows with what is not known and with the tasks to come", () => {
  assert.ok(explorationBonus(0.5, 0.05, 200) > explorationBonus(0.5, 0.01, 200));
  assert.ok(explorationBonus(0.5, 0.05, 1_000) > explorationBonus(0.5, 0.05, 100));
  assert.ok(explorationBonus(0.5, 0.0001, 200) < 0.005);
});

Deno.test("explorationBonus() is nothing where nothing is to be learnt, and never less", () => {
  assert.equal(explorationBonus(0, 0.1, 100), 0);
  assert.equal(explorationBonus(0.5, 0, 100), 0);
  const rate = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(fc.property(rate, rate, fc.integer({ min: 1, max: 5_000 }), (mean, share, horizon) => {
    const bonus = explorationBonus(mean, share * mean * (1 - mean), horizon);
    assert.ok(Number.isFinite(bonus) && bonus >= 0 && bonus < 2);
  }));
});
