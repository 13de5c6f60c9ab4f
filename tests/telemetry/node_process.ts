/**
 * A node of a test as a process of its own: what it exports is real.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What the tests look at of a run. */
export interface RunSeen {
  status: string;
  output: unknown;
  tasks: { id: string; status: string }[];
}

export class NodeProcess implements AsyncDisposable {
  readonly url: string;
  readonly isTracing: boolean;
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess, ready: { url: string; isTracing: boolean }) {
    this.#child = child;
    this.url = ready.url;
    this.isTracing = ready.isTracing;
  }

  static async start(
    dataDir: string,
    nodeId: string,
    env: Record<string, string>,
  ): Promise<NodeProcess> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", join(import.meta.dirname!, "traced_node.ts"), dataDir, nodeId],
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error("The node ended before it was up");
      text += value;
    }
    await reader.cancel();
    return new NodeProcess(child, JSON.parse(text));
  }

  async submit(file: string, headers: Record<string, string> = {}): Promise<string> {
    const response = await fetch(`${this.url}/runs`, { method: "POST", body: file, headers });
    return (await response.json()).runId;
  }

  async show(runId: string): Promise<RunSeen | null> {
    return await (await fetch(`${this.url}/runs/${runId}`)).json();
  }

  /** Looks until the run is as wanted. */
  async until(runId: string, isSo: (run: RunSeen) => boolean): Promise<RunSeen> {
    const endsAt = performance.now() + 60_000;
    for (;;) {
      const run = await this.show(runId);
      if (run !== null && isSo(run)) return run;
      if (performance.now() > endsAt) throw new Error(`Waited in vain: ${JSON.stringify(run)}`);
      await sleep(50);
    }
  }

  /** Ends it in order: what it traced is exported. */
  async stop(): Promise<void> {
    await this.#child.stdin.close();
    await this.#child.status;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.stdin.close().catch(() => {});
    await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop().catch(() => {});
  }
}
