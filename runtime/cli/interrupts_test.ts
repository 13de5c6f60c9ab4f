import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { onInterrupt } from "./interrupts.ts";

Deno.test("onInterrupt() takes a signal that arrives twice at once for one", async () => {
  const seen: string[] = [];
  const seenSome = async (count: number) => {
    while (seen.length < count) await sleep(10);
  };
  using _interrupts = onInterrupt(() => seen.push("first"), () => seen.push("again"));
  // SIGINT would end the test runner itself.
  Deno.kill(Deno.pid, "SIGTERM");
  await seenSome(1);
  Deno.kill(Deno.pid, "SIGTERM");
  // So much later a signal is meant as another one.
  await sleep(700);
  assert.deepEqual(seen, ["first"]);
  Deno.kill(Deno.pid, "SIGTERM");
  await seenSome(2);
  assert.deepEqual(seen, ["first", "again"]);
});
