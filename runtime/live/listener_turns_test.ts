import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ListenerTurns } from "./listener_turns.ts";

Deno.test("ListenerTurns serves few at once, and all in the order in which they came", async () => {
  const turns = new ListenerTurns();
  const served: number[] = [];
  const all = Promise.withResolvers<void>();
  const serve = (n: number) => () => {
    served.push(n);
    if (n === 999) all.resolve();
  };
  turns.add(Array.from({ length: 500 }, (_, n) => serve(n)));
  const atOnce = served.length;
  assert.ok(atOnce > 0 && atOnce < 50, `${atOnce} were served at once`);
  turns.add(Array.from({ length: 500 }, (_, n) => serve(500 + n)));
  assert.equal(served.length, atOnce);
  await all.promise;
  assert.deepEqual(served, Array.from({ length: 1_000 }, (_, n) => n));
});

Deno.test("ListenerTurns lets others in while many are served", async () => {
  const turns = new ListenerTurns();
  let servedLast = 0;
  const all = Promise.withResolvers<void>();
  // Each takes a while, as a write to a socket does.
  const serve = (n: number) => () => {
    const until = performance.now() + 0.1;
    while (performance.now() < until);
    servedLast = n;
    if (n === 500) all.resolve();
  };
  turns.add(Array.from({ length: 501 }, (_, n) => serve(n)));
  const timers: number[] = [];
  while (servedLast < 500) {
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    timers.push(servedLast);
  }
  await all.promise;
  assert.ok(timers.length > 10, `${timers.length} timers came in between`);
});

Deno.test("ListenerTurns serves at once whoever comes when nobody waits", async () => {
  const turns = new ListenerTurns();
  let served = 0;
  for (let round = 1; round <= 3; round++) {
    turns.add([() => served++]);
    assert.equal(served, round);
    await nextTurn();
    await nextTurn();
  }
  turns.add([]);
  assert.equal(served, 3);
});
