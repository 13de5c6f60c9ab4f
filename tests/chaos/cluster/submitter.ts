/**
 * Keeps a cluster busy: submits runs at a steady pace, and again under the same id until the
 * cluster has said that it will do them.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";

/** Submits one run; resolves when it is acknowledged. The same id must mean the same run. */
export type Submit = (seed: number, id: string) => Promise<{ runId: string }>;

const AGAIN_MS = 500;
/** A store under a fault is not flooded by those that wait for it. */
const PENDING_MAX = 400;

/** Submits runs until it is told to stop. */
export class Submitter {
  /** Run ids by the id that they were submitted with. */
  readonly acknowledged = new Map<string, string>();
  /** Tries that failed, by message. */
  readonly failures = new Map<string, number>();
  /** How long each acknowledged run waited for its acknowledgement. */
  readonly waitsMs: number[] = [];
  readonly #submit: Submit;
  readonly #perSecond: number;
  readonly #pending = new Set<Promise<void>>();
  #count = 0;
  #isOver = false;
  #hasGivenUp = false;
  #pacing: Promise<void> | null = null;

  constructor(submit: Submit, perSecond: number) {
    this.#submit = submit;
    this.#perSecond = perSecond;
  }

  /** Tries, with those that failed. */
  get tries(): number {
    return this.acknowledged.size + this.failed;
  }

  get failed(): number {
    return this.failures.values().reduce((sum, count) => sum + count, 0);
  }

  start(): void {
    this.#pacing = this.#pace();
  }

  /** Submits no more, and waits at most so long for what is under way. */
  async stop(patienceMs: number): Promise<void> {
    this.#isOver = true;
    await this.#pacing;
    const late = sleep(patienceMs).then(() => this.#hasGivenUp = true);
    await Promise.race([late, Promise.all(this.#pending)]);
  }

  /** Submissions that got no answer, neither good nor bad. */
  get unanswered(): number {
    return this.#pending.size;
  }

  async #pace(): Promise<void> {
    const startedAt = performance.now();
    while (!this.#isOver) {
      const due = (performance.now() - startedAt) / 1_000 * this.#perSecond;
      while (this.#count < due && this.#pending.size < PENDING_MAX) this.#begin(++this.#count);
      await sleep(10);
    }
  }

  #begin(seed: number): void {
    const work = this.#untilAcknowledged(seed).finally(() => this.#pending.delete(work));
    this.#pending.add(work);
  }

  async #untilAcknowledged(seed: number): Promise<void> {
    const startedAt = performance.now();
    const id = `chaos-${seed}`;
    while (!this.#hasGivenUp) {
      try {
        const { runId } = await this.#submit(seed, id);
        this.acknowledged.set(id, runId);
        this.waitsMs.push(performance.now() - startedAt);
        return;
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        this.failures.set(text, (this.failures.get(text) ?? 0) + 1);
        await sleep(AGAIN_MS);
      }
    }
  }
}
