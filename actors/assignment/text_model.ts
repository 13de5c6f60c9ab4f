/** Weights of a model; words share them by their hash. Power of two. */
const BUCKETS = 1024;

/** How far an offset may move a chance of success, in log odds. */
const OFFSET_MAX = 4;

/** Precision of a weight of which nothing is known: log odds of one task spread by about one. */
const PRIOR_PRECISION = 1;

/**
 * How the words of a task move an agent's chance of success: a logistic model of what its plain rate
 * does not explain, with hashed words (Weinberger et al., "Feature hashing for large scale multitask
 * learning", 2009) and a weight of its own precision for each, learnt online (Chapelle and Li, "An
 * empirical evaluation of Thompson sampling", 2011, algorithm 3, one step of Newton per outcome; of
 * the kind of Graepel et al., adPredictor, 2010).
 */
export class TextModel {
  #weights = new Float32Array(BUCKETS);
  #precisions = new Float32Array(BUCKETS).fill(PRIOR_PRECISION);

  /** What the words add to the log odds of success. */
  offset(words: Uint32Array): number {
    if (words.length === 0) return 0;
    let sum = 0;
    for (let at = 0; at < words.length; at++) sum += this.#weights[words[at]! & (BUCKETS - 1)]!;
    const offset = sum / Math.sqrt(words.length);
    return Math.max(-OFFSET_MAX, Math.min(OFFSET_MAX, offset));
  }

  /** Learns from an outcome whose chance had been thought `odds` in log odds, words left aside. */
  learn(words: Uint32Array, odds: number, isSuccess: boolean): void {
    if (words.length === 0) return;
    const value = 1 / Math.sqrt(words.length);
    const chance = 1 / (1 + Math.exp(-(odds + this.offset(words))));
    const slope = ((isSuccess ? 1 : 0) - chance) * value;
    const bend = chance * (1 - chance) * value * value;
    for (let at = 0; at < words.length; at++) {
      const bucket = words[at]! & (BUCKETS - 1);
      const precision = this.#precisions[bucket]! + bend;
      this.#precisions[bucket] = precision;
      this.#weights[bucket] = this.#weights[bucket]! + slope / precision;
    }
  }
}
