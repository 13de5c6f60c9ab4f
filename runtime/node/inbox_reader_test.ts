import assert from "node:assert/strict";
import { PARTITION, until, withNodes } from "../../tests/leading_kit.ts";
import { InboxReader } from "./inbox_reader.ts";

Deno.test("InboxReader looks once more for all that rang while it was looking", async () => {
  await withNodes(["a/1"], async (memory, a) => {
    await a!.lead();
    const gate = Promise.withResolvers<void>();
    let looks = 0;
    const reader = new InboxReader({
      store: {
        inbox: async (number, after) => {
          looks++;
          await gate.promise;
          return await memory.runs.inbox(number, after);
        },
      },
      table: a!.table,
      onWish: () => {},
      onError: (error) => assert.fail(String(error)),
      pollMs: 60_000,
    });
    for (let times = 0; times < 5; times++) reader.look(PARTITION);
    assert.equal(looks, 1);
    gate.resolve();
    await until(() => looks === 2);
    // Nobody rang since.
    await reader.read(PARTITION);
    assert.equal(looks, 3);
    reader.close();
  });
});

Deno.test("InboxReader passes over what another leadership asked for", async () => {
  await withNodes(["a/1"], async (memory, a) => {
    await a!.lead();
    const gate = Promise.withResolvers<void>();
    const seen: string[] = [];
    const reader = new InboxReader({
      store: {
        inbox: async (number, after) => {
          const page = await memory.runs.inbox(number, after);
          await gate.promise;
          return page;
        },
      },
      table: a!.table,
      onWish: (_, { runId }) => seen.push(runId),
      onError: (error) => assert.fail(String(error)),
      pollMs: 60_000,
    });
    await memory.wish("r1", { type: "cancel", reason: "no more" });
    const reading = reader.read(PARTITION);
    await a!.shared.handOver(PARTITION);
    gate.resolve();
    await reading;
    assert.deepEqual(seen, []);
    assert.deepEqual((await reader.list(PARTITION)).map(({ runId }) => runId), ["r1"]);
    reader.close();
  });
});
