import assert from "node:assert/strict";
import { DelayedLetters } from "./delayed_letters.ts";
import type { Letter } from "./letter.ts";

function letter(share: string, chars = 1): Letter {
  return { share, chars, to: "actor://a/b" } as Letter;
}

Deno.test("put() lets no sender take all of the room", () => {
  const delayed = new DelayedLetters(() => 0, () => {});
  for (let n = 0; n < 25_000; n++) {
    assert.equal(delayed.put(letter("actor://greedy"), 1e9), null);
  }
  assert.equal(delayed.put(letter("actor://greedy"), 1e9)?.code, "OVERLOADED");
  assert.equal(delayed.put(letter("actor://modest"), 1e9), null);
  const large = 16 * 1024 * 1024;
  assert.equal(delayed.put(letter("actor://modest", large), 1e9)?.code, "OVERLOADED");
  for (const share of ["a", "b", "c"]) assert.equal(delayed.put(letter(share, large), 1e9), null);
  // The system has no more.
  assert.equal(delayed.put(letter("d", large), 1e9)?.code, "OVERLOADED");
  delayed.stop();
});

Deno.test("put() has room again for what was delivered, in the order of time and of coming", async () => {
  let now = 0;
  const seen: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const delayed = new DelayedLetters(() => now, ({ id }) => {
    seen.push(id);
    if (seen.length === 3) resolve();
  });
  const large = 16 * 1024 * 1024;
  const put = (id: string, delayMs: number, chars = 1) =>
    delayed.put({ ...letter("actor://one", chars), id }, delayMs);
  put("late", 2);
  put("first", 1);
  put("second", 1);
  now = 2;
  await promise;
  assert.deepEqual(seen, ["first", "second", "late"]);
  assert.equal(put("large", 1e9, large), null);
  delayed.stop();
});
