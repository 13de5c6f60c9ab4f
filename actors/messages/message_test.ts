import assert from "node:assert/strict";
import { isLane, isMessageId, isMessageType, isTagList, LANES } from "./message.ts";

Deno.test("isMessageType() accepts names of handlers and refuses the rest", () => {
  for (const good of ["a", "count", "$stop", "Files.found", "a_b-c.d$", "a".repeat(128)]) {
    assert.ok(isMessageType(good), good);
  }
  const bad = ["", "1a", "_a", ".a", "__proto__", "a b", "a\n", "é", "a".repeat(129), null, 5, [
    "a",
  ]];
  for (const value of bad) assert.ok(!isMessageType(value), String(value));
});

Deno.test("isMessageId() accepts printable characters up to its length", () => {
  for (const good of ["1", "01J9 Q", "docs/ü.md", "🦕".repeat(128)]) assert.ok(isMessageId(good));
  const bad = ["", "a\nb", "a\u001b[2J", "a\u202eb", "\ud800", "x".repeat(129), 7, null, undefined];
  for (const value of bad) assert.ok(!isMessageId(value), JSON.stringify(value));
});

Deno.test("isTagList() accepts at most 16 printable tags", () => {
  const sixteen = Array.from({ length: 16 }, (_, at) => `tag-${at}`);
  for (const good of [[], ["a"], ["x".repeat(64)], sixteen]) assert.ok(isTagList(good));
  const bad = [[...sixteen, "a"], [""], ["x".repeat(65)], ["a\tb"], [1], "a", { length: 0 }, null];
  for (const value of bad) assert.ok(!isTagList(value), JSON.stringify(value));
});

Deno.test("isLane() knows the lanes and nothing else", () => {
  for (const lane of LANES) assert.ok(isLane(lane));
  for (const value of ["", "urgent", "High", 0, null, ["high"]]) assert.ok(!isLane(value));
});
