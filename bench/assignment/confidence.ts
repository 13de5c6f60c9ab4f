/** A mean and half the width of its 95 % confidence interval. */
export interface Estimate {
  mean: number;
  margin: number;
}

/** Two-sided 95 % quantiles of Student's t, by degrees of freedom from 1 on. */
const T_95 = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228],
  ...[2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086],
  ...[2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042],
];

/** Mean of the samples with Student's interval; of one sample it is without end. */
export function estimate(samples: readonly number[]): Estimate {
  const mean = samples.reduce((sum, each) => sum + each, 0) / samples.length;
  if (samples.length < 2) return { mean, margin: Infinity };
  const squares = samples.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (samples.length - 1));
  const t = T_95[samples.length - 2] ?? 1.96;
  return { mean, margin: t * deviation / Math.sqrt(samples.length) };
}

/** How much larger `others` are than `own`, pair by pair. */
export function estimateDifference(own: readonly number[], others: readonly number[]): Estimate {
  return estimate(own.map((each, i) => others[i]! - each));
}
