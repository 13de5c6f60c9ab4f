/**
 * What every {@linkcode Store} does, as tests by name; each is given an empty store of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ConflictError } from "../../core/errors.ts";
import type { Fence, Holder, RunEntry, Store } from "../../core/ports.ts";

/** What the tests append. */
export type TestEvent = { type: string; text?: string; n?: number };
export type TestStore = Store<TestEvent>;

const holder = (nodeId: string): Holder => ({ nodeId, host: "h", pid: 1, processStart: "s" });

const entry = (runId: string): RunEntry => ({
  runId,
  workflow: "w",
  version: null,
  status: "running",
  submittedAt: 1,
  finishedAt: null,
  partition: 0,
  firstSeq: 0,
});

/** The contract: every store passes it. */
export const STORE_CONTRACT: Record<string, (store: TestStore) => Promise<void>> = {
  "append() keeps records in order over many segments": async (store) => {
    const fence = await store.claim(3, holder("a"), 0);
    const records = Array.from({ length: 3_000 }, (_, n) => ({
      runId: `run-${n % 7}`,
      events: [{ type: "Tick", n, text: "ü".repeat(n % 50) }],
    }));
    assert.equal(await store.append(fence, { records: records.slice(0, 10) }), 1);
    await store.append(fence, { records: records.slice(10) });
    const segments = await Array.fromAsync(store.read(3, 1));
    assert.deepEqual(segments.map((segment) => segment.seq), segments.map((_, at) => at + 1));
    assert.deepEqual(segments.flatMap((segment) => segment.records), records);
    assert.ok(segments.length > 3, "one segment cannot hold this");
  },
  "append() takes events larger than a segment and more than one atomic": async (store) => {
    const fence = await store.claim(0, holder("a"), 0);
    const events = Array.from({ length: 30 }, (_, n) => ({
      type: "Large",
      text: String(n).repeat(20_000 * (1 + n % 3)),
    }));
    const many = Array.from(
      { length: 20_000 },
      (_, n) => ({ type: "Small", text: "x".repeat(60), n }),
    );
    await store.append(fence, { records: [{ runId: "r", events: [...events, ...many] }] });
    const segments = await Array.fromAsync(store.read(0, 1));
    const found = segments.flatMap((segment) => segment.records.flatMap((record) => record.events));
    assert.deepEqual(found, [...events, ...many]);
  },
  "append() takes run entries, wishes and events together beyond one atomic": async (store) => {
    const fence = await store.claim(0, holder("a"), 0);
    const runs = Array.from({ length: 1_200 }, (_, n) => ({
      runId: `run-${String(n).padStart(5, "0")}`,
      workflow: "a-workflow-with-a-rather-long-name",
      version: null,
      status: "completed",
      submittedAt: 1,
      finishedAt: 2,
      partition: 0,
      firstSeq: 0,
    }));
    const records = runs.map(({ runId }) => ({
      runId,
      events: [{ type: "Tick", text: "x".repeat(560) }],
    }));
    const handled = Array.from({ length: 150 }, (_, n) => `wish-${n}`);
    await store.append(fence, { records, runs, handled, lowWater: 1 });
    assert.equal((await store.runs({ limit: 2_000 })).length, 1_200);
    const segments = await Array.fromAsync(store.read(0, 1));
    assert.deepEqual(segments.flatMap((segment) => segment.records), records);
    const next = await store.append(fence, { records: [records[0]!] });
    assert.equal(next, segments.at(-1)!.seq + 1);
  },
  "append() keeps whose a run is, and its tags, while other runs have none": async (store) => {
    const fence = await store.claim(0, holder("a"), 0);
    const open = [
      { ...entry("01A"), tenant: "acme", tags: ["nightly", "a,b", 'ü"{}\\', ""] },
      { ...entry("01B"), tags: [] },
      { ...entry("01C"), packageHash: "f".repeat(64), tenant: "" },
      entry("01D"),
    ].map((run) => ({ ...run, firstSeq: 1 }));
    const records = [{ runId: "01A", events: [{ type: "Opened" }] }];
    await store.append(fence, { records, runs: open });
    assert.deepEqual(await store.runs({ limit: 9 }), open.toReversed());
    const closed = open.map((run) => ({ ...run, status: "completed", finishedAt: 9 }));
    await store.append(fence, { records, runs: closed });
    assert.deepEqual(await store.run("01A"), closed[0]);
    assert.deepEqual(await store.runs({ limit: 9 }), closed.toReversed());
  },
  "append() is refused after another node claimed the partition": async (store) => {
    const first = await store.claim(1, holder("a"), 0);
    await store.append(first, { records: [{ runId: "r", events: [{ type: "One" }] }] });
    const second = await store.claim(1, holder("b"), first.term);
    assert.equal(second.term, first.term + 1);
    await assert.rejects(
      store.append(first, { records: [{ runId: "r", events: [{ type: "Stale" }] }] }),
      (error) => error instanceof ConflictError && error.code === "FENCED",
    );
    await store.append(second, { records: [{ runId: "r", events: [{ type: "Two" }] }] });
    const segments = await Array.fromAsync(store.read(1, 1));
    assert.deepEqual(segments.map((s) => [s.term, s.records[0]!.events[0]!.type]), [
      [first.term, "One"],
      [second.term, "Two"],
    ]);
  },
  "claim() lets one of several nodes win": async (store) => {
    const claims = ["a", "b", "c", "d"].map((id) => store.claim(2, holder(id), 0));
    const settled = await Promise.allSettled(claims);
    const won = settled.filter((claim): claim is PromiseFulfilledResult<Fence> =>
      claim.status === "fulfilled"
    );
    assert.equal(won.length, 1);
    assert.notEqual((await store.term(2)).holder, null);
  },
  "send() keeps the order of each sender, however many send at once": async (store) => {
    const senders = Array.from({ length: 60 }, (_, n) => ({ partition: n % 5, name: `s${n}` }));
    await Promise.all(senders.map(async ({ partition, name }) => {
      const wishes = [0, 1, 2].map((n) => ({ runId: name, type: "signal", body: { n } }));
      await store.send(partition, wishes.slice(0, 2));
      await store.send(partition, wishes.slice(2));
    }));
    for (let partition = 0; partition < 5; partition++) {
      const found = await store.inbox(partition);
      assert.equal(new Set(found.map(({ id }) => id)).size, 36);
      for (const [name, wishes] of Map.groupBy(found, ({ runId }) => runId)) {
        assert.deepEqual(wishes.map(({ body }) => body.n), [0, 1, 2], name);
      }
    }
  },
  "inbox() gives many wishes back by pages, large ones whole": async (store) => {
    const commands = Array.from({ length: 250 }, (_, n) => ({
      runId: `r${n}`,
      type: "finish",
      body: { n, text: "ü".repeat(n === 7 ? 3_000_000 : n) },
    }));
    await store.send(5, commands);
    const found = [];
    for (let page = await store.inbox(5); page.length > 0;) {
      found.push(...page);
      page = await store.inbox(5, page.at(-1)!.id);
    }
    assert.deepEqual(found.map(({ id: _, ...command }) => command), commands);
    const fence = await store.claim(5, holder("a"), 0);
    await store.append(fence, { records: [], handled: found.map(({ id }) => id) });
    assert.deepEqual(await store.inbox(5), []);
  },
  "terms() lists every partition that was claimed": async (store) => {
    await store.claim(4, holder("a"), 0);
    await store.claim(11, holder("b"), 0);
    await store.release(await store.claim(4, holder("c"), 1));
    assert.deepEqual(await store.terms(), [
      { partition: 4, term: 2, holder: null, heir: null },
      { partition: 11, term: 1, holder: holder("b"), heir: null },
    ]);
    assert.deepEqual(await store.term(9), { partition: 9, term: 0, holder: null, heir: null });
  },
  "claim() is refused when another term was seen": async (store) => {
    await store.claim(1, holder("a"), 0);
    for (const seen of [0, 2]) {
      await assert.rejects(store.claim(1, holder("b"), seen), { code: "PARTITION_TAKEN" });
    }
    assert.equal((await store.term(1)).holder?.nodeId, "a");
  },
  "release() gives the partition back, once": async (store) => {
    const fence = await store.claim(2, holder("a"), 0);
    await store.release(fence);
    assert.deepEqual(await store.term(2), { partition: 2, term: 1, holder: null, heir: null });
    const next = await store.claim(2, holder("b"), 1);
    await store.release(fence, "z");
    const led = { partition: 2, term: 2, holder: holder("b"), heir: null };
    assert.deepEqual(await store.term(2), led);
    await store.release(next, "c");
    assert.deepEqual(await store.term(2), { ...led, holder: null, heir: "c" });
    assert.equal((await store.claim(2, holder("c"), 2)).term, 3);
    assert.equal((await store.term(2)).heir, null);
  },
  "runs() lists newest first, by pages": async (store) => {
    const fence = await store.claim(0, holder("a"), 0);
    const runs = ["01", "02", "03"].map(entry);
    await store.append(fence, { records: [{ runId: "01", events: [{ type: "A" }] }], runs });
    assert.deepEqual((await store.runs({ limit: 2 })).map((run) => run.runId), ["03", "02"]);
    const rest = await store.runs({ limit: 2, cursor: "02" });
    assert.deepEqual(rest.map((run) => run.runId), ["01"]);
    assert.equal((await store.run("02"))?.firstSeq, 1);
    assert.equal(await store.run("nope"), null);
  },
  "inbox() keeps wishes in order until an append has handled them": async (store) => {
    const fence = await store.claim(0, holder("a"), 0);
    await store.send(0, [{ runId: "r1", type: "cancel", body: { reason: "why" } }]);
    await store.send(0, [{ runId: "r2", type: "pause", body: {} }]);
    await store.send(1, [{ runId: "r3", type: "pause", body: {} }]);
    const wishes = await store.inbox(0);
    assert.deepEqual(wishes.map(({ id: _, ...wish }) => wish), [
      { runId: "r1", type: "cancel", body: { reason: "why" } },
      { runId: "r2", type: "pause", body: {} },
    ]);
    assert.deepEqual(await store.inbox(0, wishes[0]!.id), [wishes[1]]);
    assert.deepEqual(await store.inbox(0, wishes[1]!.id), []);
    await store.append(fence, { records: [], handled: [wishes[0]!.id] });
    assert.deepEqual((await store.inbox(0)).map((wish) => wish.runId), ["r2"]);
  },
  "reserve() ties a key to the first run": async (store) => {
    const wish = (runId: string) => ({ runId, holder: holder(`node-${runId}`) });
    const reserve = (key: string, runId: string, isGone = false) =>
      store.reserve(key, wish(runId), () => isGone);
    const answers = await Promise.all(["a", "b", "c"].map((id) => reserve("key", id)));
    const first = answers[0]!;
    for (const answer of answers) assert.deepEqual(answer, first);
    assert.deepEqual(await reserve("key", "z"), first);
    assert.deepEqual(await reserve("other", "z"), wish("z"));
    const heir = await reserve("key", "h", true);
    assert.deepEqual(heir, { runId: first.runId, holder: holder("node-h") });
  },
  "lowWater() is what the last append said": async (store) => {
    const fence = await store.claim(0, holder("a"), 0);
    assert.equal(await store.lowWater(0), 1);
    await store.append(fence, { records: [], lowWater: 17 });
    assert.equal(await store.lowWater(0), 17);
  },
  "putBlob() stores bytes of any length under their hash": async (store) => {
    for (const length of [0, 1, 61_440, 61_441, 5_000_000]) {
      const bytes = new Uint8Array(length).map((_, at) => at * 7 + length);
      const sha256 = await store.putBlob(bytes);
      assert.equal(await store.putBlob(bytes), sha256);
      assert.deepEqual(await store.getBlob(sha256), bytes);
    }
    await assert.rejects(store.getBlob("00".repeat(32)), { code: "BLOB_MISSING" });
  },
};
