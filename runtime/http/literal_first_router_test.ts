import assert from "node:assert/strict";
import { LiteralFirstRouter } from "./literal_first_router.ts";

function handlersOf(router: LiteralFirstRouter<string>, method: string, path: string): string[] {
  return router.match(method, path)[0].map(([handler]) => handler);
}

Deno.test("LiteralFirstRouter finds what is written out before what a name fits", () => {
  const router = new LiteralFirstRouter<string>();
  router.add("GET", "/runs/:id", "one");
  router.add("GET", "/runs", "guard");
  router.add("GET", "/runs", "list");
  router.add("GET", "/runs/bulk", "bulk");
  assert.deepEqual(handlersOf(router, "GET", "/runs"), ["guard", "list"]);
  assert.deepEqual(handlersOf(router, "GET", "/runs/bulk"), ["bulk"]);
  assert.deepEqual(handlersOf(router, "GET", "/runs/7"), ["one"]);
  assert.deepEqual(handlersOf(router, "POST", "/runs"), []);
  assert.deepEqual(handlersOf(router, "GET", "/nothing"), []);
});
