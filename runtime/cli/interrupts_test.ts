import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { onInterrupt } from "./interrupts.ts";

Deno.test("onInterrupt() takes a signal that arrives twice at once for one", async () => {
  const seen: string[] = [];
  const first = Promise.withResolvers<void>();
  const again = Promise.withResolvers<void>();
  using _interrupts = onInterrupt(
    (signal) => (seen.push(`first ${signal}`), first.resolve()),
    (signal) => (seen.push(`again ${signal}`), again.resolve()),
  );
  Deno.kill(Deno.pid, "SIGINT");
  await first.promise;
  Deno.kill(Deno.pid, "SIGTERM");
  // Long enough that the next one is meant as one.
  await sleep(700);
  assert.deepEqual(seen, ["first SIGINT"]);
  Deno.kill(Deno.pid, "SIGINT");
  await again.promise;
  assert.deepEqual(seen, ["first SIGINT", "again SIGINT"]);
});
