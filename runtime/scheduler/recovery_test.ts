import assert from "node:assert/strict";
import type { ArchiveStore } from "../../core/archive_ports.ts";
import type { Fence, RunEntry } from "../../core/ports.ts";
import { SeededRandom } from "../../tests/seeded_random.ts";
import { drawWorkflow } from "../../tests/sim/run/random_workflow.ts";
import { simulateRun } from "../../tests/sim/run/run_simulation.ts";
import {
  compilePlan,
  createRunState,
  evolve,
  hasEnded,
  type Plan,
  type RunEvent,
  type RunState,
  snapshotRun,
} from "../../workflows/mod.ts";
import { openMemoryArchive } from "../store/memory_archive.ts";
import { type MemoryStore, openMemoryStore } from "../store/mod.ts";
import { isClosing, readHistory, recoverOpenRuns, recoverRun } from "./recovery.ts";

const holder = { nodeId: "a", host: "h", pid: 1, processStart: "s" };

/** A drawn run, of which so much is durable. */
interface DrawnRun {
  runId: string;
  plan: Plan;
  events: RunEvent[];
  durable: number;
}

/** A partition with drawn runs, whose journal is compacted now and then. */
class World {
  readonly random: SeededRandom;
  readonly runs: DrawnRun[];
  readonly store: MemoryStore<RunEvent> = openMemoryStore<RunEvent>();
  readonly archive: ArchiveStore<RunEvent> = openMemoryArchive(this.store);
  readonly loadPlan = (packageHash: string) =>
    Promise.resolve(this.runs.find(({ plan }) => plan.packageHash === packageHash)!.plan);

  constructor(seed: number, count: number) {
    this.random = new SeededRandom(seed);
    this.runs = Array.from({ length: count }, (_, at) => drawRun(seed * 100 + at));
  }

  /** One group commit of a few runs. */
  async append(fence: Fence): Promise<void> {
    const runs: RunEntry[] = [];
    const records = this.runs.flatMap((run) => {
      const events = run.events.slice(run.durable, run.durable + this.random.int(0, 6));
      if (events.length === 0) return [];
      run.durable += events.length;
      const state = fold(run);
      const isListed = events[0]!.type === "RunSubmitted" || hasEnded(state.status) ||
        events.some(({ type }) => type === "RunRetried");
      if (isListed) runs.push(entryOf(run, state, this.#first.get(run.runId) ?? 0));
      return [{ runId: run.runId, events }];
    });
    const seq = await this.store.append(fence, { records, runs });
    for (const { runId } of records) if (!this.#first.has(runId)) this.#first.set(runId, seq);
  }

  readonly #first = new Map<string, number>();

  async save(fence: Fence): Promise<void> {
    const last = this.random.int(0, await this.lastSeq());
    const some = this.runs.filter((run) => run.durable > 0 && this.random.chance(0.4));
    await this.archive.saveSnapshots(
      fence,
      some.filter((run) => !hasEnded(fold(run).status)).map((run) => ({
        runId: run.runId,
        events: run.durable,
        seq: last,
        text: JSON.stringify(snapshotRun(fold(run))),
      })),
    );
  }

  async compact(fence: Fence, upTo: number): Promise<void> {
    while (!await this.archive.compact(fence, { upTo, isClosing }));
  }

  async lastSeq(): Promise<number> {
    let last = await this.archive.compactedTo(0);
    for await (const { seq } of this.store.read(0, last + 1)) last = seq;
    return last;
  }
}

function drawRun(seed: number): DrawnRun {
  const packageHash = `package-${seed}`;
  const plan = compilePlan(drawWorkflow(new SeededRandom(seed)), { packageHash });
  const drawn = simulateRun(seed, { crashes: seed % 3 > 0, users: seed % 2 > 0 });
  const journal: RunEvent[] = JSON.parse(JSON.stringify(drawn));
  const events = journal.map((event) =>
    event.type === "RunSubmitted" ? { ...event, packageHash } : event
  );
  return { runId: `run-${seed}`, plan, events, durable: 0 };
}

function fold({ runId, plan, events, durable }: DrawnRun): RunState {
  return events.slice(0, durable).reduce(evolve, createRunState(runId, plan));
}

function entryOf({ runId }: DrawnRun, state: RunState, firstSeq: number): RunEntry {
  const { status, submittedAt, finishedAt } = state;
  return {
    runId,
    workflow: "w",
    version: null,
    status,
    submittedAt,
    finishedAt,
    partition: 0,
    firstSeq,
  };
}

function textOf(state: RunState): string {
  return JSON.stringify(snapshotRun(state));
}

Deno.test("recoverOpenRuns() finds what the events say, however they are archived", async () => {
  for (let seed = 1; seed <= 25; seed++) {
    const world = new World(seed, 5);
    const { store, archive, random, loadPlan } = world;
    let fence = await store.claim(0, holder, 0);
    for (let round = 0; round < 12; round++) {
      for (let n = random.int(1, 5); n > 0; n--) await world.append(fence);
      if (random.chance(0.6)) await world.save(fence);
      if (random.chance(0.6)) await world.compact(fence, random.int(0, await world.lastSeq()));
      if (random.chance(0.3)) fence = await store.claim(0, holder, fence.term);
      const { open, broken, mended } = await recoverOpenRuns(store, 0, loadPlan, archive);
      assert.deepEqual([broken, mended], [[], []], `seed ${seed}, round ${round}`);
      const found = open.map(({ state }) => [state.runId, textOf(state)]).sort();
      const told = world.runs.filter(({ durable }) => durable > 0).map(fold)
        .filter(({ status }) => !hasEnded(status))
        .map((state) => [state.runId, textOf(state)]).sort();
      assert.deepEqual(found, told, `seed ${seed}, round ${round}`);
    }
  }
});

Deno.test("readHistory() and recoverRun() give every event of a run, wherever it is", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = new World(seed, 4);
    const { store, archive, random, loadPlan } = world;
    const fence = await store.claim(0, holder, 0);
    for (let round = 0; round < 10; round++) {
      for (let n = random.int(1, 5); n > 0; n--) await world.append(fence);
      if (random.chance(0.5)) await world.save(fence);
      if (random.chance(0.5)) await world.compact(fence, random.int(0, await world.lastSeq()));
      for (const run of world.runs.filter(({ durable }) => durable > 0)) {
        const found = await recoverRun(store, run.runId, loadPlan, archive);
        assert.equal(textOf(found!.state), textOf(fold(run)), `seed ${seed}, ${run.runId}`);
        const entry = found!.entry;
        const all = await Array.fromAsync(readHistory(store, entry, entry.firstSeq, archive));
        assert.deepEqual(all.map(({ event }) => event), run.events.slice(0, run.durable));
        const from = random.pick(all).seq;
        const late = await Array.fromAsync(readHistory(store, entry, from, archive));
        assert.deepEqual(late, all.filter(({ seq }) => seq >= from));
      }
    }
  }
});

Deno.test("readHistory() misses nothing while segments are moved under it", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = new World(seed, 3);
    const fence = await world.store.claim(0, holder, 0);
    for (let n = 0; n < 40; n++) await world.append(fence);
    const last = await world.lastSeq();
    const run = world.runs[0]!;
    const entry = (await world.store.run(run.runId))!;
    const found: RunEvent[] = [];
    for await (const { event } of readHistory(world.store, entry, 1, world.archive)) {
      found.push(event);
      if (world.random.chance(0.2)) await world.compact(fence, world.random.int(1, last));
    }
    assert.deepEqual(found, run.events.slice(0, run.durable), `seed ${seed}`);
  }
});

Deno.test("recoverOpenRuns() folds the events when a snapshot is of no use, and says so", async () => {
  const world = new World(7, 6);
  const { store, archive, loadPlan } = world;
  const fence = await store.claim(0, holder, 0);
  for (const run of world.runs) {
    run.durable = Math.max(1, run.events.length >> 1);
    const records = [{ runId: run.runId, events: run.events.slice(0, run.durable) }];
    await store.append(fence, { records, runs: [entryOf(run, fold(run), 0)] });
  }
  const open = world.runs.filter((run) => !hasEnded(fold(run).status));
  const [ahead, miscounted, otherFormat, noJson] = open;
  assert.ok(noJson, "four open runs were drawn");
  const late = { ...ahead!, durable: ahead!.durable + 1 };
  const text = textOf(fold(miscounted!));
  await archive.saveSnapshots(fence, [
    { runId: ahead!.runId, events: late.durable, seq: 0, text: textOf(fold(late)) },
    { runId: miscounted!.runId, events: miscounted!.durable - 1, seq: 0, text },
    { runId: otherFormat!.runId, events: 1, seq: 0, text: `{"format":99}` },
    { runId: noJson.runId, events: 1, seq: 0, text: "[" },
  ]);
  for (const upTo of [0, 3, await world.lastSeq()]) {
    await world.compact(fence, upTo);
    const found = await recoverOpenRuns(store, 0, loadPlan, archive);
    assert.deepEqual(found.broken, []);
    const mended = found.mended.map(({ runId }) => runId).sort();
    assert.deepEqual(mended, [ahead!.runId, miscounted!.runId, noJson.runId].sort());
    for (const { state } of found.open) {
      const run = world.runs.find(({ runId }) => runId === state.runId)!;
      assert.equal(textOf(state), textOf(fold(run)));
    }
    assert.equal(found.open.length, open.length);
  }
});
