import assert from "node:assert/strict";
import { Outbox } from "./outbox.ts";

const ID = { runId: "r1", taskId: "x", index: 0, attempt: 1 };
const DONE = { status: "completed", output: 1 } as const;

Deno.test("Outbox has the end of an attempt until the store has it", async () => {
  const gate = Promise.withResolvers<void>();
  const outbox = new Outbox({ send: () => gate.promise, partitionOf: () => 0, onError: () => {} });
  outbox.tell([{ type: "finish", id: ID, outcome: DONE }]);
  assert.ok(outbox.has(ID));
  assert.ok(!outbox.has({ ...ID, attempt: 2 }));
  gate.resolve();
  await outbox.flushed();
  assert.ok(!outbox.has(ID));
});

Deno.test("Outbox acknowledges a step once it is durable, and tries again when a write fails", async () => {
  const errors: unknown[] = [];
  const sent: string[] = [];
  let isAcknowledged = false;
  const outbox = new Outbox({
    send: (partition, commands) => {
      assert.ok(!isAcknowledged);
      if (errors.length === 0) return Promise.reject(new Error("away"));
      sent.push(...commands.map(({ type, body }) => `${partition} ${type} ${body.task}`));
      return Promise.resolve();
    },
    partitionOf: () => 3,
    onError: (error) => errors.push(error),
  });
  const acknowledge = () => isAcknowledged = true;
  outbox.tell([
    { type: "step", id: ID, stepId: "s", output: null, acknowledge },
    { type: "finish", id: ID, outcome: DONE },
  ]);
  await outbox.flushed();
  assert.equal(errors.length, 1);
  assert.deepEqual(sent, ["3 step x", "3 finish x"]);
  assert.ok(isAcknowledged);
});
