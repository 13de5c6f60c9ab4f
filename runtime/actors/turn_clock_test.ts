import assert from "node:assert/strict";
import { turnClock } from "./turn_clock.ts";

Deno.test("turnClock() asks for the time once in a turn", async () => {
  let asked = 0;
  const now = turnClock({ now: () => ++asked });
  assert.deepEqual([now(), now(), now()], [1, 1, 1]);
  await Promise.resolve();
  assert.deepEqual([now(), now()], [2, 2]);
});
