/**
 * The stores on a KV Connect server under faults: answers lost, connections cut, copies of a write
 * that come late, the server killed under load.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { ActorStore } from "../../core/actor_ports.ts";
import { UnavailableError } from "../../core/errors.ts";
import type { Store } from "../../core/ports.ts";
import {
  type KvConnectOptions,
  type KvConnectStores,
  openKvConnectStores,
} from "../../runtime/store/kv_connect/mod.ts";
import { SeededRandom } from "../seeded_random.ts";
import type { DenokvServer } from "./denokv_server.ts";
import { FaultyProxy } from "./faulty_proxy.ts";
import { useDenokv, withServer } from "./use_denokv.ts";

type RunEvent = { type: string; n: number };
type LogEvent = { n: number; text?: string };
type Stores = KvConnectStores<RunEvent, LogEvent>;

const test = useDenokv();
const holder = (nodeId: string) => ({ nodeId, host: "h", pid: 1, processStart: "s" });
const tick = (n: number) => ({ records: [{ runId: "r", events: [{ type: "Tick", n }] }] });
const WRITE = "POST /v2/atomic_write";

const isUnavailable = (error: unknown) =>
  error instanceof UnavailableError && error.code === "STORE_UNAVAILABLE" &&
  error.retryAfterMs > 0;

/** Stores behind a proxy that does its worst. */
function withProxy(
  work: (stores: Stores, proxy: FaultyProxy, server: DenokvServer) => Promise<void>,
  options: KvConnectOptions = {},
): () => Promise<void> {
  return () =>
    withServer(async (server) => {
      const proxy = new FaultyProxy(server.port);
      const stores = await openKvConnectStores<RunEvent, LogEvent>(proxy.url, {
        token: server.token,
        ...options,
      });
      try {
        await work(stores, proxy, server);
      } finally {
        await stores.close();
        await proxy.stop();
      }
    });
}

/** Stores that reach the server without the proxy. */
async function direct<T>(server: DenokvServer, work: (stores: Stores) => Promise<T>): Promise<T> {
  const stores = await openKvConnectStores<RunEvent, LogEvent>(server.url, { token: server.token });
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
}

async function numbersOf(store: Store<RunEvent>, partition = 0): Promise<number[]> {
  const segments = await Array.fromAsync(store.read(partition, 1));
  assert.deepEqual(segments.map(({ seq }) => seq), segments.map((_, at) => at + 1));
  return segments.flatMap(({ records }) => records.flatMap(({ events }) => events))
    .map(({ n }) => n);
}

const countTo = (count: number) => Array.from({ length: count }, (_, at) => at);

test(
  "appends, claims and wishes whose answers are lost are done once",
  withProxy(async ({ runs }, proxy) => {
    let turn = 0;
    proxy.judge = (request) => request === WRITE && turn++ % 2 === 0 ? "after" : null;
    const fence = await runs.claim(0, holder("a"), 0);
    assert.equal(fence.term, 1);
    for (const n of countTo(40)) {
      assert.equal(await runs.append(fence, tick(n)), n + 1);
      await runs.send(0, [{ runId: `r${n}`, type: "pause", body: {} }]);
    }
    await runs.release(fence, "b");
    assert.equal((await runs.claim(0, holder("b"), 1)).term, 2);
    proxy.judge = () => null;
    assert.deepEqual(await numbersOf(runs), countTo(40));
    assert.deepEqual(
      (await runs.inbox(0)).map(({ runId }) => runId),
      countTo(40).map((n) => `r${n}`),
    );
    assert.ok(proxy.done.after >= 40, `only ${proxy.done.after} answers were lost`);
  }),
);

test(
  "writes go on through a network that cuts connections at any moment",
  withProxy(async ({ runs, actors, audit }, proxy, server) => {
    const random = new SeededRandom(11);
    proxy.judge = () => random.int(0, 9) < 3 ? random.int(0, 1) === 0 ? "before" : "after" : null;
    const work = async (partition: number) => {
      const fence = await runs.claim(partition, holder("a"), 0);
      for (const n of countTo(40)) await runs.append(fence, tick(n));
    };
    const commits = async () => {
      const fence = await actors.claimSystem("s", holder("a"), null);
      for (const n of countTo(25)) await actors.commit(fence, { units: [unitOf(n + 1)] });
    };
    await Promise.all([work(0), work(1), work(2), commits(), audit.head()]);
    await direct(server, async ({ runs, actors }) => {
      for (const partition of [0, 1, 2]) {
        assert.deepEqual(await numbersOf(runs, partition), countTo(40));
      }
      assert.equal(await checkPrefix(actors), 25);
    });
    assert.ok(proxy.done.before > 5 && proxy.done.after > 5, JSON.stringify(proxy.done));
  }),
);

/** A unit that names its number in the log, the state and the topic; some are long. */
function unitOf(n: number) {
  const text = n % 5 === 0 ? noise(200_000) : "short";
  return {
    log: [{ n, text }],
    states: [{ address: "actor://counter/main", version: n, state: JSON.stringify({ n, text }) }],
    history: [{ topic: "counts", offset: n, message: n }],
  };
}

function noise(bytes: number): string {
  const whole = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) {
    crypto.getRandomValues(whole.subarray(at, at + 65_536));
  }
  return whole.toBase64();
}

/** What must hold at any time: the state, the topic and the log tell the same. */
async function checkPrefix(actors: ActorStore<LogEvent>): Promise<number> {
  const log = (await Array.fromAsync(actors.readLog("s"))).flatMap(({ events }) => events);
  assert.deepEqual(log.map(({ n }) => n), log.map((_, at) => at + 1));
  const [state] = await actors.states("s", ["actor://counter/main"]);
  assert.equal(state?.version ?? 0, log.length, "the state is that of the last event");
  const { next } = await actors.historyBounds("s", "counts");
  assert.equal(next, log.length === 0 ? 0 : log.length + 1);
  return log.length;
}

test(
  "a copy of a write that comes late is refused",
  withProxy(async ({ runs }, proxy) => {
    const fence = await runs.claim(0, holder("a"), 0);
    const entry = (status: string) => ({
      runId: "r",
      workflow: "w",
      version: null,
      status,
      submittedAt: 1,
      finishedAt: null,
      partition: 0,
      firstSeq: 1,
    });
    proxy.judge = (request) => request === WRITE && proxy.heldCount === 0 ? "hold" : null;
    await runs.append(fence, { ...tick(0), runs: [entry("running")] });
    await runs.append(fence, { ...tick(1), runs: [entry("completed")] });
    await runs.send(0, [{ runId: "r", type: "pause", body: {} }]);
    assert.equal(proxy.heldCount, 1);
    await proxy.release();
    assert.equal(proxy.done.hold, 1);
    assert.equal((await runs.run("r"))?.status, "completed");
    assert.deepEqual(await numbersOf(runs), [0, 1]);
    assert.equal((await runs.inbox(0)).length, 1);
  }, { tryMs: 500 }),
);

test(
  "a write that was given up is not done behind later ones of its process",
  withProxy(async ({ runs, cluster: _ }, proxy) => {
    proxy.judge = (request) => request === WRITE ? "hold" : null;
    const wish = (runId: string) => [{ runId, type: "pause", body: {} }];
    await assert.rejects(runs.send(0, wish("given up")), isUnavailable);
    proxy.judge = () => null;
    await runs.send(0, wish("later"));
    assert.ok(proxy.heldCount > 0);
    await proxy.release();
    assert.deepEqual((await runs.inbox(0)).map(({ runId }) => runId), ["later"]);
  }, { tryMs: 500, patienceMs: 1_500 }),
);

test(
  "an append whose answer is lost was done, though another node leads by now",
  withProxy(async ({ runs }, proxy, server) => {
    const fence = await runs.claim(0, holder("a"), 0);
    const depose = (seen: number) =>
      direct(server, ({ runs }) => runs.claim(0, holder(`b${seen}`), seen));
    for (const fault of ["after", "before"] as const) {
      const led = fault === "after" ? fence : await runs.claim(0, holder("a"), 2);
      let deposing: Promise<unknown> = Promise.resolve();
      proxy.judge = (request) => {
        if (request !== WRITE) return null;
        proxy.judge = () => null;
        return fault;
      };
      const appending = runs.append(led, tick(led.term));
      // Every later request waits until the partition has another leader.
      while (proxy.done[fault] === 0) await sleep(1);
      deposing = depose(led.term);
      if (fault === "after") assert.equal(await appending, 1);
      else await appending.catch((error) => assert.equal(error.code, "FENCED"));
      await deposing;
      await assert.rejects(runs.append(led, tick(99)), { code: "FENCED" });
    }
    assert.ok(!(await numbersOf(runs)).includes(99));
  }),
);

test("a server killed -9 under load loses nothing that was acknowledged", () =>
  withServer(async (server) => {
    const stores = await openKvConnectStores<RunEvent, LogEvent>(server.url, {
      token: server.token,
    });
    let isOver = false;
    const acknowledged = [0, 0, 0, 0];
    const load = async (partition: number) => {
      const fence = await stores.runs.claim(partition, holder("a"), 0);
      while (!isOver) {
        await stores.runs.append(fence, tick(acknowledged[partition]!));
        acknowledged[partition]!++;
      }
    };
    const loads = [0, 1, 2, 3].map(load);
    for (let kills = 0; kills < 5; kills++) {
      const before = Math.min(...acknowledged);
      await server.kill();
      await sleep(50);
      await server.restart();
      while (Math.min(...acknowledged) < before + 20) await sleep(10);
    }
    isOver = true;
    await Promise.all(loads);
    await stores.close();
    await direct(server, async ({ runs }) => {
      for (const [partition, count] of acknowledged.entries()) {
        assert.deepEqual(await numbersOf(runs, partition), countTo(count));
      }
    });
  }));

test("a process that goes in order leaves no lanes behind", () =>
  withServer(async (server) => {
    await direct(server, async ({ runs }) => {
      const fence = await runs.claim(0, holder("a"), 0);
      await Promise.all(countTo(30).map((n) => runs.putBlob(new Uint8Array([n]))));
      await runs.append(fence, tick(0));
    });
    Deno.env.set("DENO_KV_ACCESS_TOKEN", server.token);
    using kv = await Deno.openKv(server.url);
    assert.deepEqual(await Array.fromAsync(kv.list({ prefix: ["lane"] })), []);
  }));
