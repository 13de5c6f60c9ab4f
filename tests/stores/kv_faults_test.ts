/**
 * A KV file that another process keeps locked, or whose disk is full: a write is written, refused,
 * or `STORE_UNAVAILABLE` in good time, and nothing half-written is gone on from.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Fence } from "../../core/ports.ts";
import { type KvStores, openKvStores } from "../../runtime/store/mod.ts";
import { readLine } from "../process/read_line.ts";
import { mountSmallDisk, whyNoSmallDisk } from "../chaos/stores/tmpfs.ts";

type Event = { n: number; text?: string };
type Stores = KvStores<Event, never>;

const holder = { nodeId: "a", host: "h", pid: 1, processStart: "s" };
const numbered = (n: number, text = "") => ({ records: [{ runId: "r", events: [{ n, text }] }] });

async function numbersIn({ runs }: Stores): Promise<number[]> {
  const segments = await Array.fromAsync(runs.read(0, 1));
  assert.deepEqual(segments.map(({ seq }) => seq), segments.map((_, at) => at + 1));
  const records = segments.flatMap((segment) => segment.records);
  return records.flatMap(({ events }) => events.map(({ n }) => n));
}

const locker = join(import.meta.dirname!, "../chaos/stores/hold_kv_lock.ts");

const UNTIL_THE_END_MS = 120_000;

/** Locks the file in another process for the time of `work`, or for `ms` if that is shorter. */
async function whileLocked(
  file: string,
  work: () => Promise<void>,
  ms = UNTIL_THE_END_MS,
): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", locker, file, String(ms)],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const { release } = await readLine(child.stdout);
  try {
    await work();
  } finally {
    // The kernel gives its locks back.
    if (ms === UNTIL_THE_END_MS) child.kill("SIGKILL");
    await child.status;
    await release();
  }
}

async function withFile(
  options: { patienceMs?: number },
  test: (stores: Stores, file: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "store.kv");
  const stores = await openKvStores<Event, never>(file, options);
  try {
    await test(stores, file);
  } finally {
    stores.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("append() outlasts a lock of five seconds, and reads go on meanwhile", () =>
  withFile({}, async (stores, file) => {
    const fence = await stores.runs.claim(0, holder, 0);
    await stores.runs.append(fence, numbered(1));
    const locked = async () => {
      let isWritten = false;
      const appending = stores.runs.append(fence, numbered(2)).then(() => isWritten = true);
      assert.equal((await stores.runs.terms()).length, 1);
      assert.deepEqual(await stores.cluster.members(), []);
      assert.deepEqual(await numbersIn(stores), [1]);
      assert.equal(isWritten, false);
      await appending;
    };
    await whileLocked(file, locked, 5_000);
    await stores.runs.append(fence, numbered(3));
    assert.deepEqual(await numbersIn(stores), [1, 2, 3]);
  }));

Deno.test("documents outlast a lock, and a write that gave up changed nothing", () =>
  withFile({ patienceMs: 600 }, async ({ documents }, file) => {
    const first = await documents.put("keys", "k", 1);
    const shortly = async () => {
      const second = await documents.put("keys", "k", 2, { ifVersion: first });
      assert.equal((await documents.get("keys", "k"))!.version, second);
      await documents.putAll("keys", [{ key: "l", value: 1 }]);
    };
    await whileLocked(file, shortly, 300);
    // SQLite itself waits for five seconds each time.
    await whileLocked(file, async () => {
      const unavailable = { code: "STORE_UNAVAILABLE" };
      const refused = [documents.put("keys", "k", 3), documents.delete("keys", "k")];
      await Promise.all(refused.map((write) => assert.rejects(write, unavailable)));
      assert.equal((await documents.get("keys", "k"))!.value, 2);
    });
    await documents.deleteAll("keys", "k");
    assert.deepEqual((await documents.list("keys", { limit: 9 })).map(({ key }) => key), ["l"]);
  }));

Deno.test("append() gives up when its patience is at an end, and the next claim goes on", () =>
  withFile({ patienceMs: 500 }, async (stores, file) => {
    const { runs } = stores;
    const fence = await runs.claim(0, holder, 0);
    await runs.append(fence, numbered(1));
    await whileLocked(file, async () => {
      const startedAt = performance.now();
      await assert.rejects(runs.append(fence, numbered(2)), { code: "STORE_UNAVAILABLE" });
      // SQLite itself waits for five seconds each time.
      assert.ok(performance.now() - startedAt < 30_000);
    });
    await assert.rejects(runs.append(fence, numbered(3)), { code: "FENCED" });
    const again = await runs.claim(0, holder, fence.term);
    await runs.append(again, numbered(4));
    assert.deepEqual(await numbersIn(stores), [1, 4]);
  }));

/** Claims until there is room for that. */
async function claimAgain({ runs }: Stores): Promise<Fence | null> {
  try {
    return await runs.claim(0, holder, (await runs.term(0)).term);
  } catch (error) {
    assert.equal((error as { code?: string }).code, "STORE_UNAVAILABLE");
    return null;
  }
}

const reason = whyNoSmallDisk();
if (reason !== null) console.log(`Skipped: a full disk under a KV file; ${reason}`);

Deno.test({
  name: "append() on a full disk is refused, and goes on from a whole journal with room again",
  ignore: reason !== null,
  fn: async () => {
    const disk = await mountSmallDisk(24);
    const stores = await openKvStores<Event, never>(join(disk.folder, "store.kv"));
    const written: number[] = [];
    let fence = await claimAgain(stores);
    let n = 0;
    const write = async (text = "") => {
      await stores.runs.append(fence!, numbered(++n, text));
      written.push(n);
    };
    try {
      for (let at = 0; at < 50; at++) await write();
      await disk.fill();
      const fill = async () => {
        // Long, yet short enough to stand in the journal itself.
        for (;;) await write(crypto.randomUUID().repeat(250));
      };
      const startedAt = performance.now();
      await assert.rejects(fill(), { code: "STORE_UNAVAILABLE" });
      await assert.rejects(write(), { code: "FENCED" });
      assert.ok(performance.now() - startedAt < 60_000);
      await disk.free();
      fence = await claimAgain(stores);
      assert.notEqual(fence, null, "there is room again");
      for (let at = 0; at < 50; at++) await write();
      const found = await numbersIn(stores);
      assert.deepEqual(written.filter((number) => !found.includes(number)), []);
      assert.deepEqual(found, [...new Set(found)].sort((a, b) => a - b));
    } finally {
      stores.close();
      await disk.unmount();
    }
  },
});
