import { CHANGING, type Lesson, TEXT_SHARES } from "./learner.ts";

/** Sums are kept in whole parts of this, so that they do not depend on the order of adding. */
const UNIT = 2 ** 20;

/** No agent says more than this for or against a way of changing, as a logarithm. */
const GAIN_MAX = 30;

/** Outcomes after which an agent counts half among the others. */
const HALF_WEIGHT = 4;

/** What is believed of an agent's rate before anything is known: how often agents succeed at all. */
const FIRST_GUESS = { mean: 0.6, agents: 1.5, outcomes: 2 };

/** Bounds of how many outcomes the other agents stand for. */
const STRENGTH = { min: 1.5, max: 12 };

const PARTS = 7 + CHANGING.length + TEXT_SHARES.length;

/** One agent's share of the sums, in whole units. */
export type Contribution = Float64Array;

/** What the agents of a capability have in common. */
export interface Common {
  /** Expected rate of an agent of which nothing is known, and the outcomes that it stands for. */
  mean: number;
  strength: number;
  outcomes: number;
  gains: number[];
  textGains: number[];
  /** Mean logarithm of the time of an attempt; `null` when no agent has one. */
  logLatency: number | null;
}

/** Sums over the agents of a capability; exact, so that agents come and go in any order. */
export class Pool {
  readonly #sums = new Float64Array(PARTS);

  /** Adds a share, or takes it away again with `sign` -1. */
  add(share: Contribution, sign: 1 | -1): void {
    for (let part = 0; part < PARTS; part++) this.#sums[part]! += sign * share[part]!;
  }

  /** What the agents have in common. */
  common(): Common {
    const sums = Array.from(this.#sums, (sum) => sum / UNIT);
    const [outcomes, agents, weight, means, squares, within, latency] = sums as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const all = weight + FIRST_GUESS.agents;
    const mean = (means + FIRST_GUESS.agents * FIRST_GUESS.mean) / all;
    return {
      mean,
      strength: strengthOf(mean, weight, squares - 2 * mean * means + mean * mean * weight, within),
      outcomes,
      gains: sums.slice(7, 7 + CHANGING.length),
      textGains: sums.slice(7 + CHANGING.length),
      logLatency: agents === 0 ? null : latency / agents,
    };
  }
}

/**
 * How many outcomes the other agents stand for, by how much they differ from each other beyond what
 * chance explains: the method of moments of empirical Bayes (Efron and Morris, 1975). A guess of one
 * and a half agents that differ as a flat prior has it goes first.
 */
function strengthOf(mean: number, weight: number, spread: number, within: number): number {
  const bend = mean * (1 - mean);
  const guess = FIRST_GUESS.agents * bend / (FIRST_GUESS.outcomes + 1);
  const between = (Math.max(0, spread - within) + guess) / (weight + FIRST_GUESS.agents);
  return Math.max(STRENGTH.min, Math.min(STRENGTH.max, bend / Math.max(between, 1e-6) - 1));
}

/** An agent's share of the sums. */
export function shareOf(lesson: Lesson): Contribution {
  const weight = lesson.outcomes / (lesson.outcomes + HALF_WEIGHT);
  const rate = (lesson.successes + 0.5) / (lesson.outcomes + 1);
  const share = new Float64Array(PARTS);
  share.set([
    lesson.outcomes,
    1,
    weight,
    weight * rate,
    weight * rate * rate,
    weight * rate * (1 - rate) / (lesson.outcomes + 2),
    lesson.logLatency,
    ...lesson.gains.map((gain) => Math.max(-GAIN_MAX, Math.min(GAIN_MAX, gain))),
    ...lesson.textGains.map((gain) => Math.max(-GAIN_MAX, Math.min(GAIN_MAX, gain))),
  ]);
  for (let part = 0; part < PARTS; part++) share[part] = Math.round(share[part]! * UNIT);
  return share;
}
