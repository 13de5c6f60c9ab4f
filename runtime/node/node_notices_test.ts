import assert from "node:assert/strict";
import { NodeNotices } from "./node_notices.ts";

Deno.test("NodeNotices tells the same failure once in ten seconds, and others meanwhile", () => {
  const told: (string | undefined)[] = [];
  let now = 0;
  const notices = new NodeNotices(({ message }) => told.push(message), () => now);
  notices.fail(new Error("no disk"));
  notices.fail("no disk");
  notices.fail(new Error("no network"));
  now = 9_999;
  notices.fail(new Error("no disk"));
  assert.deepEqual(told, ["no disk", "no network"]);
  now = 10_000;
  notices.fail(new Error("no disk"));
  assert.deepEqual(told, ["no disk", "no network", "no disk"]);
});

Deno.test("NodeNotices remembers a bounded number of failures", () => {
  let count = 0;
  const notices = new NodeNotices(() => count++, () => 0);
  for (let number = 0; number < 100; number++) notices.fail(`failure ${number}`);
  notices.fail("failure 0");
  assert.equal(count, 100);
  notices.fail("failure 100");
  notices.fail("failure 0");
  assert.equal(count, 102);
});
