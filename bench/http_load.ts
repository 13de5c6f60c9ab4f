/**
 * `deno run -A bench/http_load.ts JSON`: sends requests in a process of its own, and prints what came
 * of them. As many as are answered are sent by autocannon. At a rate it sends those of a second in one
 * burst; so they are sent here, each at its own time.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { quantile } from "./statistics.ts";

/** What to send. */
export interface Load {
  url: string;
  method: "GET" | "POST";
  /** One after the other takes its turn, so that no limit of one key is met. */
  keys: readonly string[];
  body?: unknown;
  /** Requests under way at once, where there is no rate. */
  connections: number;
  durationS: number;
  /** Requests a second; left out: as many as are answered. */
  rate?: number;
}

/** What came of it. */
export interface LoadResult {
  /** Answers in all, and those that are 2xx. */
  answers: number;
  successes: number;
  /** How many answers had which status. */
  statuses: Record<string, number>;
  /** Requests without an answer. */
  errors: number;
  durationS: number;
  /** From the moment at which a request was due, in ms. */
  latency: { p50: number; p99: number; max: number };
}

/** Of the process that sends: nobody else downloads what it takes. */
const CONFIG = join(import.meta.dirname!, "http_load.json");

/** Sends it from another process. */
export async function sendLoad(load: Load): Promise<LoadResult> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", CONFIG, import.meta.filename!, JSON.stringify(load)],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`The load could not be sent:\n${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout));
}

async function sendMany(load: Load): Promise<LoadResult> {
  const { url, method, keys, body, connections, durationS } = load;
  // By a name that is known only when this runs: Deno then fetches it here, and nowhere else.
  const name: string = "autocannon";
  const { default: autocannon } = await import(name);
  const result = await autocannon({
    url,
    connections,
    duration: durationS,
    requests: keys.map((key) => ({
      method,
      headers: headersOf(key),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })),
  });
  const { p50, p99, max } = result.latency;
  const statuses: Record<string, { count: number }> = result.statusCodeStats ?? {};
  return {
    answers: result["2xx"] + result.non2xx,
    successes: result["2xx"],
    statuses: Object.fromEntries(
      Object.entries(statuses).map(([status, { count }]) => [status, count]),
    ),
    errors: result.errors,
    durationS: result.duration,
    latency: { p50, p99, max },
  };
}

/** Whether answers come or not: what waits behind a slow one is measured, too. */
async function sendPaced(load: Load, rate: number): Promise<LoadResult> {
  const { url, method, keys, body, durationS } = load;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const found = { took: [] as number[], statuses: {} as Record<string, number>, errors: 0 };
  const send = async (n: number, dueAt: number) => {
    const headers = headersOf(keys[n % keys.length]!);
    try {
      const response = await fetch(url, { method, headers, body: text });
      await response.arrayBuffer();
      found.took.push(performance.now() - dueAt);
      found.statuses[response.status] = (found.statuses[response.status] ?? 0) + 1;
    } catch {
      found.errors++;
    }
  };
  const begunAt = performance.now();
  const sent: Promise<void>[] = [];
  for (let n = 0; n < rate * durationS; n++) {
    const dueAt = begunAt + n / rate * 1_000;
    if (dueAt > performance.now()) await sleep(dueAt - performance.now());
    sent.push(send(n, dueAt));
  }
  await Promise.all(sent);
  return pacedResult(found, (performance.now() - begunAt) / 1_000);
}

function pacedResult(
  { took, statuses, errors }: Pick<LoadResult, "statuses" | "errors"> & { took: number[] },
  durationS: number,
): LoadResult {
  const successes = Object.entries(statuses).filter(([status]) => status.startsWith("2"))
    .reduce((sum, [, count]) => sum + count, 0);
  const latency = { p50: quantile(took, 0.5), p99: quantile(took, 0.99), max: quantile(took, 1) };
  return { answers: took.length, successes, statuses, errors, durationS, latency };
}

function headersOf(key: string): Record<string, string> {
  return { "content-type": "application/json", authorization: `Bearer ${key}` };
}

if (import.meta.main) {
  const load: Load = JSON.parse(Deno.args[0]!);
  const { rate } = load;
  const result = rate === undefined ? await sendMany(load) : await sendPaced(load, rate);
  console.log(JSON.stringify(result));
  Deno.exit(0);
}
