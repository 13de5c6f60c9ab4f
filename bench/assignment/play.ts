import type { Preference } from "../../actors/assignment/mod.ts";
import { SeededRandom } from "../../tests/seeded_random.ts";
import {
  BestMeanPolicy,
  LeastLoadedPolicy,
  OptimisticMeanPolicy,
  OraclePolicy,
  RandomPolicy,
  RoundRobinPolicy,
  Ucb1Policy,
} from "./baselines.ts";
import { DenizenPolicy } from "./denizen_policy.ts";
import { LinUcbPolicy } from "./linucb.ts";
import type { Policy } from "./policy.ts";
import { type Played, simulate } from "./simulate.ts";
import type { World } from "./world.ts";

/** Everybody that plays, in the order of the report. */
export const POLICIES = [
  "denizen",
  "random",
  "round-robin",
  "least-loaded",
  "best-mean",
  "optimistic-mean",
  "ucb1",
  "linucb",
  "oracle",
] as const;

/** Name of a policy. */
export type PolicyName = typeof POLICIES[number];

/** A world played by every policy, once. */
export interface Round {
  played: Readonly<Record<PolicyName, Played>>;
  /** Successes lost to the oracle. */
  regret: Readonly<Record<PolicyName, number>>;
}

/** Plays a world by all policies; `seed` is that of their draws. */
export function playRound(
  world: World,
  o: { seed: number; prefer: Preference; stopwatch: () => number },
): Round {
  const played = record((name) => simulate(world, makePolicy(name, world, o), o.stopwatch));
  const best = count(played.oracle);
  return { played, regret: record((name) => best - count(played[name])) };
}

/** A policy that knows nothing yet; only the oracle sees outcomes. */
export function makePolicy(
  name: PolicyName,
  world: World,
  { seed, prefer }: { seed: number; prefer: Preference },
): Policy {
  const random = new SeededRandom(Math.imul(seed + 1, 0x9e3779b1));
  if (name === "denizen") return new DenizenPolicy({ tree: world.tree, seed, prefer });
  if (name === "random") return new RandomPolicy(random);
  if (name === "round-robin") return new RoundRobinPolicy();
  if (name === "least-loaded") return new LeastLoadedPolicy(random);
  if (name === "best-mean") return new BestMeanPolicy(random);
  if (name === "optimistic-mean") return new OptimisticMeanPolicy(random);
  if (name === "ucb1") return new Ucb1Policy(random);
  if (name === "linucb") return new LinUcbPolicy(random);
  return new OraclePolicy(world);
}

/** Tasks that succeeded. */
export function count({ successes }: Played): number {
  return successes.reduce((sum, each) => sum + each, 0);
}

function record<T>(of: (name: PolicyName) => T): Record<PolicyName, T> {
  return Object.fromEntries(POLICIES.map((name) => [name, of(name)])) as Record<PolicyName, T>;
}
