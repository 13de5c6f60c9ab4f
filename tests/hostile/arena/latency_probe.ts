/**
 * How well a system answers while it is attacked: asks to neighbours one after the other, and the
 * lateness of a timer on the node's own event loop.
 *
 * @module
 */
import type { Json } from "../../../core/json.ts";

/** Between two asks to the same neighbour. */
const PAUSE_MS = 4;
const ASK_TIMEOUT_MS = 2_000;

export interface ProbeResult {
  /** Of the worst series. */
  p99Ms: number;
  /** Which that is. */
  of: string;
  maxMs: number;
  /** What went wrong with asks, by code. */
  failures: Map<string, number>;
  /** By how much the node's own memory grew, at most. */
  grownBytes: number;
}

export class LatencyProbe {
  readonly #ask: (to: string, payload: Json) => Promise<Json>;
  /** One series for each neighbour, one for the event loop: none hides behind the others. */
  readonly #series: { of: string; samples: number[] }[] = [];
  readonly #failures = new Map<string, number>();
  readonly #loops: Promise<void>[];
  readonly #rssBefore = Deno.memoryUsage().rss;
  #rssMax = 0;
  #isOver = false;

  constructor(
    neighbours: readonly string[],
    ask: (to: string, type: string, payload: Json, o: { timeoutMs: number }) => Promise<Json>,
  ) {
    this.#ask = (to, payload) => ask(to, "echo", payload, { timeoutMs: ASK_TIMEOUT_MS });
    this.#loops = [...neighbours.map((to) => this.#probe(to)), this.#watchLoop()];
  }

  async stop(): Promise<ProbeResult> {
    this.#isOver = true;
    await Promise.all(this.#loops);
    const all = this.#series.map(({ of, samples }) => ({ of, p99Ms: p99(samples), samples }));
    const [worst] = all.toSorted((a, b) => b.p99Ms - a.p99Ms);
    return {
      p99Ms: worst!.p99Ms,
      of: worst!.of,
      maxMs: Math.max(...all.flatMap(({ samples }) => samples)),
      failures: this.#failures,
      grownBytes: Math.max(0, this.#rssMax - this.#rssBefore),
    };
  }

  #newSeries(of: string): number[] {
    const samples: number[] = [];
    this.#series.push({ of, samples });
    return samples;
  }

  async #probe(to: string): Promise<void> {
    const samples = this.#newSeries(to);
    for (let n = 0; !this.#isOver; n++) {
      const startedAt = performance.now();
      try {
        if (await this.#ask(to, n) !== n) this.#fail("WRONG_ANSWER");
      } catch (error) {
        this.#fail((error as { code?: string }).code ?? String(error));
      }
      samples.push(performance.now() - startedAt);
      await pause(PAUSE_MS);
    }
  }

  async #watchLoop(): Promise<void> {
    const samples = this.#newSeries("the event loop");
    while (!this.#isOver) {
      const startedAt = performance.now();
      await pause(PAUSE_MS);
      samples.push(Math.max(0, performance.now() - startedAt - PAUSE_MS));
      this.#rssMax = Math.max(this.#rssMax, Deno.memoryUsage().rss);
    }
  }

  #fail(code: string): void {
    this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
  }
}

/** By nearest rank. */
function p99(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.ceil(samples.length * 0.99) - 1] ?? 0;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
