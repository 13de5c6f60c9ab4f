import { setTimeout as sleep } from "node:timers/promises";
import { type DenoProcess, startDeno } from "./deno_process.ts";
import type { Heard, Listeners } from "./http_listeners.ts";
import { type LoadResult, sendLoad } from "./http_load.ts";
import { type HttpNode, startHttpNode } from "./http_node.ts";
import { type Measurement, measurementOf } from "./measurement.ts";
import { cpuSeconds, memoryOf } from "./process_usage.ts";
import { median } from "./statistics.ts";

export interface HttpCaseOptions {
  /** Empty, on the project's disk. */
  dir: string;
  isQuick: boolean;
  /** How long runs flow while others listen. */
  minutes: number;
  /** Event streams that are open meanwhile. */
  listeners: number;
  /** Runs a second. */
  rate: number;
  /** Which parts are measured. */
  parts: readonly HttpPart[];
  say: (text: string) => void;
}

/** `read`: the list of runs; `flow`: submissions while others listen. */
export const HTTP_PARTS = ["read", "flow"] as const;

export type HttpPart = typeof HTTP_PARTS[number];

/** What was found beside the figures. */
export interface HttpFindings {
  measurements: Measurement[];
  /** In words, for people. */
  verdicts: string[];
}

const SEEDED_RUNS = 300;
const WAITING_RUNS = 50;
const CONNECTIONS = 20;
const ROUNDS = 8;
const ROUND_S = 3;
const MEMORY_EVERY_MS = 5_000;
/** Memory counts as flat when a line through it rises by less than this share in the time. */
const FLAT = 0.05;
/** The first part of the time, in which caches fill. */
const WARM_UP = 1 / 3;

const RUN = { workflow: "three-steps", input: {} };

/** A node beside a bare route, first by reads alone, then with runs and listeners. */
export async function measureHttp(options: HttpCaseOptions): Promise<HttpFindings> {
  const { dir, say } = options;
  say("starting a node");
  const node = await startHttpNode(`${dir}/node`);
  const bare = await startBare(node, options);
  try {
    const has = (part: HttpPart) => options.parts.includes(part);
    const reads = has("read") ? await measureReads(node, bare, options) : [];
    if (!has("flow")) return { measurements: reads, verdicts: [] };
    const { measurements, verdicts } = await measureFlow(node, bare, options);
    return { measurements: [...reads, ...measurements], verdicts };
  } finally {
    await bare.process.stop();
    await node.stop();
  }
}

interface BareRoute {
  process: DenoProcess;
  url: string;
}

/** A route that answers with the very page that the node has. */
async function startBare(node: HttpNode, { dir, isQuick, say }: HttpCaseOptions) {
  const count = isQuick ? 60 : SEEDED_RUNS;
  say(`submitting ${count} runs`);
  await node.submit(RUN.workflow, count);
  await node.settled(RUN.workflow);
  const page = `${dir}/page.json`;
  await Deno.writeTextFile(page, JSON.stringify(await node.call("GET", "/api/v1/runs")));
  const process = startDeno(["bench/bare_route.ts", page]);
  return { process, url: await process.line(/^http:/) };
}

// --- reads ---

/** By turns; rates depend on what else the machine does, processor time hardly. */
async function measureReads(
  node: HttpNode,
  bare: BareRoute,
  { isQuick, say }: HttpCaseOptions,
): Promise<Measurement[]> {
  say("reading the list of runs");
  const rounds = isQuick ? 1 : ROUNDS;
  const samples = { node: [] as Read[], bare: [] as Read[] };
  for (let round = -1; round < rounds; round++) {
    const durationS = isQuick ? 1 : ROUND_S;
    const one = await readFrom(`${bare.url}/runs`, bare.process.pid, { node, durationS });
    const other = await readFrom(`${node.url}/api/v1/runs`, node.pid, { node, durationS });
    // The first round warms both up.
    if (round < 0) continue;
    samples.bare.push(one);
    samples.node.push(other);
  }
  const of = (reads: readonly Read[], member: keyof Read) => reads.map((read) => read[member]);
  const limitName = "a bare Hono route with the same page";
  const goal = { of: "ratio", atLeast: 0.4 } as const;
  const row = (name: string, unit: string, member: keyof Read) =>
    measurementOf(
      { name, unit, limitName, ...(unit === "/s" ? { goal } : {}) },
      of(samples.node, member),
      of(samples.bare, member),
    );
  return [
    row("http.read.rate", "/s", "rate"),
    row("http.read.perCpuSecond", "/s", "perCpuSecond"),
    row("http.read.p99", "ms", "p99"),
  ];
}

interface Read {
  /** Answers a second. */
  rate: number;
  /** Answers for each second of processor time of the process that gives them. */
  perCpuSecond: number;
  p99: number;
}

async function readFrom(
  url: string,
  pid: number,
  { node: { keys }, durationS }: { node: HttpNode; durationS: number },
): Promise<Read> {
  const before = cpuSeconds(pid);
  const load = { url, method: "GET", keys, connections: CONNECTIONS, durationS } as const;
  const result = await sendLoad(load);
  const cpuS = cpuSeconds(pid) - before;
  requireAll(result);
  const { answers, latency } = result;
  return { rate: answers / result.durationS, perCpuSecond: answers / cpuS, p99: latency.p99 };
}

/** A refusal is cheap: with refusals in it a rate would mean nothing. */
function requireAll({ answers, successes, statuses, errors }: LoadResult): void {
  if (answers === successes && errors === 0 && answers > 0) return;
  throw new Error(`Not all were answered: ${JSON.stringify(statuses)}, ${errors} failed`);
}

// --- runs that flow while others listen ---

async function measureFlow(
  node: HttpNode,
  bare: BareRoute,
  options: HttpCaseOptions,
): Promise<HttpFindings> {
  const { listeners, rate, minutes, say } = options;
  const durationS = Math.round(60 * minutes);
  const bareLoad = await submitAt(`${bare.url}/runs`, node, { rate, durationS: 10 });
  const waiting = await node.submit("waits", Math.min(WAITING_RUNS, listeners));
  say(`opening ${listeners} event streams`);
  const process = await startListeners(node, { count: listeners, waiting });
  try {
    say(`submitting ${rate} runs a second for ${durationS} s`);
    const memory = new MemoryWatch(node.pid);
    const [cpuBefore, begunAt] = [cpuSeconds(node.pid), performance.now()];
    const result = await submitAt(`${node.url}/api/v1/runs`, node, { rate, durationS });
    const cpu = (cpuSeconds(node.pid) - cpuBefore) / (performance.now() - begunAt) * 1_000;
    memory.stop();
    await process.endInput();
    const heard: Heard = JSON.parse(await process.line(/^\{"lost"/));
    return findings({ result, bareLoad, memory, heard, cpu }, options);
  } finally {
    await process.stop();
  }
}

function submitAt(
  url: string,
  { keys }: HttpNode,
  { rate, durationS }: { rate: number; durationS: number },
): Promise<LoadResult> {
  const load = { url, method: "POST", keys, body: RUN, connections: CONNECTIONS } as const;
  return sendLoad({ ...load, rate, durationS });
}

/** Half of them hear of all runs, the others of one each that goes on. */
async function startListeners(
  { url, keys }: HttpNode,
  { count, waiting }: { count: number; waiting: readonly string[] },
): Promise<DenoProcess> {
  const paths = Array.from(
    { length: count },
    (_, n) =>
      n % 2 === 0 ? "/api/v1/events" : `/api/v1/runs/${waiting[(n >> 1) % waiting.length]}/events`,
  );
  const listeners: Listeners = { origin: url, key: keys[0]!, paths };
  const process = startDeno(["bench/http_listeners.ts", JSON.stringify(listeners)]);
  await process.line(/^listening/);
  return process;
}

interface Flow {
  result: LoadResult;
  bareLoad: LoadResult;
  memory: MemoryWatch;
  heard: Heard;
  /** Seconds of processor time in a second. */
  cpu: number;
}

function findings({ result, bareLoad, memory, heard, cpu }: Flow, options: HttpCaseOptions) {
  const { listeners, rate } = options;
  const bareName = "a bare Hono route at that rate";
  const { successes, statuses, errors, latency } = result;
  const row = (name: string, unit: string, value: number, limit: number, limitName: string) =>
    measurementOf({ name, unit, limitName }, [value], [limit]);
  const goal = { of: "value", atMost: 50 } as const;
  const p99 = row("http.submit.p99", "ms", latency.p99, bareLoad.latency.p99, bareName);
  const { first, last, growth } = memory.trend();
  const isFlat = growth <= FLAT;
  const lost = `${heard.lost} of ${listeners} listeners were lost`;
  return {
    measurements: [
      { ...p99, goal },
      row("http.submit.p50", "ms", latency.p50, bareLoad.latency.p50, bareName),
      row("http.submit.rate", "/s", successes / result.durationS, rate, "the rate that was sent"),
      row("http.node.cpu", "s/s", cpu, 1, "one processor"),
      row("http.node.pss", "MB", last, first, "the same a while before"),
    ],
    verdicts: [
      `submissions: answers by status ${JSON.stringify(statuses)}, ${errors} failed`,
      `listeners: ${lost}, ${heard.served} were sent something, ${heard.frames} frames, ` +
      `${(heard.bytes / 1e6).toFixed(1)} MB in all`,
      `memory: ${isFlat ? "flat" : "not flat"}: ${first.toFixed(0)} MB, then ${
        last.toFixed(0)
      } MB; a line through it ${growth < 0 ? "falls" : "rises"} by ${
        (100 * Math.abs(growth)).toFixed(1)
      } % (flat: at most ${100 * FLAT} %)`,
    ],
  };
}

/** Looks at the memory of a process again and again. */
class MemoryWatch {
  readonly #samples: { atMs: number; pss: number }[] = [];
  readonly #end = new AbortController();

  constructor(pid: number) {
    void this.#watch(pid);
  }

  async #watch(pid: number): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      this.#samples.push({ atMs: performance.now(), pss: memoryOf(pid).pss });
      await sleep(MEMORY_EVERY_MS, undefined, { signal }).catch(() => {});
    }
  }

  stop(): void {
    this.#end.abort();
  }

  /**
   * MB where the warm-up ends and at the end, on the line of least squares through what lies between,
   * and by what share that line rises.
   */
  trend(): { first: number; last: number; growth: number } {
    const samples = this.#samples.slice(Math.floor(this.#samples.length * WARM_UP));
    const mean = (values: number[]) =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const [meanAt, meanPss] = [mean(samples.map((s) => s.atMs)), mean(samples.map((s) => s.pss))];
    const spread = samples.reduce((sum, { atMs }) => sum + (atMs - meanAt) ** 2, 0);
    const slope = spread === 0 ? 0 : samples.reduce(
      (sum, { atMs, pss }) => sum + (atMs - meanAt) * (pss - meanPss),
      0,
    ) / spread;
    const at = (atMs: number) => meanPss + slope * (atMs - meanAt);
    const [first, last] = [at(samples[0]!.atMs), at(samples.at(-1)!.atMs)];
    return { first, last, growth: (last - first) / median(samples.map(({ pss }) => pss)) };
  }
}
