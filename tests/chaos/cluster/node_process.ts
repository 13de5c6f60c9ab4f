/**
 * One node of the cluster as a process: started, killed, stopped, let go on, drained.
 *
 * @module
 */
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { childrenOf, killNode } from "../../process/process_tree.ts";

const ROOT = join(import.meta.dirname!, "../../..");
/** What a node has said last, for reports of failures. */
const TAIL_LINES = 40;

/** How a node is started. */
export interface NodeSettings {
  /** `n1`. */
  nodeId: string;
  /** Holds its state directory and its log. */
  folder: string;
  storeUrl: string;
  electionTimeoutMs: number;
  env: Record<string, string>;
}

/** What has happened to a node over all its starts. */
export interface NodeCounts {
  /** Appends that the store refused, because another node leads. */
  fenced: number;
  starts: number;
  /** Times it ended although nobody had asked for it. */
  crashes: number;
}

/** A node that is started and ended as a test wants. */
export class NodeProcess {
  readonly nodeId: string;
  readonly counts: NodeCounts = { fenced: 0, starts: 0, crashes: 0 };
  readonly #settings: NodeSettings;
  readonly #log: WriteStream;
  readonly #tail: string[] = [];
  #child: Deno.ChildProcess | null = null;
  #isEndAsked = false;
  /** Processes that are stopped. */
  #stopped: number[] = [];

  constructor(settings: NodeSettings) {
    this.nodeId = settings.nodeId;
    this.#settings = settings;
    this.#log = createWriteStream(join(settings.folder, `${settings.nodeId}.log`), { flags: "a" });
  }

  /** `null` while it does not run. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** What it said last. */
  get lastLines(): readonly string[] {
    return this.#tail;
  }

  /** Starts it; `env` comes on top of its usual environment, this once. */
  start(env: Record<string, string> = {}): void {
    const { folder, nodeId, storeUrl, electionTimeoutMs } = this.#settings;
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", join(ROOT, "main.ts"), "serve"],
        ...["--data", join(folder, nodeId), "--node-id", nodeId, "--store", storeUrl],
        ...["--election-timeout", `${electionTimeoutMs}ms`, "--port", "0", "--json"],
        ...["--no-dashboard", "--no-examples"],
      ],
      cwd: ROOT,
      env: { ...this.#settings.env, ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#child = child;
    this.#isEndAsked = false;
    this.counts.starts++;
    for (const stream of [child.stdout, child.stderr]) this.#read(stream);
    child.status.then(() => this.#onEnd(child));
  }

  /** Resolves when the process has ended, whoever ended it. */
  async ended(): Promise<void> {
    await this.#child?.status;
  }

  /** kill -9: its cells go with it. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#isEndAsked = true;
    this.#signal(this.#stopped, "SIGCONT");
    this.#stopped = [];
    await killNode(child);
  }

  /** SIGSTOP. With `cells` the processes below it stop as well: its attempts stand still. */
  stop({ cells }: { cells: boolean }): void {
    if (this.#child === null) return;
    const { pid } = this.#child;
    this.#stopped = cells ? [pid, ...descendantsOf(pid)] : [pid];
    this.#signal(this.#stopped, "SIGSTOP");
  }

  /** SIGCONT to all that was stopped: cells first, so that what they did waits for the node. */
  proceed(): void {
    this.#signal(this.#stopped.reverse(), "SIGCONT");
    this.#stopped = [];
  }

  /** SIGTERM: it hands over what it leads, and ends by itself. Answers its exit status. */
  async drain(): Promise<number> {
    const child = this.#child;
    if (child === null) return 0;
    this.#isEndAsked = true;
    child.kill("SIGTERM");
    return (await child.status).code;
  }

  /** Lets go of its log. Only once it has ended. */
  async close(): Promise<void> {
    this.#log.end();
    await once(this.#log, "close");
  }

  #signal(pids: readonly number[], signal: Deno.Signal): void {
    for (const pid of pids) {
      try {
        Deno.kill(pid, signal);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }

  #read(stream: ReadableStream<Uint8Array>): void {
    const input = Readable.fromWeb(stream as unknown as NodeReadableStream);
    createInterface({ input }).on("line", (line) => {
      this.#log.write(`${line}\n`);
      this.#tail.push(line);
      if (this.#tail.length > TAIL_LINES) this.#tail.shift();
      if (typeOf(line) === "fenced") this.counts.fenced++;
    });
  }

  #onEnd(child: Deno.ChildProcess): void {
    if (!this.#isEndAsked) this.counts.crashes++;
    if (this.#child === child) this.#child = null;
  }
}

/** `type` of a log line, which is JSON; `null` of any other text. */
function typeOf(line: string): unknown {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line).type;
  } catch {
    return null;
  }
}

function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}
