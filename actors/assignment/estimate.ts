import { CHANGING, type Lesson, TEXT_SHARES } from "./learner.ts";
import { OUTAGE_SUCCESS } from "./outage_rate.ts";
import type { Common, Prior } from "./pool.ts";

/** How likely each of the ways is thought at first, as odds against a steady rate. */
const WAY_ODDS = [0.4, 0.15, 0.4].map(Math.log);

/** Chances of a change, per outcome of the agent. */
const HAZARD = [1 / 400, 1 / 40];

/**
 * The same per outcome of the capability, for an agent left aside: far less, for looking again at each of
 * many costs a task, and it lies idle because others are better. None at all would leave for ever who
 * failed at first.
 */
const IDLE_HAZARD = HAZARD.map((hazard) => hazard / 16);

/** Chance that an outage ends, per outcome of the capability. */
const RETURN = 1 / 150;

/** The other agents speak for or against a way no louder than this, as a logarithm. */
const COMMON_GAIN_MAX = 3;

/** Odds that words say something, before anything is known. */
const TEXT_ODDS = Math.log(0.1);

/** A rate that changed is thought to have come from the agent's own past by this many outcomes. */
const OWN_PAST_MAX = 4;

/** What is known of an agent at capabilities akin, as outcomes. */
export interface KinEvidence {
  rate: number;
  outcomes: number;
}

/** What is expected of an agent at a task. */
export interface Estimate {
  mean: number;
  variance: number;
  /** Outcomes that it rests on. */
  outcomes: number;
}

/** The weights of nothing, half and all of what the words say. */
export function textShare(common: Common): number {
  let sum = 1, share = 0;
  for (let at = 0; at < TEXT_SHARES.length; at++) {
    const weight = Math.exp(Math.min(50, TEXT_ODDS + common.textGains[at]!));
    sum += weight;
    share += weight * TEXT_SHARES[at]!;
  }
  return share / sum;
}

/** How often the rate of an agent of the capability changes, per outcome, by what all have shown. */
export function changeRate({ gains }: Prior): number {
  let sum = 1, rate = 1 / 2_000;
  for (let way = 0; way < CHANGING.length; way++) {
    const weight = Math.exp(Math.min(50, WAY_ODDS[way]! + gains[way]!));
    sum += weight;
    if (way < HAZARD.length) rate += weight * HAZARD[way]!;
  }
  return rate / sum;
}

/**
 * Chance that an agent changed or was out, by its own outcomes alone: that others of the capability
 * did says nothing of this one. Who only succeeded, or only failed, has shown no change.
 */
export function driftOf({ outcomes, successes, gains }: Lesson): number {
  if (successes === 0 || successes === outcomes) return 0;
  const odds = gains.reduce(
    (sum, gain, way) => sum + Math.exp(Math.min(50, WAY_ODDS[way]! + gain)),
    0,
  );
  return odds / (1 + odds);
}

/**
 * What is expected of an agent: the ways in which its rate may behave, weighted by how well each
 * foretold its own outcomes and (bounded) those of the others, and each shrunk towards what the
 * agents have in common.
 *
 * @param elapsed outcomes of the capability since the agent's last
 */
export function estimate(
  lesson: Lesson | null,
  common: Prior,
  kin: KinEvidence | null,
  elapsed: number,
): Estimate {
  const strength = common.strength + (kin?.outcomes ?? 0);
  const prior = kin === null
    ? common.mean
    : (common.mean * common.strength + kin.rate * kin.outcomes) / strength;
  const priorVariance = prior * (1 - prior) / (strength + 1);
  if (lesson === null) {
    return { mean: prior, variance: priorVariance, outcomes: kin?.outcomes ?? 0 };
  }
  const count = lesson.outcomes;
  const steady = (lesson.successes + strength * prior) / (count + strength);
  const mix = new Mixture();
  mix.add(1, steady, steady * (1 - steady) / (count + strength + 1), count);
  const past = Math.min(count, OWN_PAST_MAX);
  const fresh = (prior * strength + steady * past) / (strength + past);
  const freshVariance = fresh * (1 - fresh) / (strength + past + 1);
  for (let way = 0; way < CHANGING.length; way++) {
    const own = lesson.gains[way]!;
    const others = common.gains[way]! - own;
    const odds = WAY_ODDS[way]! + own +
      Math.max(-COMMON_GAIN_MAX, Math.min(COMMON_GAIN_MAX, others));
    if (odds < -9) continue;
    const weight = Math.exp(Math.min(50, odds));
    if (way === 2) addOutage(mix, weight, lesson.outage, prior, strength, elapsed);
    else {
      const { mean, between, within, outcomes } = way === 0 ? lesson.seldom : lesson.often;
      const successes = Math.max(0, mean * (outcomes + 1) - 0.5);
      const rate = Math.min(1, (successes + strength * prior) / (outcomes + strength));
      const scale = (outcomes + 2) / (outcomes + strength + 1);
      const changed = elapsed === 0 ? 0 : 1 - (1 - IDLE_HAZARD[way]!) ** elapsed;
      mix.add(weight * (1 - changed), rate, between + within * scale, outcomes);
      if (changed > 0) mix.add(weight * changed, fresh, freshVariance, past);
    }
  }
  return mix.result(kin?.outcomes ?? 0);
}

function addOutage(
  mix: Mixture,
  weight: number,
  outage: Lesson["outage"],
  prior: number,
  strength: number,
  elapsed: number,
): void {
  const out = outage.out * (1 - RETURN) ** elapsed;
  const count = outage.outcomes;
  const rate = (outage.rate * (count + 1) - 0.5 + strength * prior) / (count + strength);
  const up = Math.max(0, Math.min(1, rate));
  mix.add(weight * (1 - out), up, up * (1 - up) / (count + strength + 1), count);
  if (out > 0) mix.add(weight * out, OUTAGE_SUCCESS, 1e-4, count);
}

/** Moments of a mixture. */
class Mixture {
  #weight = 0;
  #mean = 0;
  #square = 0;
  #variance = 0;
  #outcomes = 0;

  add(weight: number, mean: number, variance: number, outcomes: number): void {
    this.#weight += weight;
    this.#mean += weight * mean;
    this.#square += weight * mean * mean;
    this.#variance += weight * variance;
    this.#outcomes += weight * outcomes;
  }

  result(kinOutcomes: number): Estimate {
    const mean = this.#mean / this.#weight;
    return {
      mean,
      variance: (this.#variance + this.#square) / this.#weight - mean * mean,
      outcomes: this.#outcomes / this.#weight + kinOutcomes,
    };
  }
}
