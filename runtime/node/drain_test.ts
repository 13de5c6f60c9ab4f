import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { untilNone, withinMs } from "./drain.ts";

Deno.test("untilNone() waits until nothing is left", async () => {
  const left = new Set(["a"]);
  const waiting = untilNone(() => left, performance.now() + 60_000);
  await sleep(1);
  left.clear();
  await waiting;
});

Deno.test("untilNone() waits no longer than it may", async () => {
  const startedAt = performance.now();
  await untilNone(() => ["a"], startedAt + 20);
  assert.ok(performance.now() >= startedAt + 20);
});

Deno.test("withinMs() awaits one after the other, and gives up on both together", async () => {
  const seen: string[] = [];
  const never = new Promise<void>(() => {});
  await withinMs(20, [
    () => Promise.resolve(void seen.push("first")),
    () => (seen.push("second"), never),
    () => (seen.push("third"), never),
  ]);
  assert.deepEqual(seen, ["first", "second", "third"]);
});

Deno.test("withinMs() leaves no timer behind when something fails", async () => {
  await assert.rejects(withinMs(60_000, [() => Promise.reject(new Error("no store"))]), /no store/);
});
