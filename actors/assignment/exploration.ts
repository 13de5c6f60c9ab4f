/**
 * What trying an agent is worth beyond its expected success, since what is learnt serves the tasks to
 * come: the approximate Gittins index of F. Brezzi and T. L. Lai, "Optimal learning and
 * experimentation in bandit problems", 2002, for tasks that are discounted over `horizon`.
 *
 * Against Thompson's draw it has no luck in it: of many agents of which nothing is known none is
 * overrated just because they are many, and an agent known well enough to be worse is left alone.
 *
 * @param mean expected success, 0 to 1
 * @param variance of what is believed of it
 * @param horizon tasks that what is learnt will serve
 */
export function explorationBonus(mean: number, variance: number, horizon: number): number {
  const noise = mean * (1 - mean);
  if (noise <= 0 || variance <= 0) return 0;
  return Math.sqrt(variance) * boundary(variance / noise * horizon);
}

/** Their function psi: how far above the mean stopping would begin, in standard deviations. */
function boundary(time: number): number {
  if (time <= 0.2) return Math.sqrt(time / 2);
  if (time <= 1) return 0.49 - 0.11 / Math.sqrt(time);
  if (time <= 5) return 0.63 - 0.26 / Math.sqrt(time);
  if (time <= 15) return 0.77 - 0.58 / Math.sqrt(time);
  const log = Math.log(time);
  return Math.sqrt(2 * log - Math.log(log) - Math.log(16 * Math.PI));
}
