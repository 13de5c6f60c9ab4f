import assert from "node:assert/strict";
import { definitionOf, TestRun } from "../../tests/decider_kit.ts";
import type { RunEntry } from "../../core/ports.ts";
import { hasEnded, type RunEvent, viewRun } from "../../workflows/mod.ts";
import type { WorkflowPackage } from "../node/mod.ts";
import { openMemoryArchive, openMemoryClusterStore, openMemoryStore } from "../store/mod.ts";
import { PackageReader } from "./package_reader.ts";
import { RunFolds } from "./run_folds.ts";

/** A run whose events a test writes to a store, some at a time. */
async function journalled() {
  const runs = openMemoryStore<RunEvent>();
  const definition = definitionOf([{ id: "e", forEach: "[1, 2, 3]" }, { id: "z", needs: ["e"] }]);
  const agent = { codeHash: "0", capabilities: [] };
  const content: WorkflowPackage = { definition, agents: { a: agent, b: agent } };
  const packageHash = await runs.putBlob(new TextEncoder().encode(JSON.stringify(content)));
  const holder = { nodeId: "n", host: "h", pid: 1, processStart: "s" };
  const fence = await runs.claim(0, holder, 0);
  const run = new TestRun(definition);
  const runId = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  let written = 0;
  const write = async () => {
    const events = run.events.slice(written).map((event) =>
      event.type === "RunSubmitted" ? { ...event, packageHash } : event
    );
    const { status, finishedAt } = run.state;
    const entry: RunEntry = {
      runId,
      workflow: "test",
      version: null,
      status,
      submittedAt: 1_000,
      finishedAt: hasEnded(status) ? finishedAt : null,
      partition: 0,
      firstSeq: written === 0 ? 0 : 1,
    };
    await runs.append(fence, { records: [{ runId, events }], runs: [entry] });
    written = run.events.length;
  };
  const clock = { now: 0 };
  const stores = { runs, archive: openMemoryArchive(runs), cluster: openMemoryClusterStore() };
  const packages = new PackageReader(runs);
  const folds = () => new RunFolds(stores, { packages, now: () => clock.now });
  return { run, runId, write, clock, folds, runs };
}

Deno.test("RunFolds goes on with a run as if it had folded it at once", async () => {
  const { run, runId, write, folds } = await journalled();
  const kept = folds();
  const check = async () => {
    await write();
    const { state, logs } = await kept.get(runId, { isFresh: true });
    const anew = await folds().get(runId);
    const { runId: _, ...expected } = JSON.parse(JSON.stringify(viewRun(run.state)));
    const { runId: __, ...seen } = viewRun(state);
    assert.deepEqual(seen, expected);
    assert.deepEqual(logs.of("e"), anew.logs.of("e"));
    assert.equal(state.eventCount, run.events.length);
  };
  run.submit();
  await check();
  run.start();
  await check();
  run.complete("e", 1, 0);
  run.fail("e", "FAILED", 1);
  run.complete("e", 3, 2);
  assert.equal(run.state.status, "failed");
  await check();
  run.at += 10;
  run.when({ type: "RetryRun", at: run.at });
  await check();
  run.start();
  run.complete("e", 2, 1);
  await check();
  run.start();
  run.complete("z");
  assert.equal(run.state.status, "completed");
  await check();
});

Deno.test("RunFolds looks again when time has passed, or there was news", async () => {
  const { run, runId, write, clock, folds } = await journalled();
  const kept = folds();
  run.submit();
  await write();
  const eventsOf = async () => (await kept.get(runId)).state.eventCount;
  assert.equal(await eventsOf(), 2);
  run.start();
  await write();
  assert.equal(await eventsOf(), 2);
  kept.touch(runId);
  assert.equal(await eventsOf(), 5);
  run.complete("e", 1, 0);
  await write();
  clock.now += 1_000;
  assert.equal(await eventsOf(), 6);
});

Deno.test("RunFolds looks again when news came while it looked", async () => {
  const { run, runId, write, folds, runs } = await journalled();
  const kept = folds();
  run.submit();
  await write();
  await kept.get(runId);
  const { promise: held, resolve: goOn } = Promise.withResolvers<void>();
  const look = runs.run.bind(runs);
  let looks = 0;
  runs.run = async (id) => {
    const found = await look(id);
    if (++looks === 1) await held;
    return found;
  };
  const early = kept.get(runId, { isFresh: true });
  run.start();
  await write();
  kept.touch(runId);
  const late = Array.from({ length: 20 }, (_, at) => kept.get(runId, { isFresh: at % 2 === 0 }));
  goOn();
  await early;
  for (const { state } of await Promise.all(late)) assert.equal(state.eventCount, 5);
  assert.equal(looks, 2, "all who came late share a look");
});

Deno.test("RunFolds serves many who ask at once with one fold", async () => {
  const { run, runId, write, folds } = await journalled();
  run.submit();
  await write();
  const kept = folds();
  const all = await Promise.all(Array.from({ length: 50 }, () => kept.get(runId)));
  assert.equal(new Set(all).size, 1);
  const again = await Promise.all(all.map(() => kept.get(runId, { isFresh: true })));
  assert.equal(again[0]!.state.eventCount, run.events.length);
  await assert.rejects(kept.get("nobody"), { code: "RUN_NOT_FOUND" });
});
