import { type BreakerFacts, FailureRun } from "./failure_run.ts";
import { ChangingRate, type RateBelief } from "./changing_rate.ts";
import { OutageRate } from "./outage_rate.ts";
import type { Outcome } from "./outcome.ts";
import { type PromiseRecord, Promises } from "./promises.ts";
import { TextModel } from "./text_model.ts";

/** Ways in which a rate of success may behave, beside being steady: how much better each foretold. */
export const CHANGING = ["seldom", "often", "outage"] as const;

/** How much of what the words say is added, beside nothing. */
export const TEXT_SHARES = [0.5, 1] as const;

/** Outcomes after which the words are learnt from: few teach nothing, and a model takes memory. */
const TEXT_FROM = 8;

/** Share of the newest outcome in latency and cost. */
const LATENCY_STEP = 0.1;

/** What an agent's outcomes at a capability say, taken in their order. */
export interface Lesson {
  outcomes: number;
  successes: number;
  /** Of the others: results that lost to another's. */
  outvoted: number;
  /** Beliefs if the rate changes seldom, and if often. */
  seldom: RateBelief;
  often: RateBelief;
  /** Belief if it is steady with outages. */
  outage: { out: number; rate: number; outcomes: number };
  /** Natural logarithm of how much likelier each of {@linkcode CHANGING} made what came. */
  gains: readonly number[];
  /** The same for each of {@linkcode TEXT_SHARES}, against no words. */
  textGains: readonly number[];
  text: TextModel | null;
  logLatency: number;
  latencyMs: number;
  costUsd: number;
  lastAt: number;
  breaker: BreakerFacts;
  promises: PromiseRecord;
}

/** Takes outcomes in, one after another, in their order. */
export class Learner {
  #outcomes = 0;
  #successes = 0;
  #outvoted = 0;
  readonly #seldom = new ChangingRate(1 / 400);
  readonly #often = new ChangingRate(1 / 40);
  readonly #outage = new OutageRate();
  readonly #gains = [0, 0, 0];
  readonly #textGains = [0, 0];
  #text: TextModel | null = null;
  #logLatency = 0;
  #costUsd = 0;
  #lastAt = 0;
  readonly #run = new FailureRun();
  readonly #promises = new Promises();

  /** Takes the next outcome in. */
  learn(outcome: Outcome): void {
    const steady = (this.#successes + 0.5) / (this.#outcomes + 1);
    const before = this.#learnRate(outcome.isSuccess, steady);
    this.#run.learn(outcome, before, steady);
    this.#learnText(outcome, before);
    this.#promises.learn(outcome);
    if (outcome.isOutvoted) this.#outvoted++;
    const step = Math.max(LATENCY_STEP, 1 / this.#outcomes);
    this.#logLatency += step * (outcome.logLatency - this.#logLatency);
    this.#costUsd += step * (outcome.costUsd - this.#costUsd);
    this.#lastAt = outcome.finishedAt;
  }

  /** What was learnt so far. */
  lesson(): Lesson {
    const { out, outcomes } = this.#outage;
    return {
      outcomes: this.#outcomes,
      successes: this.#successes,
      outvoted: this.#outvoted,
      seldom: this.#seldom.belief(),
      often: this.#often.belief(),
      outage: { out, rate: this.#outage.rate(), outcomes },
      gains: [...this.#gains],
      textGains: [...this.#textGains],
      text: this.#text,
      logLatency: this.#logLatency,
      latencyMs: Math.exp(this.#logLatency),
      costUsd: this.#costUsd,
      lastAt: this.#lastAt,
      breaker: this.#run.facts(),
      promises: this.#promises.record(),
    };
  }

  /** The chance of success that was foretold, the ways weighted by how well they did so far. */
  #learnRate(isSuccess: boolean, steady: number): number {
    const steadyChance = isSuccess ? steady : 1 - steady;
    let sum = 1, chance = steadyChance;
    const chances = [
      this.#seldom.step(isSuccess),
      this.#often.step(isSuccess),
      this.#outage.step(isSuccess),
    ];
    for (let way = 0; way < chances.length; way++) {
      const weight = Math.exp(Math.min(50, this.#gains[way]!));
      sum += weight;
      chance += weight * chances[way]!;
      this.#gains[way]! += Math.log(chances[way]! / steadyChance);
    }
    this.#outcomes++;
    if (isSuccess) this.#successes++;
    return isSuccess ? chance / sum : 1 - chance / sum;
  }

  #learnText({ words, isSuccess }: Outcome, before: number): void {
    if (words.length === 0 || this.#outcomes < TEXT_FROM) return;
    const text = this.#text ??= new TextModel();
    const odds = Math.log(before / (1 - before));
    const offset = text.offset(words);
    if (offset !== 0) {
      const plain = isSuccess ? before : 1 - before;
      for (let at = 0; at < TEXT_SHARES.length; at++) {
        const chance = 1 / (1 + Math.exp(-(odds + TEXT_SHARES[at]! * offset)));
        this.#textGains[at]! += Math.log((isSuccess ? chance : 1 - chance) / plain);
      }
    }
    text.learn(words, odds, isSuccess);
  }
}
