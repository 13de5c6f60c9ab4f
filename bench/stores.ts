/**
 * `deno run -A bench/stores.ts`: what a write costs in each store. Brings its own PostgreSQL, on the
 * loopback address and the same disk, with fsync on as the KV file has it.
 *
 * @module
 */
import type { Store } from "../core/ports.ts";
import type { ActorStore } from "../core/actor_ports.ts";
import { openKvStores } from "../runtime/store/mod.ts";
import { openPostgresStores } from "../runtime/store/postgres/mod.ts";
import { startPostgres } from "../tests/postgres/postgres_server.ts";

const WRITES = 300;
const WARM_UP = 30;
const COMMIT_EVENTS = 200;

type RunEvent = { type: string; at: number; task: string; output: string };
type LogEvent = { type: string; id: string; payload: string };

interface Stores {
  runs: Store<RunEvent>;
  actors: ActorStore<LogEvent>;
}

const holder = { nodeId: "bench", host: "h", pid: 1, processStart: "s" };
const text = "x".repeat(100);

/** Median and 95th percentile of the milliseconds that a write takes, one after the other. */
async function measure(write: (n: number) => Promise<unknown>): Promise<[number, number]> {
  const tookMs: number[] = [];
  for (let n = 0; n < WARM_UP + WRITES; n++) {
    const startedAt = performance.now();
    await write(n);
    if (n >= WARM_UP) tookMs.push(performance.now() - startedAt);
  }
  tookMs.sort((a, b) => a - b);
  return [tookMs[WRITES >> 1]!, tookMs[Math.floor(WRITES * 0.95)]!];
}

async function measureAppends({ runs }: Stores, events: number, partition: number) {
  const fence = await runs.claim(partition, holder, 0);
  const event: RunEvent = { type: "TaskCompleted", at: 1_763_000_000_000, task: "t", output: text };
  // As a scheduler decides: a few events of each of several runs.
  const records = Array.from({ length: Math.ceil(events / 4) }, (_, at) => ({
    runId: `01M7ZS53HPR4ASAT4PBTC9KP${at}`,
    events: Array.from({ length: Math.min(4, events - 4 * at) }, () => event),
  }));
  return await measure(() => runs.append(fence, { records }));
}

async function measureCommits({ actors }: Stores) {
  const fence = await actors.claimSystem("bench", holder, null);
  return await measure((n) => {
    const units = Array.from({ length: COMMIT_EVENTS }, (_, at) => ({
      log: [{ type: "MessageHandled", id: `${n}-${at}`, payload: text }],
      states: [{ address: `actor://counter/${at % 20}`, version: n, state: `{"n":${n}}` }],
    }));
    return actors.commit(fence, { units });
  });
}

async function measureStore(name: string, stores: Stores): Promise<void> {
  for (const [partition, events] of [1, 10, 200].entries()) {
    const [p50, p95] = await measureAppends(stores, events, partition);
    console.log(`${name}: append of ${events}: p50 ${p50.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms`);
  }
  const [p50, p95] = await measureCommits(stores);
  const perSecond = Math.round(COMMIT_EVENTS / p50 * 1_000);
  console.log(
    `${name}: actor commit of ${COMMIT_EVENTS}: p50 ${p50.toFixed(2)} ms, ` +
      `p95 ${p95.toFixed(2)} ms, ${perSecond} events/s`,
  );
}

const folder = await Deno.makeTempDir({ prefix: "denizen-bench-" });
const server = await startPostgres(["fsync=on", "shared_buffers=128MB"]);
try {
  const kv = await openKvStores<RunEvent, LogEvent>(`${folder}/store.kv`);
  await measureStore("KV file", kv);
  kv.close();
  const postgres = await openPostgresStores<RunEvent, LogEvent>(server.url);
  await measureStore("PostgreSQL", postgres);
  await postgres.close();
} finally {
  await server.stop();
  await Deno.remove(folder, { recursive: true });
}
