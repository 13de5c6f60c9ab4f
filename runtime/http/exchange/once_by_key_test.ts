import assert from "node:assert/strict";
import { OnceByKey } from "./once_by_key.ts";

/** Counts how often it was called. */
function counter() {
  let count = 0;
  return () => Promise.resolve(++count);
}

Deno.test("OnceByKey.do() does once what comes twice, also at the same time", async () => {
  const once = new OnceByKey<number>();
  const next = counter();
  const all = await Promise.all([1, 2, 3].map(() => once.do("a", "x", next)));
  assert.deepEqual([...all, await once.do("a", "x", next)], [1, 1, 1, 1]);
  assert.equal(await once.do("b", "x", next), 2);
  assert.equal(await once.do(undefined, "x", next), 3);
  assert.equal(await once.do(undefined, "x", next), 4);
});

Deno.test("OnceByKey.do() refuses a key that came with another request", async () => {
  const once = new OnceByKey<number>();
  const next = counter();
  await once.do("a", "x", next);
  await assert.rejects(once.do("a", "y", next), { code: "KEY_MISMATCH" });
});

Deno.test("OnceByKey.do() tries again what failed, and forgets the oldest and what is old", async () => {
  const once = new OnceByKey<number>({ keysMax: 2, keptMs: 3_600_000 });
  const next = counter();
  await assert.rejects(once.do("a", "x", () => Promise.reject(new Error("no"))), /no/);
  assert.equal(await once.do("a", "y", next), 1);
  assert.equal(await once.do("b", "x", next), 2);
  assert.equal(await once.do("c", "x", next), 3);
  assert.equal(await once.do("a", "y", next), 4);
  const brief = new OnceByKey<number>({ keysMax: 2, keptMs: 0 });
  assert.deepEqual([await brief.do("a", "x", next), await brief.do("a", "z", next)], [5, 6]);
});
