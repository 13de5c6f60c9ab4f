import type { SeededRandom } from "../../tests/seeded_random.ts";
import { best } from "./baselines.ts";
import type { Candidate, Choice, Ended, Policy } from "./policy.ts";
import type { Ask } from "./world.ts";

/** Length of a task's features: one constant, the rest hashed words. */
const DIMENSIONS = 33;
/** Weight of what is not known, as in most published comparisons. */
const ALPHA = 1;

/** A ridge regression that is kept by its inverse (Sherman and Morrison). */
interface Arm {
  /** Inverse of the identity plus all outer products, row by row. */
  inverse: Float64Array;
  rewards: Float64Array;
  /** Inverse times rewards. */
  weights: Float64Array;
}

/**
 * LinUCB with disjoint arms (L. Li et al., "A Contextual-Bandit Approach to Personalized News
 * Article Recommendation", WWW 2010, algorithm 1). An arm is an agent at a capability; features are
 * the words of the text, hashed and scaled to length one, beside a constant.
 */
export class LinUcbPolicy implements Policy {
  readonly #arms = new Map<string, Map<string, Arm>>();
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  choose({ capability, text }: Ask, candidates: readonly Candidate[]): Choice {
    const features = featuresOf(text);
    return best(
      candidates,
      ({ agent }) => scoreOf(this.#arm(capability, agent.name), features),
      this.#random,
    );
  }

  learn({ task, agent, isSuccess }: Ended): void {
    const arm = this.#arm(task.capability, agent);
    const features = featuresOf(task.text);
    const moved = multiply(arm.inverse, features);
    const scale = 1 + dot(features, moved);
    for (let i = 0; i < DIMENSIONS; i++) {
      for (let j = 0; j < DIMENSIONS; j++) {
        arm.inverse[i * DIMENSIONS + j]! -= moved[i]! * moved[j]! / scale;
      }
      if (isSuccess) arm.rewards[i]! += features[i]!;
    }
    arm.weights = multiply(arm.inverse, arm.rewards);
  }

  #arm(capability: string, agent: string): Arm {
    let byAgent = this.#arms.get(capability);
    if (byAgent === undefined) this.#arms.set(capability, byAgent = new Map());
    let arm = byAgent.get(agent);
    if (arm === undefined) byAgent.set(agent, arm = newArm());
    return arm;
  }
}

function newArm(): Arm {
  const inverse = new Float64Array(DIMENSIONS * DIMENSIONS);
  for (let i = 0; i < DIMENSIONS; i++) inverse[i * DIMENSIONS + i] = 1;
  return {
    inverse,
    rewards: new Float64Array(DIMENSIONS),
    weights: new Float64Array(DIMENSIONS),
  };
}

function scoreOf({ inverse, weights }: Arm, features: Float64Array): number {
  return dot(weights, features) + ALPHA * Math.sqrt(dot(features, multiply(inverse, features)));
}

function featuresOf(text: string): Float64Array {
  const features = new Float64Array(DIMENSIONS);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    features[1 + hashOf(word) % (DIMENSIONS - 1)]! += 1;
  }
  const length = Math.sqrt(dot(features, features)) || 1;
  const scaled = features.map((each) => each / length);
  scaled[0] = 1;
  return scaled;
}

/** FNV-1a (G. Fowler, L. C. Noll and K.-P. Vo). */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) {
    hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193) >>> 0;
  }
  return hash;
}

function multiply(matrix: Float64Array, vector: Float64Array): Float64Array {
  const product = new Float64Array(DIMENSIONS);
  for (let i = 0; i < DIMENSIONS; i++) {
    let sum = 0;
    for (let j = 0; j < DIMENSIONS; j++) sum += matrix[i * DIMENSIONS + j]! * vector[j]!;
    product[i] = sum;
  }
  return product;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
