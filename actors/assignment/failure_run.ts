import type { Outcome } from "./outcome.ts";

/** A run of failures less likely than this, by the agent's own rate, is no accident. */
const IMPLAUSIBLE = 0.002;

/** Fewer failures in a row never open a breaker. */
const RUN_MIN = 3;

/** Rates are taken as no higher than this: nobody is so good that one failure is a sign. */
const LEVEL_MAX = 0.9;

/** What the newest outcomes say about a breaker. */
export interface BreakerFacts {
  /** Failures since the last success. */
  run: number;
  /** Chance of success that was thought before the first of them. */
  level: number;
  /** When the run became implausible, in epoch milliseconds; `null`: it is not. */
  openedAt: number | null;
  /** Failures of attempts that began after that. */
  probes: number;
  lastFailedAt: number;
}

/** Follows the failures since the last success. */
export class FailureRun {
  #run = 0;
  #level = 0.5;
  #openedAt: number | null = null;
  #probes = 0;
  #lastFailedAt = 0;

  /** Takes the next outcome in; `before` is the chance of success that it had been given. */
  learn(outcome: Outcome, before: number): void {
    if (outcome.isSuccess) {
      this.#run = 0;
      this.#openedAt = null;
      this.#probes = 0;
      return;
    }
    if (this.#run === 0) this.#level = before;
    this.#run++;
    this.#lastFailedAt = outcome.finishedAt;
    if (this.#openedAt !== null) {
      if (outcome.startedAt >= this.#openedAt) this.#probes++;
    } else if (this.#isImplausible()) this.#openedAt = outcome.finishedAt;
  }

  /** What is known of the run. */
  facts(): BreakerFacts {
    return {
      run: this.#run,
      level: this.#level,
      openedAt: this.#openedAt,
      probes: this.#probes,
      lastFailedAt: this.#lastFailedAt,
    };
  }

  #isImplausible(): boolean {
    return this.#run >= RUN_MIN &&
      (1 - Math.min(LEVEL_MAX, this.#level)) ** this.#run < IMPLAUSIBLE;
  }
}
