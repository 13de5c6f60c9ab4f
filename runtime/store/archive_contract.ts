/**
 * What every {@linkcode ArchiveStore} does, as tests by name; each is given an empty store with its
 * archive.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { ArchiveStore } from "../../core/archive_ports.ts";
import type { Fence, Holder, JournalRecord, RunEntry, Store } from "../../core/ports.ts";

/** What the tests append; `End` closes a run. */
export type TestEvent = { type: string; text?: string; n?: number };

/** What a test has. */
export interface TestArchive {
  store: Store<TestEvent>;
  archive: ArchiveStore<TestEvent>;
  /** The same archive as another process has it: with nothing in memory. */
  reopen: () => ArchiveStore<TestEvent>;
}

const holder = (nodeId: string): Holder => ({ nodeId, host: "h", pid: 1, processStart: "s" });
const isClosing = ({ type }: TestEvent) => type === "End";

/** The contract: every archive passes it. */
export const ARCHIVE_CONTRACT: Record<string, (test: TestArchive) => Promise<void>> = {
  "compact() moves events into histories, in order and whole": async ({ store, archive }) => {
    const fence = await store.claim(3, holder("a"), 0);
    const told = await tell(store, fence, 3, { runs: 40, rounds: 30 });
    const upTo = await lastSeq(store, 3);
    await compactAll(archive, fence, upTo);
    assert.equal(await archive.compactedTo(3), upTo);
    assert.deepEqual([await archive.lastSeq(3), await archive.lastSeq(4)], [upTo, 0]);
    assert.deepEqual(await Array.fromAsync(store.read(3, 1)), []);
    for (const [runId, events] of told) {
      assert.deepEqual(await historyOf(archive, runId), events);
    }
    assert.deepEqual(await historyOf(archive, "nobody"), []);
  },
  "histories() finds those of many runs, each as history() gives it": async (test) => {
    const { store, archive } = test;
    const fences = [await store.claim(0, holder("a"), 0), await store.claim(3, holder("a"), 0)];
    const runs: { runId: string; partition: number }[] = [];
    for (const fence of fences) {
      const records = Array.from({ length: 150 }, (_, n) =>
        record(`run-${n}-${fence.partition}`, [
          { type: "Tick", n, text: "x".repeat(n % 10 === 0 ? 5_000 : 1) },
        ]));
      for (let round = 0; round < 3; round++) await append(store, fence, records);
      await compactAll(archive, fence, await lastSeq(store, fence.partition) - 1);
      for (const { runId } of records) runs.push({ runId, partition: fence.partition });
    }
    const asked = [...runs.filter((_, at) => at % 3 > 0), { runId: "run-1000", partition: 0 }];
    const found = new Map<string, TestEvent[]>();
    for await (const { runId, read } of test.reopen().histories(asked)) {
      assert.ok(!found.has(runId), runId);
      found.set(runId, (await Array.fromAsync(read())).flatMap(({ events }) => events));
    }
    assert.equal(found.size, 200);
    for (const { runId, partition } of asked.slice(0, -1)) {
      assert.deepEqual(found.get(runId), await historyOf(archive, runId, partition), runId);
    }
    assert.deepEqual(await Array.fromAsync(archive.histories([])), []);
  },
  "compact() leaves what is behind its end in the journal": async ({ store, archive }) => {
    const fence = await store.claim(0, holder("a"), 0);
    for (let n = 1; n <= 9; n++) await append(store, fence, [record("r", [{ type: "Tick", n }])]);
    await compactAll(archive, fence, 4);
    assert.equal(await archive.lastSeq(0), 9);
    assert.deepEqual((await Array.fromAsync(store.read(0, 1))).map(({ seq }) => seq), [
      5,
      6,
      7,
      8,
      9,
    ]);
    const numbers = async () => (await historyOf(archive, "r", 0)).map(({ n }) => n);
    assert.deepEqual(await numbers(), [1, 2, 3, 4]);
    await compactAll(archive, fence, 7);
    assert.deepEqual(await numbers(), [1, 2, 3, 4, 5, 6, 7]);
    const late = await Array.fromAsync(archive.history({ runId: "r", partition: 0 }, 6));
    assert.deepEqual(late.map(({ seq }) => seq), [6, 7]);
  },
  "append() goes on behind the last segment when all were moved": async (test) => {
    const { store, archive } = test;
    const first = await store.claim(0, holder("a"), 0);
    await append(store, first, [record("r", [{ type: "One" }])]);
    await append(store, first, [record("r", [{ type: "Two" }])]);
    await compactAll(archive, first, 2);
    const second = await store.claim(0, holder("b"), 1);
    assert.equal(await append(store, second, [record("r", [{ type: "Three" }])]), 3);
    await compactAll(test.reopen(), second, 3);
    assert.deepEqual((await historyOf(archive, "r", 0)).map(({ type }) => type), [
      "One",
      "Two",
      "Three",
    ]);
  },
  "compact() keeps events that are large, many at once, and not ASCII": async (test) => {
    const { store, archive } = test;
    const fence = await store.claim(0, holder("a"), 0);
    const random = new Uint8Array(30_000);
    for (let at = 0; at < random.length; at++) random[at] = (at * 7_919 + at % 251) % 256;
    const events: TestEvent[] = [
      { type: "Large", text: "ü".repeat(900_000) },
      ...Array.from({ length: 30_000 }, (_, n) => ({ type: "Small", n, text: "é" })),
      ...Array.from({ length: 40 }, (_, n) => ({
        type: "Dense",
        text: random.slice(n * 700, n * 700 + 6_000).toBase64(),
      })),
      { type: "End", text: "x".repeat(50_000) },
    ];
    await append(store, fence, [record("r", events)]);
    await compactAll(archive, fence, await lastSeq(store, 0));
    assert.deepEqual(await historyOf(archive, "r", 0), events);
    assert.deepEqual(await archive.openRuns(0), []);
  },
  "compact() is refused after another node claimed the partition": async ({ store, archive }) => {
    const first = await store.claim(1, holder("a"), 0);
    await append(store, first, [record("r", [{ type: "One" }])]);
    const second = await store.claim(1, holder("b"), 1);
    const fenced = { code: "FENCED" };
    await assert.rejects(archive.compact(first, { upTo: 1, isClosing }), fenced);
    await assert.rejects(
      archive.saveSnapshots(first, [{ runId: "r", events: 1, seq: 1, text: "{}" }]),
      fenced,
    );
    await assert.rejects(archive.deleteRuns(first, ["r"]), fenced);
    assert.equal(await archive.compactedTo(1), 0);
    assert.deepEqual(await archive.openRuns(1), []);
    await compactAll(archive, second, 1);
    assert.deepEqual(await historyOf(archive, "r", 1), [{ type: "One" }]);
  },
  "openRuns() names runs that have not closed, and counts their events": async (test) => {
    const { store, archive } = test;
    const fence = await store.claim(0, holder("a"), 0);
    await append(store, fence, [
      record("open", [{ type: "Begin" }, { type: "Tick" }]),
      record("closed", [{ type: "Begin" }, { type: "End" }]),
      record("again", [{ type: "Begin" }, { type: "End" }]),
    ]);
    await append(store, fence, [record("open", [{ type: "Tick" }])]);
    await compactAll(archive, fence, 2);
    const rows = async (of = archive) =>
      (await of.openRuns(0)).map(({ runId, archived }) => [runId, archived.events]);
    assert.deepEqual(await rows(), [["open", 3]]);
    await append(store, fence, [record("again", [{ type: "Again" }])]);
    await append(store, fence, [record("open", [{ type: "Tick" }])]);
    const other = test.reopen();
    await compactAll(other, fence, 4);
    assert.deepEqual((await rows(other)).sort(), [["again", 3], ["open", 4]]);
    await append(store, fence, [record("open", [{ type: "End" }])]);
    await compactAll(other, fence, 5);
    assert.deepEqual(await rows(), [["again", 3]]);
  },
  "saveSnapshots() keeps the newest of each run until it has closed": async (test) => {
    const { store, archive } = test;
    const fence = await store.claim(0, holder("a"), 0);
    const texts = ["{}", JSON.stringify("ü".repeat(300)), noise(400_000), noise(150_000), "[1]"];
    for (const [at, text] of texts.entries()) {
      await archive.saveSnapshots(fence, [
        { runId: "r", events: at + 1, seq: at * 2, text },
        { runId: "other", events: 7, seq: 0, text: noise(5_000) },
      ]);
      for (const reader of [archive, test.reopen()]) {
        const runs = await reader.openRuns(0);
        const found = runs.find(({ runId }) => runId === "r")!.snapshot!;
        assert.deepEqual([found.events, found.seq], [at + 1, at * 2]);
        assert.equal(await found.read(), text);
      }
    }
    await append(store, fence, [record("r", [{ type: "Begin" }, { type: "End" }])]);
    await compactAll(archive, fence, 1);
    assert.deepEqual((await archive.openRuns(0)).map(({ runId }) => runId), ["other"]);
    assert.equal((await archive.sizes()).snapshots.bytes > 0, true);
  },
  "deleteRuns() takes closed runs away, with keys and histories": async ({ store, archive }) => {
    const fence = await store.claim(0, holder("a"), 0);
    const ids = Array.from({ length: 25 }, (_, n) => `run-${String(n).padStart(2, "0")}`);
    for (const runId of ids) {
      await store.reserve(`key-${runId}`, { runId, holder: holder("a") }, never);
    }
    const entries = ids.map((runId) => entryOf(runId, 1));
    const records = ids.map((runId) => record(runId, [{ type: "Begin" }, { type: "End" }]));
    await store.append(fence, { records, runs: [...entries, entryOf("still", null)] });
    await compactAll(archive, fence, 1);
    const going = ids.slice(0, 20);
    assert.deepEqual(
      (await archive.deleteRuns(fence, [...going, "still", "nobody"])).sort(),
      going,
    );
    assert.deepEqual(
      (await store.runs({ limit: 100 })).map(({ runId }) => runId),
      ["still", ...ids.slice(20).reverse()],
    );
    assert.deepEqual(await historyOf(archive, "run-03", 0), []);
    assert.equal((await historyOf(archive, "run-22", 0)).length, 2);
    const again = { runId: "new", holder: holder("b") };
    assert.equal((await store.reserve("key-run-03", again, never)).runId, "new");
    assert.equal((await store.reserve("key-run-22", again, never)).runId, "run-22");
    assert.deepEqual(await archive.deleteRuns(fence, going), []);
  },
  "sizes() counts what is stored, and tells workflows apart": async ({ store, archive }) => {
    const fence = await store.claim(0, holder("a"), 0);
    await tell(store, fence, 0, { runs: 20, rounds: 40 });
    await store.append(fence, { records: [], runs: [entryOf("run-1", 2), entryOf("run-2", 2)] });
    await store.putBlob(new Uint8Array(5_000));
    const before = await archive.sizes();
    await compactAll(archive, fence, await lastSeq(store, 0));
    const after = await archive.sizes();
    assert.ok(before.journal.bytes > 10_000 && before.histories.bytes === 0);
    assert.deepEqual(after.journal, { count: 0, bytes: 0 });
    assert.ok(after.histories.bytes * 3 < before.journal.bytes, JSON.stringify(after));
    assert.ok(after.blobs.bytes >= 5_000);
    assert.equal(after.runs.count, 2);
    const [workflow] = after.workflows;
    assert.deepEqual([workflow!.workflow, workflow!.runs], ["w", 2]);
    assert.ok(workflow!.historyBytes > 0 && workflow!.historyBytes < after.histories.bytes);
  },
  "compact() in short steps keeps many runs that go on for long": async (test) => {
    const { store } = test;
    const fence = await store.claim(0, holder("a"), 0);
    const told = new Map<string, TestEvent[]>();
    for (let round = 0; round < 12; round++) {
      const before = await lastSeq(store, 0);
      for (const [runId, events] of await tell(store, fence, 0, { runs: 30, rounds: 3 })) {
        told.set(runId, [...told.get(runId) ?? [], ...events]);
      }
      // Each time as a process that knows nothing, and not to the end.
      const upTo = Math.max(before, await lastSeq(store, 0) - round % 3);
      await compactAll(test.reopen(), fence, upTo);
    }
    await compactAll(test.archive, fence, await lastSeq(store, 0));
    for (const [runId, events] of told) {
      assert.deepEqual(await historyOf(test.archive, runId, 0), events, runId);
    }
    const { histories } = await test.archive.sizes();
    assert.equal(histories.count, 30, "each history is one part");
  },
};

/** Steps until nothing is left to do. */
export async function compactAll(
  archive: ArchiveStore<TestEvent>,
  fence: Fence,
  upTo: number,
): Promise<void> {
  while (!await archive.compact(fence, { upTo, isClosing }));
}

/** The events that a history holds. */
export async function historyOf(
  archive: ArchiveStore<TestEvent>,
  runId: string,
  partition = 3,
): Promise<TestEvent[]> {
  const parts = await Array.fromAsync(archive.history({ runId, partition }));
  assert.deepEqual(parts.map(({ seq }) => seq), [...new Set(parts.map(({ seq }) => seq))]);
  return parts.flatMap(({ events }) => events);
}

/** Appends events of many runs in turn; answers which each run was told. */
export async function tell(
  store: Store<TestEvent>,
  fence: Fence,
  partition: number,
  { runs, rounds }: { runs: number; rounds: number },
): Promise<Map<string, TestEvent[]>> {
  const told = new Map<string, TestEvent[]>();
  for (let round = 0; round < rounds; round++) {
    const records = Array.from({ length: runs }, (_, n): JournalRecord<TestEvent> => {
      const runId = `run-${n}`;
      const event = { type: "Tick", n: round * partition, text: `round ${round} of ${runId}` };
      told.set(runId, [...told.get(runId) ?? [], event]);
      return record(runId, [event]);
    });
    await append(store, fence, records);
  }
  return told;
}

export async function lastSeq(store: Store<TestEvent>, partition: number): Promise<number> {
  let last = 0;
  for await (const { seq } of store.read(partition, 1)) last = seq;
  return last;
}

function append(
  store: Store<TestEvent>,
  fence: Fence,
  records: JournalRecord<TestEvent>[],
): Promise<number> {
  return store.append(fence, { records });
}

function record(runId: string, events: TestEvent[]): JournalRecord<TestEvent> {
  return { runId, events };
}

function entryOf(runId: string, finishedAt: number | null): RunEntry {
  const status = finishedAt === null ? "running" : "completed";
  return {
    runId,
    workflow: "w",
    version: null,
    status,
    submittedAt: 1,
    finishedAt,
    partition: 0,
    firstSeq: 1,
  };
}

function never(): boolean {
  return false;
}

/** JSON text that does not get much smaller. */
function noise(chars: number): string {
  let seed = chars;
  const numbers = Array.from({ length: chars / 10 }, () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed;
  });
  return JSON.stringify(numbers);
}
