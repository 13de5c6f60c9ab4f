import assert from "node:assert/strict";
import { encodeTime } from "ulid";
import type { RunEntry } from "../../core/ports.ts";
import type { RunEvent, RunStatus } from "../../workflows/mod.ts";
import { openMemoryStore } from "../store/mod.ts";
import { RunPages } from "./run_pages.ts";

const idOf = (n: number) => encodeTime(1_000 * n, 10) + "0".repeat(16);

function entryOf(n: number): RunEntry {
  return {
    runId: idOf(n),
    workflow: n % 2 === 0 ? "even" : "odd",
    version: null,
    status: n % 10 === 0 ? "failed" : "completed",
    submittedAt: 1_000 * n,
    finishedAt: 1_000 * n + 5,
    partition: 0,
    firstSeq: 1,
    ...(n % 3 === 0 ? { tenant: "acme", tags: ["Three"] } : {}),
  };
}

/** Runs 1 to `count`; `reads` counts what was asked of the store, `clock` stands still. */
async function filled(count: number) {
  const store = openMemoryStore<RunEvent>();
  const holder = { nodeId: "n", host: "h", pid: 1, processStart: "s" };
  const fence = await store.claim(0, holder, 0);
  const runs = Array.from({ length: count }, (_, at) => entryOf(at + 1));
  await store.append(fence, { records: [], runs });
  const facts = {
    reads: 0,
    waiting: "",
    now: 0,
    add: (n: number, status = "completed") =>
      store.append(fence, { records: [], runs: [{ ...entryOf(n), status }] }),
  };
  const counted = {
    run: (id: string) => store.run(id),
    term: (partition: number) => store.term(partition),
    runs: (options: { limit: number; cursor?: string }) => {
      facts.reads++;
      return store.runs(options);
    },
  };
  return {
    pages: new RunPages(counted, { now: () => facts.now, isWaiting: (id) => id === facts.waiting }),
    facts,
  };
}

Deno.test("RunPages shows whoever changed something what came of it", async () => {
  const { pages, facts } = await filled(3);
  facts.now = 100;
  const statusOf = async () => (await pages.list()).items[0]!.status;
  assert.equal(await statusOf(), "completed");
  await facts.add(3, "failed");
  pages.touch();
  assert.equal(await statusOf(), "completed");
  pages.expire();
  assert.equal(await statusOf(), "failed");
});

Deno.test("RunPages gives every run once, newest first", async () => {
  const { pages } = await filled(250);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await pages.list({}, { limit: 60, ...(cursor === null ? {} : { cursor }) });
    seen.push(...page.items.map(({ runId }) => runId));
    cursor = page.nextCursor;
  } while (cursor !== null);
  assert.deepEqual(seen, Array.from({ length: 250 }, (_, at) => idOf(250 - at)));
});

Deno.test("RunPages looks at a bounded number of runs, and says that there are more", async () => {
  const { pages } = await filled(3_000);
  const first = await pages.list({ q: "nothing" });
  assert.deepEqual(first.items, []);
  assert.notEqual(first.nextCursor, null);
  const last = await pages.list({ q: "nothing" }, { cursor: first.nextCursor! });
  assert.deepEqual(last, { items: [], nextCursor: null });
});

Deno.test("RunPages narrows by what stands in the line", async () => {
  const { pages } = await filled(60);
  const count = async (filters: Parameters<RunPages["list"]>[0], sees?: () => boolean) =>
    (await pages.list(filters, { limit: 200, sees })).items.length;
  assert.equal(await count({ status: ["failed", "running"] }), 6);
  assert.equal(await count({ workflow: "even", tenant: "acme" }), 10);
  assert.equal(await count({ tag: "Three" }), 20);
  assert.equal(await count({ tag: "three" }), 0);
  assert.equal(await count({ q: "three" }), 20);
  assert.equal(await count({ sinceAt: 11_000, untilAt: 20_000 }), 9);
  assert.equal(await count({ q: idOf(7).toLowerCase() }), 1);
  assert.equal(await count({ q: idOf(7), workflow: "even" }), 0);
  assert.equal(await count({}, () => false), 0);
});

Deno.test("RunPages reads a page again only when it is old, or there was news", async () => {
  const { pages, facts } = await filled(3);
  for (let n = 0; n < 100; n++) await pages.list();
  assert.equal(facts.reads, 1);
  await facts.add(4);
  facts.now = 50;
  assert.equal((await pages.list()).items.length, 3);
  pages.touch();
  assert.equal((await pages.list()).items.length, 4);
  assert.equal(facts.reads, 2);
  facts.now = 200;
  await pages.list();
  assert.equal(facts.reads, 3);
});

Deno.test("RunPages tells runs that wait from those that run", async () => {
  const { pages, facts } = await filled(4);
  await facts.add(5, "running");
  await facts.add(6, "running");
  facts.waiting = idOf(5);
  const idsOf = async (status: RunStatus) =>
    (await pages.list({ status: [status] })).items.map(({ runId }) => runId);
  assert.deepEqual(await idsOf("waiting"), [idOf(5)]);
  assert.deepEqual(await idsOf("running"), [idOf(6)]);
  assert.equal((await pages.list({ q: idOf(5) })).items[0]?.status, "waiting");
  facts.waiting = idOf(1);
  facts.now = 1_000;
  assert.deepEqual(await idsOf("waiting"), []);
});
