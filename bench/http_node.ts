import { setTimeout as sleep } from "node:timers/promises";
import { type DenoProcess, startDeno } from "./deno_process.ts";
import { workflowFile } from "./lab.ts";

/** A node of `denizen serve`, with keys to its API. */
export interface HttpNode {
  pid: number;
  url: string;
  /** Of administrators. A key may do 2,000 reads and 1,000 submissions a second. */
  keys: readonly string[];
  /** Answers the JSON document, or throws when the status is none of 2xx. */
  call(method: string, path: string, body?: unknown): Promise<JsonDocument>;
  /** Submits runs of a workflow, some at a time; their ids. */
  submit(workflow: string, count: number): Promise<string[]>;
  /** Waits until no run of a workflow is open. */
  settled(workflow: string): Promise<void>;
  stop(): Promise<void>;
}

type JsonDocument = Record<string, unknown> & { items?: Record<string, unknown>[] };

const KEYS = 20;
const SUBMIT_AT_ONCE = 20;
const POLL_MS = 100;
/** How long after its start a node may not be ready. */
const PATIENCE_MS = 60_000;

/** Starts a node on an empty store, as a user would, with the workflows that are measured. */
export async function startHttpNode(dataDir: string): Promise<HttpNode> {
  const files = ["three_steps", "waits"].map(workflowFile);
  const options = ["--data", dataDir, "--port", "0", "--no-examples", "--json"];
  const node = startDeno(["main.ts", "serve", ...files, ...options]);
  const { url, apiKey } = JSON.parse(await node.line(/^\{"nodeId"/));
  const call = caller(url, apiKey);
  const keys: string[] = [];
  for (let n = 0; n < KEYS; n++) {
    const { key } = await call("POST", "/api/v1/keys", { name: `bench ${n}`, role: "admin" });
    keys.push(key as string);
  }
  return { pid: node.pid, url, keys, call, ...runsOf(call), stop: () => stop(node) };
}

/** A node that is not ready yet, or has too much to do, says so: it is asked again. */
function caller(url: string, key: string): HttpNode["call"] {
  const giveUpAt = performance.now() + PATIENCE_MS;
  return async function call(method, path, body) {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    if (response.status === 503 && performance.now() < giveUpAt) {
      await sleep(POLL_MS);
      return await call(method, path, body);
    }
    throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
  };
}

function runsOf(call: HttpNode["call"]): Pick<HttpNode, "submit" | "settled"> {
  const submitOne = async (workflow: string) =>
    (await call("POST", "/api/v1/runs", { workflow, input: {} })).runId as string;
  return {
    submit: async (workflow, count) => {
      const runIds: string[] = [];
      while (runIds.length < count) {
        const some = Math.min(SUBMIT_AT_ONCE, count - runIds.length);
        runIds.push(...await Promise.all(Array.from({ length: some }, () => submitOne(workflow))));
      }
      return runIds;
    },
    settled: async (workflow) => {
      const path = `/api/v1/runs?workflow=${workflow}&status=running&limit=1`;
      while ((await call("GET", path)).items!.length > 0) await sleep(POLL_MS);
    },
  };
}

async function stop(node: DenoProcess): Promise<void> {
  await node.stop();
}
