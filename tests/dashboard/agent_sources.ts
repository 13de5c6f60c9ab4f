/**
 * Agents that count lines, a workflow that asks for one, and how a node gets them.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Serving } from "./serve_process.ts";

/** An agent that does what it says, unless it is told to be wrong or slow. */
export function counterSource(
  { name, version, isWrong = false, ms = 0 }: {
    name: string;
    version: string;
    isWrong?: boolean;
    ms?: number;
  },
): string {
  return `import { AgentError, defineAgent } from "denizen";
import { z } from "zod";

export default defineAgent({
  name: "${name}",
  version: "${version}",
  description: "Counts lines of text",
  costUsd: 0.002,
  capabilities: {
    "text.measure.lines": {
      input: z.object({ text: z.string(), fails: z.boolean().optional() }),
      output: z.object({ lines: z.number() }),
      isA: "text.measure",
      examples: [{ input: { text: "one\\ntwo" }, output: { lines: 2 } }],
    },
  },
  async run({ text, fails }, ctx) {
    await ctx.sleep(${ms});
    if (fails) throw new AgentError("NO_LINES", "There are no lines to count");
    return { lines: text.split("\\n").length${isWrong ? " + 1" : ""} };
  },
});
`;
}

/** Asks for lines to be counted, by whoever can do it best; and once for what nobody can do. */
export const COUNT_LINES = `name: count-lines
version: 1.0.0
description: Counts the lines of some texts
agents:
  quick: { module: ./quick.ts, concurrency: 4 }
  steady: { module: ./steady.ts, concurrency: 4 }
tasks:
  count:
    forEach: "\${{ ['a', 'b\\\\nc', 'd\\\\ne\\\\nf', 'g'] }}"
    capability: text.measure.lines
    with: { text: "\${{ item }}" }
  agree:
    needs: [count]
    capability: text.measure.lines
    with: { text: "one" }
    assign: { vote: { of: 2 } }
output: "\${{ tasks.count.output }}"
`;

/** Attempts of one run of it: four texts, and two votes. */
export const COUNT_LINES_ATTEMPTS = 6;

/** A task that no agent offers to do: it waits. */
export const ASK_IN_VAIN = `name: ask-in-vain
version: 1.0.0
tasks:
  paint: { capability: picture.paint, with: {}, assign: { wait: 15m } }
`;

/** A machine that is busy is slow, not broken. */
const WAIT_MS = 180_000;

/**
 * Posts to the node's API, as its administrator. A node that is not ready for a while, as a busy
 * machine may make it, says when to ask again, and has done nothing.
 */
export async function call<T>(serving: Serving, path: string, body: unknown): Promise<T> {
  const init = {
    method: "POST",
    headers: { authorization: `Bearer ${serving.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
    // A node that does not answer is a failure, and no reason to wait for ever.
    signal: AbortSignal.timeout(WAIT_MS),
  };
  for (;;) {
    const response = await fetch(`${serving.url}/api/v1${path}`, init);
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    const { code } = JSON.parse(text);
    assert.equal(code, "NODE_NOT_READY", `${path}: ${response.status} ${text}`);
    const pauseMs = Number(response.headers.get("retry-after")) * 1_000;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** The workflow with its agents, and a registered one in two versions: the newer is wrong. */
export async function registerCounters(serving: Serving): Promise<void> {
  const files = {
    "quick.ts": counterSource({ name: "quick", version: "1.0.0" }),
    "steady.ts": counterSource({ name: "steady", version: "1.0.0", ms: 20 }),
  };
  await call(serving, "/workflows", { source: COUNT_LINES, files });
  await call(serving, "/workflows", { source: ASK_IN_VAIN });
  const name = "line-counter";
  for (const [version, isWrong] of [["1.0.0", false], ["1.1.0", true]] as const) {
    await call(serving, "/agents", { source: counterSource({ name, version, isWrong }) });
  }
}

/** Starts a run and waits until it has the status. */
export async function runUntil(
  serving: Serving,
  workflow: string,
  status: string,
): Promise<string> {
  const { runId } = await call<{ runId: string }>(serving, "/runs", { workflow });
  const headers = { authorization: `Bearer ${serving.apiKey}` };
  const signal = AbortSignal.timeout(WAIT_MS);
  for (;;) {
    const response = await fetch(`${serving.url}/api/v1/runs/${runId}`, { headers, signal });
    const run = await response.json();
    if (run.status === status) return runId;
    assert.ok(["pending", "running", "waiting"].includes(run.status), JSON.stringify(run));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
