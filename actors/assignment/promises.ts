import type { Outcome } from "./outcome.ts";

/** Share of the newest promise in what is thought of them. */
const STEP = 0.05;

/** How many promises kept exactly count as much as knowing nothing. */
const PRIOR_PROMISES = 3;

/** Promising this much more than is delivered leaves a third of the standing. */
const TOLERANCE = 0.12;

/** What an agent's bids were worth. */
export interface PromiseRecord {
  /** Bids that promised a share of success; the price of one that does not bid promises nothing. */
  bids: number;
  /** Success promised less success delivered, on the mean of bids that promised. */
  excess: number;
  /** 0 to 1: how much of a promise is believed. */
  standing: number;
  /** Natural logarithm of time delivered by time promised. */
  logLate: number;
}

/** Compares what an agent promised with what it then delivered. */
export class Promises {
  #promised = 0;
  #excess = 0;
  #timed = 0;
  #logLate = 0;

  /** Takes the next outcome in. */
  learn(outcome: Outcome): void {
    if (outcome.bid === null) return;
    const { success, latencyMs } = outcome.bid;
    if (success !== null) {
      this.#promised++;
      const excess = success - (outcome.isSuccess ? 1 : 0);
      this.#excess += Math.max(STEP, 1 / this.#promised) * (excess - this.#excess);
    }
    if (latencyMs !== null && outcome.isSuccess) {
      this.#timed++;
      const late = outcome.logLatency - Math.log(Math.max(1, latencyMs));
      this.#logLate += Math.max(STEP, 1 / this.#timed) * (late - this.#logLate);
    }
  }

  /** What they were worth. */
  record(): PromiseRecord {
    const weight = this.#promised / (this.#promised + PRIOR_PROMISES);
    const boast = Math.max(0, this.#excess) * weight;
    return {
      bids: this.#promised,
      excess: this.#excess * weight,
      standing: (0.25 + 0.75 * weight) * Math.exp(-((boast / TOLERANCE) ** 2)),
      logLate: this.#logLate * this.#timed / (this.#timed + 1),
    };
  }
}
