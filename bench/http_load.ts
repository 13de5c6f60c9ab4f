/**
 * `deno run -A bench/http_load.ts JSON`: sends requests by autocannon, in a process of its own, and
 * prints what came of them.
 *
 * @module
 */
import autocannon from "autocannon";
import { DENO } from "./deno_process.ts";

/** What to send. */
export interface Load {
  url: string;
  method: "GET" | "POST";
  /** One after the other takes its turn, so that no limit of one key is met. */
  keys: readonly string[];
  body?: unknown;
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

/** Sends it from another process. */
export async function sendLoad(load: Load): Promise<LoadResult> {
  const { success, stdout, stderr } = await new Deno.Command(DENO, {
    args: ["run", "-A", import.meta.filename!, JSON.stringify(load)],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`The load could not be sent:\n${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout));
}

async function send(load: Load): Promise<LoadResult> {
  const { url, method, keys, body, connections, durationS, rate } = load;
  const headers = { "content-type": "application/json" };
  const result = await autocannon({
    url,
    connections,
    duration: durationS,
    ...(rate === undefined ? {} : { overallRate: rate }),
    requests: keys.map((key) => ({
      method,
      headers: { ...headers, authorization: `Bearer ${key}` },
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

if (import.meta.main) {
  console.log(JSON.stringify(await send(JSON.parse(Deno.args[0]!))));
  Deno.exit(0);
}
