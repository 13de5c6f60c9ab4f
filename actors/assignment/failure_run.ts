import type { Outcome } from "./outcome.ts";

/** A run of failures less likely than this, by the agent's own rate, is no accident. */
const IMPLAUSIBLE = 0.002;

/** Fewer failures in a row never open a breaker. */
const RUN_MIN = 3;

/**
 * Rates are taken as no higher than this: nobody is so good that one failure is a sign; and as no lower:
 * who fails some thirty times on end is out, whatever was known of it.
 */
const LEVEL = { min: 0.15, max: 0.9 };

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
  /** How likely the run was. */
  #chance = 1;
  #openedAt: number | null = null;
  #probes = 0;
  #lastFailedAt = 0;

  /**
   * Takes the next outcome in. `before` is the chance of success that it had been given, `steady` that
   * of an agent that never changes: of one that is hardly known it falls with each failure, so that
   * hard work alone takes nobody out.
   */
  learn(outcome: Outcome, before: number, steady: number): void {
    if (outcome.isSuccess) {
      this.#run = 0;
      this.#openedAt = null;
      this.#probes = 0;
      return;
    }
    if (this.#run === 0) [this.#level, this.#chance] = [before, 1];
    this.#run++;
    this.#chance *= 1 - Math.max(LEVEL.min, Math.min(LEVEL.max, this.#level, steady));
    this.#lastFailedAt = outcome.finishedAt;
    if (this.#openedAt !== null) {
      if (outcome.startedAt >= this.#openedAt) this.#probes++;
    } else if (this.#run >= RUN_MIN && this.#chance < IMPLAUSIBLE) {
      this.#openedAt = outcome.finishedAt;
    }
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
}
