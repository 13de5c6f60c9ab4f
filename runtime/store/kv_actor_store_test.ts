import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { ActorStore, SystemFence } from "../../core/actor_ports.ts";
import { ConflictError, InvariantError } from "../../core/errors.ts";
import { openKvStores } from "./mod.ts";

type TestEvent = { n: number; text?: string };
type TestStore = ActorStore<TestEvent>;

const SYSTEM = "crawl";
const holder = (nodeId: string) => ({ nodeId, host: "h", pid: 1, processStart: "s" });

/** Text that no compression makes shorter. */
function noise(bytes: number): string {
  const whole = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) {
    crypto.getRandomValues(whole.subarray(at, at + 65_536));
  }
  return whole.toBase64();
}

interface Opened {
  store: TestStore;
  kv: Deno.Kv;
  path: string;
}

async function withStore(
  test: (opened: Opened) => Promise<void>,
  options?: { compressOverBytes: number },
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/store.kv`;
  const stores = await openKvStores<never, TestEvent>(path, options);
  const kv = await Deno.openKv(path);
  try {
    await test({ store: stores.actors, kv, path });
  } finally {
    kv.close();
    stores.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function keysOf(kv: Deno.Kv, kind: string): Promise<Deno.KvKey[]> {
  return (await Array.fromAsync(kv.list({ prefix: [kind] }))).map((entry) => entry.key);
}

/** One value of each kind, short ones and long ones. */
async function fill(store: TestStore): Promise<SystemFence> {
  const fence = await store.claimSystem(SYSTEM, holder("a"), null);
  const compressible = Array.from({ length: 8_000 }, (_, n) => `page ${n}`).join();
  for (const [n, text] of ["short", compressible, noise(100_000)].entries()) {
    const version = n + 1;
    const unit = {
      log: [{ n, text }],
      states: [{ address: `a${n}`, version, state: JSON.stringify(text) }],
      dead: [{ id: `d${n}`, letter: text }],
      history: [{ topic: `t${n}`, offset: 0, message: text }],
    };
    await store.commit(fence, { units: [unit], tree: text });
  }
  return fence;
}

const READS: Record<string, (store: TestStore) => Promise<unknown>> = {
  log: (store) => Array.fromAsync(store.readLog(SYSTEM)),
  state: (store) => store.states(SYSTEM, ["a0", "a1", "a2"]),
  letter: (store) => store.deadLetters(null, { limit: 9 }),
  topic: (store) => Promise.all([0, 1, 2].map((n) => store.history(SYSTEM, `t${n}`, { last: 9 }))),
  tree: (store) => store.tree(SYSTEM),
};

const isCorrupt = (error: unknown) =>
  error instanceof InvariantError && error.code === "VALUE_CORRUPT";

Deno.test("KV actor store: one altered byte of any value is found", () =>
  withStore(async ({ store, kv }) => {
    await fill(store);
    for (const [kind, read] of Object.entries(READS)) {
      for await (
        const { key, value } of kv.list<{ bytes: Uint8Array | null }>({ prefix: [kind] })
      ) {
        if (value.bytes === null) continue;
        const bytes = value.bytes.slice();
        bytes[bytes.length >> 1]! ^= 1;
        await kv.set(key, { ...value, bytes });
        await assert.rejects(read(store), isCorrupt, `${key}`);
        await kv.set(key, value);
        await read(store);
      }
    }
    for await (const { key, value } of kv.list<Uint8Array>({ prefix: ["part"] })) {
      const altered = value.slice();
      altered[7]! ^= 1;
      const reads = () => Promise.all(Object.values(READS).map((read) => read(store)));
      await kv.set(key, altered);
      await assert.rejects(reads(), isCorrupt, `${key}`);
      await kv.delete(key);
      await assert.rejects(reads(), isCorrupt, `${key}`);
      await kv.set(key, value);
      await reads();
    }
  }));

Deno.test("KV actor store: a value of another key or version is found", () =>
  withStore(async ({ store, kv }) => {
    await fill(store);
    const pairs: Record<string, [Deno.KvKey, Deno.KvKey]> = {
      log: [["log", SYSTEM, 1], ["log", SYSTEM, 2]],
      state: [["state", SYSTEM, "a0"], ["state", SYSTEM, "a1"]],
      letter: [["letter", SYSTEM, "d0"], ["letter", SYSTEM, "d1"]],
      topic: [["topic", SYSTEM, "t0", 0], ["topic", SYSTEM, "t1", 0]],
    };
    for (const [kind, [from, to]] of Object.entries(pairs)) {
      const own = await kv.get(to);
      await kv.set(to, (await kv.get(from)).value);
      await assert.rejects(READS[kind]!(store), isCorrupt, kind);
      await kv.set(to, own.value);
    }
    const state = await kv.get<{ version: number }>(["state", SYSTEM, "a0"]);
    await kv.set(state.key, { ...state.value, version: 9 });
    await assert.rejects(store.states(SYSTEM, ["a0"]), isCorrupt);
  }));

Deno.test("KV actor store: a missing segment is found, a trimmed one is not missed", () =>
  withStore(async ({ store, kv }) => {
    const fence = await store.claimSystem(SYSTEM, holder("a"), null);
    for (let n = 1; n <= 120; n++) await store.commit(fence, { units: [{ log: [{ n }] }] });
    const second = await kv.get(["log", SYSTEM, 2]);
    await kv.delete(second.key);
    await assert.rejects(Array.fromAsync(store.readLog(SYSTEM)), isCorrupt);
    await kv.set(second.key, second.value);
    const read: number[] = [];
    for await (const { segment } of store.readLog(SYSTEM)) {
      if (segment === 1) {
        // Every segment up to 110 goes while this reader stands at the first.
        for (let turn = 0; turn < 3; turn++) await store.commit(fence, { units: [], trimTo: 110 });
      }
      read.push(segment);
    }
    assert.equal(read[0], 1);
    assert.deepEqual(read.slice(-11), Array.from({ length: 11 }, (_, at) => 110 + at));
    assert.ok(read.length < 120, "some went while they were read");
  }));

Deno.test("KV actor store: compresses what is long, unless that does not pay", () =>
  withStore(async ({ store, kv }) => {
    const fence = await store.claimSystem(SYSTEM, holder("a"), null);
    const texts = { long: "to be or not to be ".repeat(3_000), short: "x".repeat(5_000) };
    const random = noise(30_000);
    const states = Object.entries({ ...texts, random })
      .map(([address, text]) => ({ address, version: 1, state: JSON.stringify(text) }));
    const log = Array.from({ length: 400 }, (_, n) => ({ n, text: "files.found docs/page.md" }));
    await store.commit(fence, { units: [{ states, log }] });
    const bytesOf = async (...key: string[]) =>
      (await kv.get<{ bytes: Uint8Array }>(["state", SYSTEM, ...key])).value!.bytes.length;
    assert.ok(await bytesOf("long") < 2_000);
    assert.equal(await bytesOf("short"), 5_002);
    assert.ok(await bytesOf("random") <= 40_002);
    const segment = await kv.get<{ bytes: Uint8Array }>(["log", SYSTEM, 1]);
    assert.ok(segment.value!.bytes.length < JSON.stringify(log).length / 4);
    assert.deepEqual((await Array.fromAsync(store.readLog(SYSTEM)))[0]!.events, log);
  }));

Deno.test("KV actor store: compressOverBytes says what is long", () =>
  withStore(async ({ store, kv }) => {
    const fence = await store.claimSystem(SYSTEM, holder("a"), null);
    const states = [500, 2_000].map((length) => ({
      address: `a${length}`,
      version: 1,
      state: JSON.stringify("x".repeat(length)),
    }));
    await store.commit(fence, { units: [{ states }] });
    const isDeflated = async (address: string) =>
      (await kv.get<{ isDeflated: boolean }>(["state", SYSTEM, address])).value!.isDeflated;
    assert.deepEqual([await isDeflated("a500"), await isDeflated("a2000")], [false, true]);
  }, { compressOverBytes: 1_000 }));

/** Every stored part belongs to a value that refers to it, and every value has all of its parts. */
async function checkParts(kv: Deno.Kv): Promise<void> {
  const referred = new Map<string, number>();
  for (const kind of Object.keys(READS)) {
    for await (
      const { value } of kv.list<{ parts?: { id: string; count: number } }>({ prefix: [kind] })
    ) if (value.parts !== undefined) referred.set(value.parts.id, value.parts.count);
  }
  const ledger = await Array.fromAsync(
    kv.list<{ count: number }>({ prefix: ["parts"] }),
    ({ key, value }) => [key[2], value.count] as [string, number],
  );
  assert.deepEqual(new Map(ledger), new Map([...referred].sort()));
  const parts = Map.groupBy(await keysOf(kv, "part"), (key) => key[2] as string);
  assert.deepEqual(new Map([...parts].map(([id, keys]) => [id, keys.length])), new Map(ledger));
}

Deno.test("KV actor store: parts of replaced, dropped and trimmed values go", () =>
  withStore(async ({ store, kv }) => {
    const fence = await fill(store);
    await checkParts(kv);
    assert.ok((await keysOf(kv, "part")).length >= 10);
    const text = noise(200_000);
    for (let version = 4; version < 9; version++) {
      const states = [{ address: "a2", version, state: JSON.stringify(text) }];
      await store.commit(fence, { units: [{ states }], tree: text });
    }
    await store.commit(fence, { units: [] });
    await checkParts(kv);
    const states = [{ address: "a2", version: 9, state: null }];
    await store.commit(fence, {
      units: [{ states, deadGone: ["d2"] }],
      historyTrim: [{ topic: "t2", below: 1 }],
      tree: null,
      trimTo: 9,
    });
    await store.commit(fence, { units: [] });
    assert.deepEqual(await keysOf(kv, "part"), []);
    assert.deepEqual(await keysOf(kv, "parts"), []);
    assert.deepEqual(await keysOf(kv, "log"), []);
  }));

Deno.test("KV actor store: the first trim of a topic counts what it is written with", () =>
  withStore(async ({ store, kv }) => {
    const fence = await store.claimSystem(SYSTEM, holder("a"), null);
    const entry = (offset: number) => ({ topic: "t", offset, message: offset });
    await store.commit(fence, { units: [{ history: [entry(0), entry(1)] }] });
    await store.commit(fence, {
      units: [{ history: [entry(2)] }, { history: [entry(3), entry(4)] }],
      historyTrim: [{ topic: "t", below: 5 }],
    });
    assert.deepEqual(await keysOf(kv, "topic"), []);
    assert.deepEqual(await store.historyBounds(SYSTEM, "t"), { from: 5, next: 5 });
  }));

/** What must hold at whatever point the writer of `commit_until_killed.ts` stopped. */
async function checkPrefix(store: TestStore): Promise<number> {
  const events = (await Array.fromAsync(store.readLog(SYSTEM))).flatMap(({ events }) => events);
  assert.deepEqual(events.map(({ n }) => n), events.map((_, at) => at + 1));
  const [state] = await store.states(SYSTEM, ["actor://counter/main"]);
  const last = events.at(-1)?.n ?? 0;
  assert.equal(state?.version ?? 0, last, "the state is that of the last event");
  if (state !== null) assert.equal(JSON.parse(state!.text).n, last);
  const { next } = await store.historyBounds(SYSTEM, "counts");
  assert.equal(next, last === 0 ? 0 : last + 1);
  return last;
}

Deno.test("KV actor store: kill -9 leaves whole units, in order, and no waste for long", () =>
  withStore(async ({ store, kv, path }) => {
    const script = new URL("../../tests/process/commit_until_killed.ts", import.meta.url).pathname;
    let last = 0;
    // Six times, and on a busy machine until enough was written to be broken off.
    for (let round = 0; round < 6 || (last <= 40 && round < 60); round++) {
      const args = ["run", "-A", "--unstable-kv", script, path, `node-${round}`, String(last + 1)];
      const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "inherit" })
        .spawn();
      const output = child.stdout.getReader();
      await output.read();
      await sleep(20 + 61 * round);
      child.kill("SIGKILL");
      await child.status;
      await output.cancel();
      last = await checkPrefix(store);
    }
    assert.ok(last > 40, `only ${last} units were written`);
    const heir = await store.claimSystem(SYSTEM, holder("heir"), await store.systemHolder(SYSTEM));
    for (let turn = 0; turn < 40; turn++) await store.commit(heir, { units: [] });
    await checkParts(kv);
    assert.equal(await checkPrefix(store), last);
  }));

Deno.test("KV actor store: a leader deposed amid a commit leaves whole units", () =>
  withStore(async ({ store, path }) => {
    let fence = await store.claimSystem(SYSTEM, holder("n0"), null);
    let written = 0;
    let fencedCount = 0;
    // A busy machine may write nothing in the first rounds, or all of it: each next one waits longer.
    const isSeen = () => fencedCount > 0 && written > 0;
    for (let round = 1; round <= 6 || (!isSeen() && round <= 60); round++) {
      const units = Array.from({ length: 60 }, (_, at) => {
        const n = written + at + 1;
        const text = noise(30_000);
        const state = JSON.stringify({ n, text });
        return {
          log: [{ n, text }],
          states: [{ address: "actor://counter/main", version: n, state }],
          history: [{ topic: "counts", offset: n, message: n }],
        };
      });
      const commit = store.commit(fence, { units }).then(() => {}, (error) => {
        assert.ok(error instanceof ConflictError && error.code === "FENCED");
        fencedCount++;
      });
      await sleep(8 * round);
      const other = await openKvStores<never, TestEvent>(path);
      const seen = await other.actors.systemHolder(SYSTEM);
      await other.actors.claimSystem(SYSTEM, holder(`other${round}`), seen);
      await commit;
      other.close();
      written = await checkPrefix(store);
      fence = await store.claimSystem(SYSTEM, holder(`n${round}`), holder(`other${round}`));
    }
    assert.ok(fencedCount > 0, "no commit was interrupted");
    assert.ok(written > 0);
  }));

Deno.test("KV actor store: four processes on one file never see it locked", () =>
  withStore(async ({ store, path }) => {
    const script = new URL("../../tests/process/commit_many.ts", import.meta.url).pathname;
    const systems = ["s0", "s1", "s2", "s3"];
    const writers = systems.map((system) =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--unstable-kv", script, path, system, "150"],
        stderr: "piped",
        stdout: "null",
      }).output()
    );
    for (const { code, stderr } of await Promise.all(writers)) {
      assert.equal(code, 0, new TextDecoder().decode(stderr));
    }
    for (const system of systems) {
      const [state] = await store.states(system, ["actor://counter/main"]);
      assert.deepEqual(state, { version: 150, text: '{"n":150}' });
      assert.equal((await Array.fromAsync(store.readLog(system))).length, 150);
    }
  }));
