/** The trace of a run that `serve` got by its API: as a user has it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { agentModule } from "../workflow_folder.ts";
import { lintExposition, parseExposition } from "./exposition.ts";
import { OtlpReceiver } from "./otlp_receiver.ts";

const MAIN = join(import.meta.dirname!, "..", "..", "main.ts");
const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT_ID = "00f067aa0ba902b7";

const DEFINITION = `
name: served
agents: { worker: { module: ./worker.ts } }
tasks:
  work: { agent: worker, forEach: [1, 2] }
output: "\${{ tasks.work.output }}"
`;

/** `serve` as a process of its own. */
class Served implements AsyncDisposable {
  readonly url: string;
  readonly #key: string;
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess, ready: { url: string; apiKey: string }) {
    this.#child = child;
    this.url = ready.url;
    this.#key = ready.apiKey;
  }

  static async start(dataDir: string, env: Record<string, string>): Promise<Served> {
    const args = ["run", "-A", MAIN, "serve", "--json", "--port", "0", "--data", dataDir];
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args, "--no-dashboard", "--no-examples"],
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`The node ended before it was up: ${text}`);
      text += value;
    }
    await reader.cancel();
    return new Served(child, JSON.parse(text));
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...init.headers, authorization: `Bearer ${this.#key}` };
    return await fetch(`${this.url}${path}`, { ...init, headers });
  }

  /** Drains and ends it: what it traced is exported. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended in order.
    }
    await this.#child.status;
  }
}

async function runToEnd(server: Served): Promise<{ runId: string; output: unknown }> {
  const response = await server.fetch("/api/v1/runs", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      traceparent: `00-${TRACE_ID}-${PARENT_ID}-01`,
    },
    body: JSON.stringify({
      definition: DEFINITION,
      files: { "worker.ts": agentModule(`return await ctx.step("see", () => ctx.traceparent);`) },
      input: {},
    }),
  });
  const { runId, ...rest } = await response.json();
  assert.equal(response.status, 202, JSON.stringify(rest));
  for (const endsAt = performance.now() + 60_000; performance.now() < endsAt;) {
    const run = await (await server.fetch(`/api/v1/runs/${runId}`)).json();
    if (run.status === "completed") return { runId, output: run.output };
    assert.ok(run.status !== "failed", JSON.stringify(run));
    await sleep(50);
  }
  throw new Error("The run did not end");
}

Deno.test("serve exports one trace for a run of its API, from the request into the workers", async () => {
  await using receiver = new OtlpReceiver();
  const dataDir = await Deno.makeTempDir();
  try {
    await using server = await Served.start(dataDir, receiver.environment);
    const { runId, output } = await runToEnd(server);
    const metrics = await server.fetch("/metrics");
    const families = parseExposition(await metrics.text());
    assert.deepEqual(lintExposition(families), []);
    await server.stop();

    const all = receiver.spans.filter(({ traceId }) => traceId === TRACE_ID);
    const byId = new Map(all.map((span) => [span.spanId, span]));
    assert.equal(byId.size, all.length, "a span came twice");
    for (const { name, parentSpanId } of all) {
      assert.ok(parentSpanId === PARENT_ID || byId.has(parentSpanId), `${name}: orphan`);
    }
    const own = receiver.ownSpans(TRACE_ID);
    assert.deepEqual(own.map(({ name }) => name).sort(), [
      "invoke_agent worker",
      "invoke_agent worker",
      "invoke_workflow served",
      "step see",
      "step see",
    ]);
    const run = own.find(({ name }) => name === "invoke_workflow served")!;
    assert.equal(run.attributes["denizen.run.id"], runId);
    const attempts = own.filter(({ name }) => name === "invoke_agent worker");
    assert.ok(attempts.every(({ parentSpanId }) => parentSpanId === run.spanId));
    const seen = attempts
      .sort((a, b) =>
        Number(a.attributes["denizen.task.index"]) - Number(b.attributes["denizen.task.index"])
      )
      .map(({ spanId }) => `00-${TRACE_ID}-${spanId}-01`);
    assert.deepEqual(output, seen, "each agent saw the context of its own attempt");
    const requests = all.filter(({ kind }) => kind === 2);
    assert.equal(requests.length, 1, "the request has a span of the server");
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
