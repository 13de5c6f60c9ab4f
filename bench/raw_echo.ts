/**
 * What a cell can do by itself: attempts that give their input back, without journal and decider.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Attempt } from "../actors/mod.ts";
import { bundleAgent, type Cells, createCells } from "../runtime/cells/mod.ts";

const ECHO = fileURLToPath(new URL("agents/echo.ts", import.meta.url));
/** As in the workflow files. */
const CONCURRENCY = 256;

/** One warm cell with the echo agent. */
export class RawEcho {
  readonly #cells: Cells;
  readonly #key: string;
  readonly #sink: { take: (count: number) => void };

  private constructor(cells: Cells, key: string, sink: { take: (count: number) => void }) {
    this.#cells = cells;
    this.#key = key;
    this.#sink = sink;
  }

  static async open(dir: string): Promise<RawEcho> {
    const { code, hash } = await bundleAgent(ECHO, {
      root: fileURLToPath(new URL(".", import.meta.url)),
      cacheDir: `${dir}/bundles`,
    });
    const sink = { take: (_count: number) => {} };
    const cells = createCells({
      spares: 0,
      events: { onResults: (results) => sink.take(results.length), onReport: () => {} },
    });
    const nothing = {
      read: [],
      write: [],
      net: [],
      env: [],
      run: [],
      sys: [],
      ffi: [],
      import: [],
    };
    const key = cells.register({
      name: "echo",
      codeHash: hash,
      permissions: nothing,
      workDir: dir,
      concurrency: CONCURRENCY,
      replicas: { min: 0, max: 1 },
      memoryMb: 256,
    }, code);
    await cells.describe(key);
    return new RawEcho(cells, key, sink);
  }

  /** Milliseconds of each of `count` round trips, one after the other. */
  async roundTripMs(count: number): Promise<number[]> {
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const startMs = performance.now();
      await this.#exchange(1, 1);
      times.push(performance.now() - startMs);
    }
    return times;
  }

  /** Round trips a second with 256 in flight. */
  async pipelinedPerS(count: number): Promise<number> {
    const startMs = performance.now();
    await this.#exchange(count, CONCURRENCY);
    return count / (performance.now() - startMs) * 1000;
  }

  #exchange(count: number, inFlight: number): Promise<void> {
    const done = Promise.withResolvers<void>();
    let sent = Math.min(count, inFlight);
    let received = 0;
    this.#sink.take = (arrived) => {
      received += arrived;
      if (received === count) return done.resolve();
      const next = Math.min(arrived, count - sent);
      this.#cells.dispatch(this.#key, attempts(sent, next));
      sent += next;
    };
    this.#cells.dispatch(this.#key, attempts(0, sent));
    return done.promise;
  }

  close(): Promise<void> {
    return this.#cells.close();
  }
}

function attempts(from: number, count: number): Attempt[] {
  return Array.from({ length: count }, (_, i) => ({
    runId: "raw",
    taskId: "echo",
    index: from + i,
    attempt: 1,
    agent: "echo",
    input: { n: from + i },
    timeoutMs: 60_000,
    heartbeatMs: 5_000,
    term: 1,
  }));
}
