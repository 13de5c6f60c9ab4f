import assert from "node:assert/strict";
import { DelayedLetters } from "./delayed_letters.ts";
import type { Letter } from "./letter.ts";

function letterOf(id: string, chars = 10): Letter {
  return {
    id,
    from: "external",
    to: "actor://a/b",
    type: "work",
    payload: null,
    chars,
    lane: "normal",
    sentAt: 0,
    expiresAt: null,
    ask: null,
    delivery: null,
  };
}

async function until(condition: () => boolean): Promise<void> {
  const endsAt = performance.now() + 5_000;
  while (!condition()) {
    assert.ok(performance.now() < endsAt, "Waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("DelayedLetters delivers by time, and those of one instant as they came", async () => {
  const delivered: string[] = [];
  const now = Date.now();
  // One instant for all that is put.
  let isFrozen = true;
  const letters = new DelayedLetters(
    () => isFrozen ? now : Date.now(),
    ({ id }) => delivered.push(id),
  );
  assert.equal(letters.put(letterOf("late"), 120), null);
  for (let n = 0; n < 20; n++) assert.equal(letters.put(letterOf(`${n}`), 40), null);
  isFrozen = false;
  await until(() => delivered.length === 21);
  assert.deepEqual(delivered, [...Array.from({ length: 20 }, (_, n) => `${n}`), "late"]);
});

Deno.test("DelayedLetters holds no more characters than it may, and has room again later", async () => {
  let delivered = 0;
  const letters = new DelayedLetters(Date.now, () => delivered++);
  const giant = letterOf("giant", 60 * 1024 * 1024);
  assert.equal(letters.put(giant, 20), null);
  assert.equal(letters.put(giant, 20)?.code, "OVERLOADED");
  assert.equal(letters.put(letterOf("small"), 20), null);
  await until(() => delivered === 2);
  assert.equal(letters.put(giant, 60_000), null);
  letters.stop();
});
