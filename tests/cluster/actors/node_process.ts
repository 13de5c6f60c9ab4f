/**
 * A node as a process of its own, from the outside.
 *
 * @module
 */
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { Json } from "../../../core/json.ts";
import { killNode } from "../../process/process_tree.ts";

const MAIN = decodeURIComponent(new URL("node_main.ts", import.meta.url).pathname);
const CONFIG = decodeURIComponent(new URL("../../../deno.json", import.meta.url).pathname);

/** Answer of a node: a value, or the code of an error. `GONE`: it ended before it answered. */
export type Answer = { value: Json } | { code: string };

export class NodeProcess {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #up = Promise.withResolvers<void>();
  readonly #read: Promise<void>;
  #calls = 0;

  private constructor(folder: string, nodeId: string, file: string) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", `--config=${CONFIG}`, MAIN, folder, nodeId, file],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#read = this.#listen();
  }

  static async start(folder: string, nodeId: string, file: string): Promise<NodeProcess> {
    const node = new NodeProcess(folder, nodeId, file);
    await node.#up.promise;
    return node;
  }

  get pid(): number {
    return this.#child.pid;
  }

  async call(method: string, ...args: Json[]): Promise<Answer> {
    const id = ++this.#calls;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    const line = new TextEncoder().encode(`${JSON.stringify([id, method, ...args])}\n`);
    await this.#input.write(line).catch(() => this.#settle(id, { code: "GONE" }));
    return await promise;
  }

  /** The value, or an error with the code. */
  async ask(method: string, ...args: Json[]): Promise<Json> {
    const answer = await this.call(method, ...args);
    if ("value" in answer) return answer.value;
    throw new Error(`${method} failed with ${answer.code}`);
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    Deno.kill(this.pid, signal);
  }

  /** kill -9, its cells with it. */
  async kill(): Promise<void> {
    await killNode(this.#child);
    await this.#end();
  }

  /** Lets it end in order. */
  async close(): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#child.status;
    await this.#end();
  }

  async #end(): Promise<void> {
    await this.#input.abort().catch(() => {});
    await this.#read;
  }

  async #listen(): Promise<void> {
    const lines = createInterface(
      Readable.fromWeb(this.#child.stdout as unknown as NodeReadableStream),
    );
    for await (const line of lines) {
      const [id, value, code] = JSON.parse(line) as [number | "up", Json, string?];
      if (id === "up") this.#up.resolve();
      else this.#settle(id, code === undefined ? { value } : { code });
    }
    this.#up.reject(new Error("The node ended before it was up"));
    for (const id of [...this.#waiting.keys()]) this.#settle(id, { code: "GONE" });
  }

  #settle(id: number, answer: Answer): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }
}
