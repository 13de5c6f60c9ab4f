import assert from "node:assert/strict";
import { SendQueue } from "./send_queue.ts";

Deno.test("SendQueue writes in order, in batches, and again what failed", async () => {
  const written: [string, number[]][] = [];
  const errors: unknown[] = [];
  let failures = 2;
  const queue = new SendQueue<number>({
    send: async (to, items) => {
      await Promise.resolve();
      if (failures-- > 0) throw new Error("locked");
      written.push([to, items]);
    },
    onError: (error) => errors.push(error),
  });
  const sent: number[] = [];
  for (let n = 0; n < 450; n++) queue.add("a", n, () => sent.push(n));
  queue.add("b", 1);
  await queue.flushed();
  const all = Array.from({ length: 450 }, (_, n) => n);
  assert.deepEqual(written.filter(([to]) => to === "a").flatMap(([, items]) => items), all);
  assert.equal(written.length, 4);
  assert.deepEqual(sent, all);
  assert.equal(errors.length, 2);
});

Deno.test("SendQueue gives up when it is closed", async () => {
  const queue = new SendQueue<number>({
    send: () => Promise.reject(new Error("gone")),
    onError: () => queue.close(),
  });
  queue.add("a", 1);
  await queue.flushed();
});
