/** Runs that are thought possible at once; the least likely is dropped. */
const RUNS_MAX = 12;

/** The newest runs are kept however unlikely: they have had no chance to show themselves. */
const NEWEST_KEPT = 4;

/** Pseudo outcomes of each kind that a run starts with (Jeffreys). */
const PRIOR = 0.5;

/**
 * A rate of success that may change at once to another at any outcome: probabilities of where the
 * present run of outcomes began, and the successes and failures since (R. P. Adams and D. MacKay,
 * "Bayesian online changepoint detection", 2007, for Bernoulli outcomes; the basis of change-point
 * Thompson sampling, Mellor and Shapiro, 2013).
 */
export class ChangingRate {
  readonly #hazard: number;
  readonly #weights = new Float64Array(RUNS_MAX + 1);
  readonly #successes = new Float64Array(RUNS_MAX + 1);
  readonly #failures = new Float64Array(RUNS_MAX + 1);
  #runs = 1;

  /** Nothing seen yet; `hazard` is the chance of a change at each outcome. */
  constructor(hazard: number) {
    this.#hazard = hazard;
    this.#weights[0] = 1;
  }

  /** Takes the next outcome in; the chance that it had been given. */
  step(isSuccess: boolean): number {
    let chance = 0;
    for (let run = 0; run < this.#runs; run++) {
      const s = this.#successes[run]! + PRIOR;
      const f = this.#failures[run]! + PRIOR;
      this.#weights[run]! *= (isSuccess ? s : f) / (s + f);
      chance += this.#weights[run]!;
    }
    const keep = (1 - this.#hazard) / chance;
    const counts = isSuccess ? this.#successes : this.#failures;
    for (let run = 0; run < this.#runs; run++) {
      this.#weights[run]! *= keep;
      counts[run]! += 1;
    }
    this.#weights[this.#runs] = this.#hazard;
    this.#successes[this.#runs] = 0;
    this.#failures[this.#runs] = 0;
    this.#runs++;
    if (this.#runs > RUNS_MAX) this.#dropLeastLikely();
    return chance;
  }

  /** What is believed of the rate now. */
  belief(): RateBelief {
    let mean = 0, square = 0, within = 0, outcomes = 0;
    for (let run = 0; run < this.#runs; run++) {
      const weight = this.#weights[run]!;
      const count = this.#successes[run]! + this.#failures[run]!;
      const rate = (this.#successes[run]! + PRIOR) / (count + 2 * PRIOR);
      mean += weight * rate;
      square += weight * rate * rate;
      within += weight * rate * (1 - rate) / (count + 2 * PRIOR + 1);
      outcomes += weight * count;
    }
    return { mean, between: Math.max(0, square - mean * mean), within, outcomes };
  }

  #dropLeastLikely(): void {
    let least = 0;
    for (let run = 1; run < this.#runs - NEWEST_KEPT; run++) {
      if (this.#weights[run]! < this.#weights[least]!) least = run;
    }
    const scale = 1 / (1 - this.#weights[least]!);
    this.#runs--;
    for (let run = 0; run < this.#runs; run++) {
      const from = run < least ? run : run + 1;
      this.#weights[run] = this.#weights[from]! * scale;
      this.#successes[run] = this.#successes[from]!;
      this.#failures[run] = this.#failures[from]!;
    }
  }
}

/** A rate and how surely it is known. */
export interface RateBelief {
  mean: number;
  /** Variance between the runs that are thought possible. */
  between: number;
  /** Variance within a run, for want of outcomes. */
  within: number;
  /** Outcomes that it rests on. */
  outcomes: number;
}
