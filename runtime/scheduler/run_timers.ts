import { Heap } from "../../core/heap.ts";
import type { Clock } from "../../core/ports.ts";
import { nextWakeAt } from "../../workflows/mod.ts";
import type { ActiveRun } from "./active_run.ts";

/** Timers of the platform take 31 bits. */
const DELAY_MS_MAX = 2 ** 31 - 1;

export interface RunTimersOptions {
  clock: Clock;
  find: (runId: string) => ActiveRun | undefined;
  /** The instant has come that the run waited for. */
  onDue: (run: ActiveRun, at: number) => void;
  /** Every run that was due has been told. */
  onFired: () => void;
}

/** The next instant of each run, with one timer of the platform for all of them. */
export class RunTimers {
  readonly #options: RunTimersOptions;
  /** By run id: a run that has closed must not be kept alive until its time limit. */
  readonly #heap = new Heap<{ at: number; runId: string }>((a, b) => a.at < b.at);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;
  #isStopped = false;

  constructor(options: RunTimersOptions) {
    this.#options = options;
  }

  /** Sees to it that the run is told when its next instant comes. */
  set(run: ActiveRun): void {
    const at = nextWakeAt(run.state);
    if (at === null || at >= run.wakeAt) return;
    run.wakeAt = at;
    this.#heap.push({ at, runId: run.state.runId });
    this.#arm();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    const next = this.#heap.peek();
    if (next === undefined || next.at >= this.#timerAt || this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#timerAt = next.at;
    const delayMs = Math.min(Math.max(0, next.at - this.#options.clock.now()), DELAY_MS_MAX);
    this.#timer = setTimeout(() => this.#fire(), delayMs);
  }

  #fire(): void {
    const { clock, find, onDue, onFired } = this.#options;
    this.#timerAt = Infinity;
    const at = clock.now();
    for (let next = this.#heap.peek(); next && next.at <= at; next = this.#heap.peek()) {
      this.#heap.pop();
      const run = find(next.runId);
      if (run?.wakeAt !== next.at) continue;
      run.wakeAt = Infinity;
      onDue(run, at);
      this.set(run);
    }
    this.#arm();
    onFired();
  }
}
