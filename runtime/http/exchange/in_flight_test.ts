import assert from "node:assert/strict";
import { InFlight } from "./in_flight.ts";

Deno.test("InFlight lets in as many as it may, and others when some have left", () => {
  const inFlight = new InFlight(2);
  inFlight.enter();
  inFlight.enter();
  assert.throws(() => inFlight.enter(), { code: "TOO_MANY_REQUESTS_AT_ONCE" });
  assert.equal(inFlight.count, 2);
  inFlight.leave();
  inFlight.enter();
  assert.equal(inFlight.count, 2);
});
