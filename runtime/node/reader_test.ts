import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_RETRY } from "../../core/retry.ts";
import { PARTITION, until, withNodes } from "../../tests/leading_kit.ts";
import { openMemoryClusterStore } from "../store/mod.ts";
import { readRuns } from "./reader.ts";

Deno.test("RunReader.follow() ends when the run closed between the look at its line and its journal", async () => {
  await withNodes(["a/1"], async (memory, a) => {
    const { runs, archive } = memory;
    const cluster = openMemoryClusterStore();
    await cluster.settings({ partitions: 1 });
    await a!.lead();
    const packageHash = await memory.remember([{ id: "x" }]);
    await memory.wish("r1", { type: "submit", packageHash, input: {}, workDir: "/" });
    a!.shared.look(PARTITION);
    await a!.begun("x");
    await until(async () => await runs.run("r1") !== null);
    const stale = (await runs.run("r1"))!;
    a!.answer("x");
    await until(async () => (await runs.run("r1"))?.status === "completed");
    const run = runs.run.bind(runs);
    let looks = 0;
    runs.run = async (runId) => looks++ === 0 ? stale : await run(runId);
    const stopped = new AbortController();
    const late = new AbortController();
    const types: string[] = [];
    const following = (async () => {
      for await (
        const { event } of readRuns({ runs, archive, cluster }).follow("r1", stopped.signal)
      ) {
        types.push(event.type);
      }
      return "ended";
    })();
    const end = await Promise.race([following, sleep(1_000, "late", late)]);
    late.abort();
    stopped.abort();
    await following;
    assert.equal(end, "ended");
    assert.equal(types.at(-1), "RunCompleted");
  });
});

Deno.test("RunReader.follow() goes on behind the end that a retry took back", async () => {
  await withNodes(["a/1"], async (memory, a) => {
    const { runs, archive } = memory;
    const cluster = openMemoryClusterStore();
    await cluster.settings({ partitions: 1 });
    await a!.lead();
    const packageHash = await memory.remember([{
      id: "x",
      retry: { ...DEFAULT_RETRY, maxAttempts: 1 },
    }]);
    await memory.wish("r1", { type: "submit", packageHash, input: {}, workDir: "/" });
    a!.shared.look(PARTITION);
    await a!.begun("x");
    a!.answer("x", { status: "failed", error: { code: "FAILED", message: "drawn" } });
    await until(async () => (await runs.run("r1"))?.status === "failed");
    await memory.wish("r1", { type: "retry" });
    a!.shared.look(PARTITION);
    await a!.begun("x");
    a!.answer("x");
    await until(async () => (await runs.run("r1"))?.status === "completed");
    const { signal } = new AbortController();
    const told = await Array.fromAsync(readRuns({ runs, archive, cluster }).follow("r1", signal));
    assert.equal(told.at(-1)?.event.type, "RunCompleted");
  });
});
