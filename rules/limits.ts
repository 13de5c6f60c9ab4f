/**
 * Bounds that keep an expression from holding up the node. CEL has no unbounded loops, but loops
 * nest: three over a list of 10,000 are 10¹² steps.
 *
 * @module
 */

/** Longest source text of one expression, in UTF-16 units. */
export const SOURCE_LENGTH_MAX = 8_192;

/** Deepest nesting of brackets in one expression. */
export const NESTING_MAX = 48;

/**
 * Steps of loops, list searches, list copies and pattern searches in one evaluation. One round of a
 * loop with a short body is one step, and takes 1 to 4 µs.
 */
export const STEPS_MAX = 100_000;

/** Longest text that a function may make, in UTF-16 units. */
export const TEXT_LENGTH_MAX = 4_194_304;

/** Thrown inside an evaluation that has used its steps up. */
export class StepsExceeded extends Error {
  constructor() {
    super(`more than ${STEPS_MAX.toLocaleString("en-US")} steps`);
  }
}

let stepsLeft = STEPS_MAX;

/** Takes `steps` from the budget of the evaluation that is going on. */
export function charge(steps: number): void {
  stepsLeft -= steps;
  if (stepsLeft < 0) throw new StepsExceeded();
}

/**
 * Runs `evaluate` with a fresh budget. CEL's `||`, `&&` and `exists` may swallow an error, so the
 * budget is looked at once more at the end. Evaluations may nest: a lazy binding may evaluate.
 */
export function withBudget<T>(evaluate: () => T): T {
  const outerStepsLeft = stepsLeft;
  stepsLeft = STEPS_MAX;
  try {
    const result = evaluate();
    if (stepsLeft < 0) throw new StepsExceeded();
    return result;
  } finally {
    stepsLeft = outerStepsLeft;
  }
}
