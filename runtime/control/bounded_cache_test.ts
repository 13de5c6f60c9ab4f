import assert from "node:assert/strict";
import { BoundedCache } from "./bounded_cache.ts";

Deno.test("BoundedCache forgets what was not asked for the longest", () => {
  const cache = new BoundedCache<number>({ entriesMax: 2 });
  cache.set("a", 1);
  cache.set("b", 2);
  assert.equal(cache.get("a"), 1);
  cache.set("c", 3);
  assert.equal(cache.get("b"), undefined);
  assert.equal(cache.get("a"), 1);
  assert.equal(cache.size, 2);
});

Deno.test("BoundedCache keeps no more weight than it may", () => {
  const cache = new BoundedCache<string>({ entriesMax: 10, weightMax: 5 });
  cache.set("a", "a", 3);
  cache.set("b", "b", 3);
  assert.equal(cache.get("a"), undefined);
  cache.set("b", "B", 1);
  cache.set("c", "c", 4);
  assert.equal(cache.get("b"), "B");
  cache.set("d", "d", 6);
  assert.equal(cache.size, 0);
  cache.set("e", "e", 5);
  assert.equal(cache.get("e"), "e");
});
