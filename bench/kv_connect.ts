/**
 * `deno run -A bench/kv_connect.ts`: what a write costs on a KV Connect server, by our client, by
 * Deno's, and by a bare request. The server is found as `deno task test:kv-connect` finds it.
 *
 * @module
 */
import type { Fence } from "../core/ports.ts";
import { KvStore } from "../runtime/store/kv_store.ts";
import { openKvConnect } from "../runtime/store/kv_connect/mod.ts";
import { startDenokv } from "../tests/kv_connect/denokv_server.ts";

const WRITES = 200;
const WARM_UP = 20;
const PARTITIONS = 8;
const SIZES = [150, 2_000, 30_000, 400_000];

type RunEvent = { type: string; text: string };

const holder = { nodeId: "bench", host: "h", pid: 1, processStart: "s" };

/** How long one write took at the median and the 95th percentile, and how many were done a second. */
async function measure(
  lanes: readonly ((n: number) => Promise<unknown>)[],
): Promise<[p50: number, p95: number, rate: number]> {
  for (let n = 0; n < WARM_UP; n++) await lanes[n % lanes.length]!(n);
  const tookMs: number[] = [];
  const beganAt = performance.now();
  let left = WRITES;
  await Promise.all(lanes.map(async (write) => {
    while (left-- > 0) {
      const startedAt = performance.now();
      await write(left);
      tookMs.push(performance.now() - startedAt);
    }
  }));
  const seconds = (performance.now() - beganAt) / 1_000;
  tookMs.sort((a, b) => a - b);
  return [tookMs[WRITES >> 1]!, tookMs[Math.floor(WRITES * 0.95)]!, WRITES / seconds];
}

/** Appends of about so many bytes, one after the other in each partition. */
function appendsTo(store: KvStore<RunEvent>, fences: readonly Fence[], bytes: number) {
  const count = Math.max(1, Math.round(bytes / 150));
  const events = Array.from({ length: count }, () => ({ type: "Tick", text: "x".repeat(120) }));
  const records = Array.from({ length: Math.ceil(count / 50) }, (_, at) => ({
    runId: `01M7ZS53HPR4ASAT4PBTC9KP${at}`,
    events: events.slice(at * 50, at * 50 + 50),
  }));
  return fences.map((fence) => () => store.append(fence, { records }));
}

function tell(what: string, [p50, p95, rate]: readonly number[]): void {
  const shown = `p50 ${p50!.toFixed(2)} ms, p95 ${p95!.toFixed(2)} ms, ${
    rate!.toFixed(0)
  } a second`;
  console.log(`${what.padEnd(44)} ${shown}`);
}

async function compare(name: string, kv: Deno.Kv, first: number): Promise<void> {
  const store = new KvStore<RunEvent>(kv);
  const fences: Fence[] = [];
  for (let n = first; n < first + PARTITIONS; n++) fences.push(await store.claim(n, holder, 0));
  for (const bytes of SIZES) {
    const writes = (count: number) => appendsTo(store, fences.slice(0, count), bytes);
    tell(`${name}: append of ${bytes} bytes`, await measure(writes(1)));
    tell(`${name}: the same, ${PARTITIONS} partitions`, await measure(writes(PARTITIONS)));
  }
  tell(`${name}: read`, await measure([() => kv.get(["nothing"])]));
}

const server = await startDenokv();
Deno.env.set("DENO_KV_ACCESS_TOKEN", server.token);
const ours = await openKvConnect(server.url);
const theirs = await Deno.openKv(server.url);
try {
  for (const bytes of [100, 60_000]) {
    const value = new Uint8Array(bytes);
    const bare = (n: number) => theirs.set(["bare", n % 20], value);
    tell(`server, Deno's client: set of ${bytes} bytes`, await measure([bare]));
    tell("  the same, 8 at once", await measure(Array.from({ length: 8 }, () => bare)));
  }
  await compare("Deno's client", theirs, 100);
  await compare("our client", ours, 200);
} finally {
  theirs.close();
  await ours.end();
  await server.stop();
}
