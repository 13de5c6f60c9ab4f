import assert from "node:assert/strict";
import { PARTITION, withNodes } from "../../tests/leading_kit.ts";

const DONE = { status: "completed", output: 1 } as const;

Deno.test("PartitionTable knows the agents of attempts that left their partition behind", async () => {
  await withNodes(["a/1"], async (memory, a) => {
    const table = a!.table;
    await a!.lead();
    const packageHash = await memory.remember([{ id: "x" }, { id: "y" }]);
    await memory.wish("r1", { type: "submit", packageHash, input: {}, workDir: "/" });
    a!.shared.look(PARTITION);
    await a!.begun("y");
    assert.equal(table.agentKeys("r1")?.get("a"), "key");
    await a!.shared.handOver(PARTITION);
    assert.equal(table.active("r1"), undefined);
    assert.equal(table.agentKeys("r1")?.get("a"), "key");
    a!.answer("x");
    assert.equal(table.agentKeys("r1")?.get("a"), "key");
    a!.answer("y");
    assert.equal(table.agentKeys("r1"), undefined);
    await a!.outbox.flushed();
    const inbox = await memory.runs.inbox(PARTITION);
    assert.deepEqual(inbox.map(({ type, body }) => [type, body.task]), [["finish", "x"], [
      "finish",
      "y",
    ]]);
  });
});

Deno.test("PartitionTable knows the agents of attempts that leave while their partition is handed over", async () => {
  await withNodes(["a/1"], async (memory, a) => {
    const table = a!.table;
    await a!.lead();
    const packageHash = await memory.remember([{ id: "x" }]);
    await memory.wish("r1", { type: "submit", packageHash, input: {}, workDir: "/" });
    const { runs } = memory;
    const append = runs.append.bind(runs);
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    runs.append = async (...given) => {
      begun.resolve();
      await gate.promise;
      return await append(...given);
    };
    a!.shared.look(PARTITION);
    await begun.promise;
    const handedOver = a!.shared.handOver(PARTITION);
    gate.resolve();
    await handedOver;
    assert.equal(a!.cells.size, 1);
    assert.equal(table.agentKeys("r1")?.get("a"), "key");
  });
});

Deno.test("PartitionTable sends a step of a run that is led elsewhere to its leader", async () => {
  await withNodes(["a/1"], async (memory, a) => {
    const id = { runId: "r1", taskId: "x", index: 0, attempt: 1 };
    const acknowledged = Promise.withResolvers<void>();
    a!.table.report(id, {
      type: "step",
      stepId: "s",
      output: 1,
      acknowledge: () => acknowledged.resolve(),
    });
    a!.table.finish([{ id, outcome: DONE }]);
    await acknowledged.promise;
    await a!.outbox.flushed();
    const inbox = await memory.runs.inbox(PARTITION);
    assert.deepEqual(inbox.map(({ type }) => type), ["step", "finish"]);
  });
});
