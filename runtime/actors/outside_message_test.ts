import assert from "node:assert/strict";
import type { SendOptions } from "../../actors/frames.ts";
import { charsOf, findFault } from "./outside_message.ts";

Deno.test("findFault() names the option that is malformed", () => {
  const wrong: [string, SendOptions][] = [
    ["lane", { lane: "urgent" as "high" }],
    ["id", { id: "" }],
    ["tags", { tags: Array.from({ length: 17 }, () => "tag") }],
    ["ttlMs", { ttlMs: -1 }],
    ["delayMs", { delayMs: NaN }],
    ["partitionBy", { partitionBy: "x".repeat(129) }],
  ];
  for (const [name, options] of wrong) {
    assert.equal(findFault(2, options)?.message, `Cannot send: option "${name}" is malformed`);
  }
});

Deno.test("findFault() refuses what is no JSON, and nothing else", () => {
  assert.equal(findFault(charsOf(1n), {})?.code, "INVALID_MESSAGE");
  assert.equal(findFault(charsOf(() => 1), {})?.message, "Cannot send: the payload is no JSON");
  const options: SendOptions = { lane: "high", id: "1", tags: ["a"], ttlMs: 0, delayMs: 5 };
  assert.equal(findFault(charsOf({ a: [1, null] }), options), null);
});

Deno.test("charsOf() counts the characters of the JSON text", () => {
  assert.equal(charsOf({ a: 1 }), '{"a":1}'.length);
  const ring: unknown[] = [];
  ring.push(ring);
  assert.equal(charsOf(ring), 0);
});
