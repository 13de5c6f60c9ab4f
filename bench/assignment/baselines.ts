/**
 * The policies to beat, as they are known. All choose when a task arrives, among the same
 * candidates as Denizen; where they learn, they do so for each agent and capability.
 *
 * @module
 */
import type { SeededRandom } from "../../tests/seeded_random.ts";
import type { Candidate, Choice, Ended, Policy } from "./policy.ts";
import type { Ask, World } from "./world.ts";

/** Anybody. */
export class RandomPolicy implements Policy {
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  choose(_task: Ask, candidates: readonly Candidate[]): Choice {
    return candidates.length === 0 ? NOBODY : chosen(this.#random.pick(candidates));
  }

  learn(): void {}
}

/** One after the other, for each capability. */
export class RoundRobinPolicy implements Policy {
  readonly #turns = new Map<string, number>();

  choose({ capability }: Ask, candidates: readonly Candidate[]): Choice {
    if (candidates.length === 0) return NOBODY;
    const turn = this.#turns.get(capability) ?? 0;
    this.#turns.set(capability, turn + 1);
    return chosen(candidates[turn % candidates.length]!);
  }

  learn(): void {}
}

/** Whoever has the fewest tasks, waiting ones too, for its places; any of those alike. */
export class LeastLoadedPolicy implements Policy {
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  choose(_task: Ask, candidates: readonly Candidate[]): Choice {
    return best(candidates, (each) => -loadOf(each), this.#random);
  }

  learn(): void {}
}

interface Tally {
  /** Choices, ended or not. */
  pulls: number;
  ended: number;
  successes: number;
}

/** What the policies that count keep for each agent and capability. */
abstract class CountingPolicy implements Policy {
  readonly #tallies = new Map<string, Map<string, Tally>>();
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** The highest gets the task. */
  abstract score(tally: Tally, pullsOfAll: number): number;

  choose({ capability }: Ask, candidates: readonly Candidate[]): Choice {
    if (candidates.length === 0) return NOBODY;
    const tallies = candidates.map(({ agent }) => this.#tally(capability, agent.name));
    const pullsOfAll = tallies.reduce((sum, { pulls }) => sum + pulls, 0);
    const scores = new Map(
      candidates.map((each, i) => [each, this.score(tallies[i]!, pullsOfAll)]),
    );
    const choice = best(candidates, (each) => scores.get(each)!, this.#random);
    if (choice.agent !== null) this.#tally(capability, choice.agent).pulls++;
    return choice;
  }

  learn({ task, agent, isSuccess }: Ended): void {
    const tally = this.#tally(task.capability, agent);
    tally.ended++;
    tally.successes += Number(isSuccess);
  }

  #tally(capability: string, agent: string): Tally {
    let byAgent = this.#tallies.get(capability);
    if (byAgent === undefined) this.#tallies.set(capability, byAgent = new Map());
    let tally = byAgent.get(agent);
    if (tally === undefined) byAgent.set(agent, tally = { pulls: 0, ended: 0, successes: 0 });
    return tally;
  }
}

/**
 * Greedy on sample averages: each agent once, in any order, then always the highest mean of what was
 * seen (R. S. Sutton and A. G. Barto, "Reinforcement Learning", 2018, section 2.2).
 */
export class BestMeanPolicy extends CountingPolicy {
  override score({ pulls, ended, successes }: Tally): number {
    if (pulls === 0) return Infinity;
    return ended === 0 ? 0 : successes / ended;
  }
}

/**
 * Greedy on means with one success credited to each agent at the start, which fades as outcomes come:
 * all are tried, and those that fail at first are tried again when the others turn out no better
 * (optimistic initial values: Sutton and Barto, 2018, section 2.6).
 */
export class OptimisticMeanPolicy extends CountingPolicy {
  override score({ ended, successes }: Tally): number {
    return (successes + 1) / (ended + 1);
  }
}

/**
 * UCB1 (P. Auer, N. Cesa-Bianchi and P. Fischer, "Finite-time Analysis of the Multiarmed Bandit
 * Problem", Machine Learning 47, 2002). Choices whose outcome is not known yet count in the bonus
 * (P. Joulani et al., "Online Learning under Delayed Feedback", ICML 2013).
 */
export class Ucb1Policy extends CountingPolicy {
  override score({ pulls, ended, successes }: Tally, pullsOfAll: number): number {
    if (pulls === 0) return Infinity;
    const mean = ended === 0 ? 0 : successes / ended;
    return mean + Math.sqrt(2 * Math.log(pullsOfAll) / pulls);
  }
}

/**
 * Knows what each agent will make of each task: takes one that succeeds, of those the one with the
 * fewest tasks for its places, then the quicker one. No policy has more successes.
 */
export class OraclePolicy implements Policy {
  readonly #outcomes: ReadonlyMap<string, World["tasks"][number]["outcomes"]>;

  constructor(world: World) {
    this.#outcomes = new Map(world.tasks.map((task) => [task.id, task.outcomes]));
  }

  choose({ id }: Ask, candidates: readonly Candidate[]): Choice {
    const outcomes = this.#outcomes.get(id)!;
    let first: Candidate | null = null;
    for (const each of candidates) {
      if (first === null || this.#isBetter(outcomes, each, first)) first = each;
    }
    return first === null ? NOBODY : chosen(first);
  }

  learn(): void {}

  #isBetter(outcomes: World["tasks"][number]["outcomes"], a: Candidate, b: Candidate): boolean {
    const [of, than] = [outcomes.get(a.agent.name)!, outcomes.get(b.agent.name)!];
    if (of.isSuccess !== than.isSuccess) return of.isSuccess;
    const waits = (each: Candidate) => Math.max(0, loadOf(each) - 1);
    return waits(a) - waits(b) < 0 || waits(a) === waits(b) && of.latencyMs < than.latencyMs;
  }
}

const NOBODY: Choice = { agent: null };

function chosen({ agent }: Candidate): Choice {
  return { agent: agent.name };
}

function loadOf({ agent, inFlight, queued }: Candidate): number {
  return (inFlight + queued + 1) / agent.concurrency;
}

/** The candidate with the highest score; any of those alike. */
export function best(
  candidates: readonly Candidate[],
  scoreOf: (candidate: Candidate) => number,
  random: SeededRandom,
): Choice {
  let top = -Infinity;
  let alike: Candidate[] = [];
  for (const each of candidates) {
    const score = scoreOf(each);
    if (score > top) [top, alike] = [score, []];
    if (score === top) alike.push(each);
  }
  return alike.length === 0 ? NOBODY : chosen(random.pick(alike));
}
