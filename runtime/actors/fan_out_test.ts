import assert from "node:assert/strict";
import type { Activation } from "./activation.ts";
import { FanOut } from "./fan_out.ts";

function sender(name: string, key: string): Activation {
  return { address: `actor://${name}/${key}`, type: { spec: { name } } } as Activation;
}

Deno.test("refuse() lets a message to many through, and the next one when its debt is paid", () => {
  const fanOut = new FanOut();
  const one = sender("crawler", "1");
  assert.equal(fanOut.refuse(one, 0), null);
  fanOut.charge(one, 35_000, 0);
  const refusal = fanOut.refuse(one, 0);
  assert.equal(refusal?.code, "RATE_LIMITED");
  assert.deepEqual(refusal?.details, { retryAfterMs: 1_001 });
  assert.equal(fanOut.refuse(one, 1_000)?.code, "RATE_LIMITED");
  assert.equal(fanOut.refuse(one, 1_001), null);
});

Deno.test("refuse() counts the instances of one definition together, and nobody outside", () => {
  const fanOut = new FanOut();
  fanOut.charge(sender("crawler", "1"), 50_000, 0);
  assert.equal(fanOut.refuse(sender("crawler", "2"), 0)?.code, "RATE_LIMITED");
  assert.equal(fanOut.refuse(sender("other", "1"), 0), null);
  fanOut.charge(null, 1_000_000, 0);
  assert.equal(fanOut.refuse(null, 0), null);
});

Deno.test("charge() counts what was looked at, also when nobody gets it", () => {
  const fanOut = new FanOut();
  const one = sender("crawler", "1");
  fanOut.charge(one, 0, 0, 249_900);
  assert.equal(fanOut.refuse(one, 0), null);
  fanOut.charge(one, 1, 0, 250_000);
  assert.equal(fanOut.refuse(one, 0)?.code, "RATE_LIMITED");
});
