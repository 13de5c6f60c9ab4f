import assert from "node:assert/strict";
import { VirtualRestarts } from "./virtual_restarts.ts";

const ERROR = { code: "CRASHED", message: "x".repeat(2_000) };

Deno.test("VirtualRestarts keeps an instance down that crashed, longer each time, and no other", () => {
  let now = 1_000;
  const restarts = new VirtualRestarts({ now: () => now, random: () => 0.5 });
  assert.equal(restarts.delayMs("a", "1"), 0);
  restarts.record({ name: "a", key: "1", startedAt: null, error: ERROR });
  const first = restarts.delayMs("a", "1");
  assert.ok(first > 0);
  now += first;
  assert.ok(restarts.delayMs("a", "1") <= 0);
  restarts.record({ name: "a", key: "1", startedAt: null, error: ERROR });
  assert.ok(restarts.delayMs("a", "1") > first);
  assert.ok(restarts.delayMs("a", "2") <= 0);
  assert.equal(restarts.delayMs("b", "1"), 0);
  assert.deepEqual([...restarts.all()].map(({ spec }) => spec.actor), ["a"]);
});

Deno.test("VirtualRestarts says what an instance crashed of, at bounded length", () => {
  const restarts = new VirtualRestarts({ now: () => 0, random: () => 0 });
  assert.equal(restarts.lastError("a", "1"), null);
  restarts.record({ name: "a", key: "1", startedAt: 0, error: ERROR });
  const error = restarts.lastError("a", "1")!;
  assert.equal(error.code, "CRASHED");
  assert.ok(error.message.length <= 501);
});
