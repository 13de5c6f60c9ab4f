import assert from "node:assert/strict";
import { TimeLimit } from "./time_limit.ts";

Deno.test("TimeLimit.hold() ends what takes too long, and nothing else", async () => {
  const limit = new TimeLimit(100);
  const never = new Promise<never>(() => {});
  const late = assert.rejects(limit.hold(never), { code: "ANSWER_TOO_SLOW", retryAfterMs: 5_000 });
  assert.equal(await limit.hold(Promise.resolve(7)), 7);
  await assert.rejects(limit.hold(Promise.reject(new Error("own"))), { message: "own" });
  await late;
});

Deno.test("TimeLimit.hold() looks on while there is something to be answered", async () => {
  const limit = new TimeLimit(1_500);
  const answers = [10, 600, 1_100].map((ms) =>
    limit.hold(new Promise((resolve) => setTimeout(resolve, ms, ms)))
  );
  const late = assert.rejects(limit.hold(new Promise(() => {})), { code: "ANSWER_TOO_SLOW" });
  assert.deepEqual(await Promise.all(answers), [10, 600, 1_100]);
  // The sanitizer finds a timer that is left behind.
  await late;
});
