import assert from "node:assert/strict";
import type { JournalRecord } from "../../core/ports.ts";
import { SeededRandom } from "../../tests/seeded_random.ts";
import { compactAll, historyOf, type TestEvent } from "./archive_contract.ts";
import { TableArchive } from "./archive_store.ts";
import type { ArchiveTables } from "./archive_tables.ts";
import { MemoryArchive } from "./memory_archive.ts";
import { openMemoryStore } from "./memory_store.ts";

const holder = { nodeId: "a", host: "h", pid: 1, processStart: "s" };
const isClosing = ({ type }: TestEvent) => type === "End";

/** Tables of a process that dies at its `writes`th write, of which it does a part. */
function dyingTables(tables: ArchiveTables, writes: number, share: number): ArchiveTables {
  const die = () => {
    if (--writes === 0) throw new Error("killed");
  };
  return new Proxy(tables, {
    get(target, name) {
      const method = Reflect.get(target, name).bind(target);
      if (name === "write") {
        return async (...[fence, list]: Parameters<ArchiveTables["write"]>) => {
          const isLast = writes === 1;
          await target.write(fence, isLast ? list.slice(0, list.length * share) : list);
          die();
        };
      }
      if (name !== "dropSegments") return method;
      return async (...[fence, upTo, count]: Parameters<ArchiveTables["dropSegments"]>) => {
        const dropped = await target.dropSegments(fence, upTo, writes === 1 ? 1 : count);
        die();
        return dropped;
      };
    },
  });
}

Deno.test("TableArchive loses and doubles nothing wherever a crash cuts compact() short", async () => {
  let crashes = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const random = new SeededRandom(seed);
    const store = openMemoryStore<TestEvent>();
    const tables = new MemoryArchive(store);
    const open = (tables: ArchiveTables) =>
      new TableArchive<TestEvent>(tables, (sha256) => store.getBlob(sha256));
    const told = new Map<string, TestEvent[]>();
    let fence = await store.claim(0, holder, 0);
    let seq = 0;
    for (let round = 0; round < 6; round++) {
      for (let n = random.int(0, 30); n > 0; n--) {
        await store.append(fence, { records: drawRecords(random, told, n) });
        seq++;
      }
      const upTo = random.int(0, seq);
      try {
        await compactAll(open(dyingTables(tables, random.int(1, 9), random.next())), fence, upTo);
      } catch {
        crashes++;
        fence = await store.claim(0, holder, fence.term);
      }
      const archive = open(tables);
      const found = await everything(store, archive);
      assert.deepEqual(found, told, `seed ${seed}, round ${round}`);
      if (random.chance(0.5)) await compactAll(open(tables), fence, random.int(upTo, seq));
      await checkOpenRuns(archive, told);
    }
    await compactAll(open(tables), fence, seq);
    for (const [runId, events] of told) {
      assert.deepEqual(await historyOf(open(tables), runId, 0), events, `seed ${seed}, ${runId}`);
    }
  }
  assert.ok(crashes > 50, `only ${crashes} crashes`);
});

/** Events of some runs, with a long one now and then; what was closed may go on. */
function drawRecords(
  random: SeededRandom,
  told: Map<string, TestEvent[]>,
  n: number,
): JournalRecord<TestEvent>[] {
  const runIds = ["r1", "r2", "r3", "r4", "r5"].filter(() => random.chance(0.4));
  if (runIds.length === 0) runIds.push("r1");
  return runIds.map((runId) => {
    const events: TestEvent[] = Array.from({ length: random.int(1, 3) }, (_, at) => ({
      type: random.chance(0.1) ? "End" : "Tick",
      n: n * 10 + at,
      text: "x".repeat(random.chance(0.05) ? 20_000 : random.int(0, 400)),
    }));
    told.set(runId, [...told.get(runId) ?? [], ...events]);
    return { runId, events };
  });
}

/** Events by run: histories, and the journal behind them. */
async function everything(
  store: ReturnType<typeof openMemoryStore<TestEvent>>,
  archive: TableArchive<TestEvent>,
): Promise<Map<string, TestEvent[]>> {
  const found = new Map<string, TestEvent[]>();
  for (const runId of ["r1", "r2", "r3", "r4", "r5"]) {
    const events = await historyOf(archive, runId, 0);
    if (events.length > 0) found.set(runId, events);
  }
  for await (const { records } of store.read(0, await archive.compactedTo(0) + 1)) {
    for (const { runId, events } of records) {
      found.set(runId, [...found.get(runId) ?? [], ...events]);
    }
  }
  return new Map([...found].sort(([a], [b]) => a < b ? -1 : 1));
}

/** What a recovery relies on: an open run is known, or has events in the journal; a closed one not. */
async function checkOpenRuns(
  archive: TableArchive<TestEvent>,
  told: ReadonlyMap<string, TestEvent[]>,
): Promise<void> {
  const mark = await archive.compactedTo(0);
  const open = new Map((await archive.openRuns(0)).map((run) => [run.runId, run.archived]));
  for (const [runId, all] of told) {
    const moved = await historyOf(archive, runId, 0);
    const known = open.get(runId);
    if (known?.upTo === mark) assert.equal(known.events, moved.length, runId);
    if (moved.length < all.length) continue;
    assert.equal(known !== undefined, !isClosing(all.at(-1)!), `${runId} is taken for what it is`);
  }
}
