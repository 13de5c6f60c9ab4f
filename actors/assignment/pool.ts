import { CHANGING, type Lesson, TEXT_SHARES } from "./learner.ts";

/** Sums are kept in whole parts of this, so that they do not depend on the order of adding. */
const UNIT = 2 ** 20;

/** No agent says more than this for or against a way of changing, as a logarithm. */
const GAIN_MAX = 30;

/** Outcomes after which an agent counts half among the others. */
const HALF_WEIGHT = 4;

/** What is believed of an agent's rate before anything is known: how often agents succeed at all. */
const FIRST_GUESS = { mean: 0.6, agents: 1.5, outcomes: 2 };

/**
 * Bounds of how many outcomes the other agents stand for. Few at most: agents that failed at once get
 * no more tasks, so the others look worse and more alike than they are, and who is not known would not
 * be tried.
 */
const STRENGTH = { min: 1.5, max: 3 };

/** Steps of what estimates take from the others. */
const STEPS = { mean: 1 / 64, strength: 0.5, gain: 0.5 };

const PARTS = 7 + CHANGING.length + TEXT_SHARES.length;

/** One agent's share of the sums, in whole units. */
export type Contribution = Float64Array;

/**
 * What an agent's estimate takes from the others, in coarse steps: it stays the same object while the
 * steps do, so that estimates can be kept.
 */
export interface Prior {
  /** Expected rate of an agent of which nothing is known, and the outcomes that it stands for. */
  readonly mean: number;
  readonly strength: number;
  readonly gains: readonly number[];
}

/** What the agents of a capability have in common. */
export interface Common {
  prior: Prior;
  outcomes: number;
  textGains: number[];
  /** Mean logarithm of the time of an attempt; `null` when no agent has one. */
  logLatency: number | null;
}

/** Sums over the agents of a capability; exact, so that agents come and go in any order. */
export class Pool {
  readonly #sums = new Float64Array(PARTS);
  #prior: Prior | null = null;

  /** Adds a share, or takes it away again with `sign` -1. */
  add(share: Contribution, sign: 1 | -1): void {
    for (let part = 0; part < PARTS; part++) this.#sums[part]! += sign * share[part]!;
  }

  /** The same sums, to be changed apart. */
  copy(): Pool {
    const copy = new Pool();
    copy.#sums.set(this.#sums);
    copy.#prior = this.#prior;
    return copy;
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
    const spread = squares - 2 * mean * means + mean * mean * weight;
    return {
      prior: this.#priorOf({
        mean: inSteps(mean, STEPS.mean),
        strength: inSteps(strengthOf(mean, weight, spread, within), STEPS.strength),
        gains: sums.slice(7, 7 + CHANGING.length).map((gain) =>
          inSteps(Math.max(-2 * GAIN_MAX, Math.min(2 * GAIN_MAX, gain)), STEPS.gain)
        ),
      }),
      outcomes,
      textGains: sums.slice(7 + CHANGING.length),
      logLatency: agents === 0 ? null : latency / agents,
    };
  }

  #priorOf(now: Prior): Prior {
    const before = this.#prior;
    const isSame = before !== null && before.mean === now.mean &&
      before.strength === now.strength &&
      before.gains.every((gain, way) => gain === now.gains[way]);
    return isSame ? before : this.#prior = now;
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

function inSteps(value: number, step: number): number {
  return Math.round(value / step) * step;
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
