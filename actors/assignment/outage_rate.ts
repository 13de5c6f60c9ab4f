/** Share of attempts that succeed while an agent is out. */
export const OUTAGE_SUCCESS = 0.02;

/** Chance that an agent goes out at an outcome, once it has shown that it can succeed. */
const OUT = 1 / 200;

/** Chance that an agent that is out comes back, at each of its outcomes. */
const BACK = 1 / 15;

/** Successes after which an agent counts as one that can. */
const PROVEN = 5;

/**
 * A steady rate with outages: a hidden state `out`, in which nearly everything fails and nothing is
 * learnt about the rate (a two-state hidden Markov model; the rate takes each outcome by the chance
 * that the agent was not out). So failures of an outage are forgiven once it is over.
 */
export class OutageRate {
  /** Chance that the agent is out now. */
  out = 0;
  #successes = 0;
  #failures = 0;

  /** Takes the next outcome in; the chance that it had been given. */
  step(isSuccess: boolean): number {
    const goes = OUT * Math.min(1, this.#successes / PROVEN);
    const before = this.out * (1 - BACK) + (1 - this.out) * goes;
    const rate = this.rate();
    const up = (1 - before) * (isSuccess ? rate : 1 - rate);
    const down = before * (isSuccess ? OUTAGE_SUCCESS : 1 - OUTAGE_SUCCESS);
    this.out = down / (up + down);
    if (isSuccess) this.#successes += 1 - this.out;
    else this.#failures += 1 - this.out;
    return up + down;
  }

  /** Rate of success while it is not out. */
  rate(): number {
    return (this.#successes + 0.5) / (this.outcomes + 1);
  }

  /** Outcomes from while it was not out. */
  get outcomes(): number {
    return this.#successes + this.#failures;
  }
}
