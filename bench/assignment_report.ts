/**
 * What the plays of a world come to: figures for each policy, and whether Denizen's regret is lower.
 *
 * @module
 */
import { type Estimate, estimate, estimateDifference } from "./assignment/confidence.ts";
import { count, POLICIES, type PolicyName, type Round } from "./assignment/play.ts";
import { alignColumns } from "./measurement.ts";
import { quantile } from "./statistics.ts";

/** One line of `--json`: means over the rounds. */
export interface PolicyRow {
  world: string;
  policy: PolicyName;
  tasks: number;
  /** Share of the tasks that succeeded. */
  success: number;
  /** Successes lost to the oracle. */
  regret: number;
  /** Waiting and attempt. */
  latencyMsMean: number;
  /** Of all tasks, in US dollars. */
  cost: number;
  infeasible: number;
  decisionP99Ms: number;
}

/** A world, as all policies played it. */
export interface WorldReport {
  world: string;
  rows: PolicyRow[];
  /** By policy, one for each round. */
  regrets: Readonly<Record<PolicyName, number[]>>;
  /** By policy: mean regret after so many hundredths of the tasks, from 0 to 100. */
  curves: Readonly<Record<PolicyName, number[]>>;
}

/** Whom Denizen is to beat, and where: in these worlds a miss is named. */
export const RIVALS = ["best-mean", "ucb1", "least-loaded"] as const;
/** Whom it is compared with beside, for people: the stronger form of the best mean. */
const OTHERS: readonly PolicyName[] = ["optimistic-mean"];
/** Policies of `--json`. */
export const REPORTED = POLICIES.filter((name) => !OTHERS.includes(name));
/** Built-in worlds in which it must. */
export const MAIN_WORLDS = ["stationary", "drifting", "bursty", "newcomers"];

/** Puts the rounds of one world together. */
export function summarise(world: string, rounds: readonly Round[]): WorldReport {
  const tasks = rounds[0]!.played.oracle.successes.length;
  const regrets = byPolicy((policy) => rounds.map(({ regret }) => regret[policy]));
  const rows = REPORTED.map((policy): PolicyRow => {
    const played = rounds.map((round) => round.played[policy]);
    const latencies = played.flatMap(({ latenciesMs }) =>
      latenciesMs.length === 0 ? [] : [meanOf(latenciesMs)]
    );
    const decisions = played.flatMap(({ decisionsMs }) => decisionsMs);
    return {
      world,
      policy,
      tasks,
      success: round(meanOf(played.map((each) => tasks === 0 ? 0 : count(each) / tasks))),
      regret: round(meanOf(regrets[policy])),
      latencyMsMean: round(meanOf(latencies)),
      cost: round(meanOf(played.map(({ costUsd }) => costUsd))),
      infeasible: round(meanOf(played.map(({ infeasible }) => infeasible))),
      decisionP99Ms: round(decisions.length === 0 ? 0 : quantile(decisions, 0.99)),
    };
  });
  return { world, rows, regrets, curves: byPolicy((policy) => curveOf(rounds, policy)) };
}

/** Mean regret of Denizen less than that of a rival, over the same worlds. */
export function advantage(report: WorldReport, rival: PolicyName): Estimate {
  return estimateDifference(report.regrets.denizen, report.regrets[rival]);
}

/** The table for people: regret by world and policy, then the goals. */
export function toTable(reports: readonly WorldReport[]): string {
  const head = ["world", "tasks", ...POLICIES.filter((name) => name !== "oracle"), "p99 ms"];
  const rows = reports.map(({ world, rows, regrets }) => [
    world,
    String(rows[0]!.tasks),
    ...POLICIES.filter((name) => name !== "oracle").map((name) => text(estimate(regrets[name]))),
    rows[0]!.decisionP99Ms.toFixed(3),
  ]);
  return alignColumns([head, ...rows]);
}

/** Lines on whom Denizen is below with 95 % confidence; `MISSED` where it must be and is not. */
export function toVerdicts(reports: readonly WorldReport[]): string {
  const gapTo = (rival: PolicyName) => `${rival} − denizen`;
  const head = ["world", ...RIVALS.map(gapTo), "goal", ...OTHERS.map(gapTo)];
  const rows = reports.map((report) => {
    const gaps = RIVALS.map((rival) => advantage(report, rival));
    const isBelow = gaps.every(({ mean, margin }) => mean - margin > 0);
    const goal = MAIN_WORLDS.includes(report.world) ? isBelow ? "met" : "MISSED" : "none";
    const others = OTHERS.map((other) => text(advantage(report, other)));
    return [report.world, ...gaps.map(text), goal, ...others];
  });
  return alignColumns([head, ...rows]);
}

function curveOf(rounds: readonly Round[], policy: PolicyName): number[] {
  const sums = new Array<number>(101).fill(0);
  for (const { played } of rounds) {
    const [own, best] = [played[policy].successes, played.oracle.successes];
    let lost = 0;
    let next = 0;
    for (let i = 0; i <= own.length; i++) {
      while (next <= 100 && i >= Math.round(next * own.length / 100)) sums[next++]! += lost;
      if (i < own.length) lost += best[i]! - own[i]!;
    }
  }
  return sums.map((sum) => sum / rounds.length);
}

function byPolicy<T>(of: (policy: PolicyName) => T): Record<PolicyName, T> {
  return Object.fromEntries(POLICIES.map((name) => [name, of(name)])) as Record<PolicyName, T>;
}

function text({ mean, margin }: Estimate): string {
  return Number.isFinite(margin) ? `${mean.toFixed(1)} ± ${margin.toFixed(1)}` : mean.toFixed(1);
}

function meanOf(samples: readonly number[]): number {
  return samples.length === 0 ? 0 : samples.reduce((sum, each) => sum + each, 0) / samples.length;
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}
