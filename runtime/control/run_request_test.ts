import assert from "node:assert/strict";
import { keyOf, readTerms } from "./run_request.ts";

Deno.test("readTerms() says whose run it is to be", () => {
  const request = { workflow: "w", tags: ["x", "x", "y"], traceparent: "00-…" };
  assert.deepEqual(readTerms(request, { by: "key:1", tenant: "acme" }), {
    tenant: "acme",
    tags: ["x", "y"],
    origin: { submittedBy: "key:1", tenant: "acme", tags: ["x", "y"], traceparent: "00-…" },
  });
  const admin = { by: "key:2", tenant: null };
  assert.deepEqual(readTerms({ workflow: "w" }, admin).origin, { submittedBy: "key:2" });
  assert.equal(readTerms({ workflow: "w", tenant: "acme" }, admin).tenant, "acme");
});

Deno.test("keyOf() lets no keys of different tenants meet", () => {
  const keys = [["a", "b/c"], ["a/b", "c"], ["a", "c"], ["", "a"]] as const;
  const all = keys.map(([tenant, key]) => keyOf(key, tenant));
  assert.equal(new Set(all).size, keys.length);
  assert.equal(keyOf("k", "acme"), keyOf("k", "acme"));
  assert.equal(keyOf("k", null), "k");
});
