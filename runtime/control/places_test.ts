import assert from "node:assert/strict";
import { Places } from "./places.ts";

Deno.test("Places lets so many in, and leaves some to other tenants", () => {
  const places = new Places({ max: 3, ofTenantMax: 2 });
  const [first] = [places.take("acme"), places.take("acme")];
  assert.throws(() => places.take("acme"), { code: "KNOWLEDGE_BUSY" });
  const leave = places.take(null);
  assert.throws(() => places.take("umbrella"), { code: "KNOWLEDGE_BUSY" });
  first!();
  first!();
  assert.equal(places.count, 2);
  places.take("umbrella");
  leave();
  places.take("acme");
  assert.throws(() => places.take("acme"), { code: "KNOWLEDGE_BUSY" });
});
