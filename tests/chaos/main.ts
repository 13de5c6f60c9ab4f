/**
 * `deno task chaos [OPTIONS]`: puts a cluster of processes through faults, and holds what it did
 * against what it promises. Exit status 0 when every promise was kept.
 *
 * | option | is | default |
 * | --- | --- | --- |
 * | `--store` | `kv`, `postgres`, `denokv`, several with commas, `all` | `kv` |
 * | `--fault` | names of `faults/mod.ts`, several with commas, `all` | `all` |
 * | `--seconds` | how long each fault strikes | 60 |
 * | `--runs` | runs submitted meanwhile | 500 a minute for each node |
 * | `--nodes`, `--seed`, `--election-timeout` | nodes; of the faults' order; ms | 3, 1, 1000 |
 * | `--unsafe` | no fences, up to four trials: ends with 0 when promises break | |
 * | `--failover` | measures `--kills` kills of leaders, and one with `--crowd` runs in flight | 50, 1000 |
 * | `--rolling` | restarts each node in order, `--rounds` times | 2 |
 * | `--strict` | what this machine cannot do counts as broken | |
 * | `--json` | prints JSON alone to standard output | |
 *
 * @module
 */
import { installFaketime } from "./faults/mod.ts";
import { measureCrowd, measureFailover } from "./failover.ts";
import { readOrExit } from "../read_or_exit.ts";
import { type ChaosOptions, readOptions } from "./read_options.ts";
import { restartInTurn } from "./rolling_restart.ts";
import { whyNoStore } from "./stores/mod.ts";
import { formatTable, formatViolations } from "./table.ts";
import { runTrial, type Verdict } from "./trial.ts";

/** What all modes come to. */
interface Outcome {
  /** For `--json`. */
  reports: unknown[];
  /** What this machine cannot do. */
  skipped: string[];
  isGood: boolean;
}

const USAGE =
  "deno task chaos [--store NAMES] [--fault NAMES] [--seconds N] [--nodes N] [--seed N] " +
  "[--runs N] [--strict] [--unsafe] [--failover] [--rolling] [--json]";

/** Without fences two leaders must meet to break something: on a slow machine not every time. */
const UNSAFE_TRIALS = 4;

/** Standard output is for the result, when that is JSON. */
let say: (text: string) => void = console.log;

async function main(args: readonly string[]): Promise<number> {
  const options = readOrExit(() => readOptions(args), USAGE);
  if (options.isJson) say = console.error;
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => interrupt.abort());
  }
  const { reports, skipped, isGood } = await runMode(options, interrupt.signal);
  for (const why of skipped) say(`left out: ${why}`);
  if (options.isJson) console.log(JSON.stringify({ reports, skipped, isGood }, null, 2));
  if (interrupt.signal.aborted) return 130;
  return isGood && (skipped.length === 0 || !options.isStrict) ? 0 : 1;
}

function runMode(options: ChaosOptions, signal: AbortSignal): Promise<Outcome> {
  if (options.mode === "failover") return runFailover(options, signal);
  return options.mode === "rolling" ? runRolling(options, signal) : runTrials(options, signal);
}

async function runTrials(options: ChaosOptions, signal: AbortSignal): Promise<Outcome> {
  await installFaketime();
  const verdicts: Verdict[] = [];
  const skipped: string[] = [];
  for (const storeKind of options.stores) {
    for (const fault of options.faults) {
      if (signal.aborted || fault.stores?.includes(storeKind) === false) continue;
      const why = whyNoStore(storeKind) ?? fault.whyNot();
      if (why !== null) {
        skipped.push(`${storeKind}, ${fault.name}: ${why}`);
        continue;
      }
      say(`${storeKind}, ${fault.name}: ${fault.summary}`);
      for (let n = 0; n < (options.isUnsafe ? UNSAFE_TRIALS : 1) && !signal.aborted; n += 1) {
        const seed = options.seed + n;
        const verdict = await runTrial({ ...options, seed, storeKind, fault, signal });
        verdicts.push(verdict);
        tell(verdict, options.isUnsafe);
        if (verdict.violations.length > 0) break;
      }
    }
  }
  say(`\n${formatTable(verdicts)}\n`);
  const isKept = ({ violations }: Verdict) => violations.length === 0;
  const isBroken = (name: string) => verdicts.some((one) => one.fault === name && !isKept(one));
  const isGood = options.isUnsafe
    ? verdicts.every(({ fault }) => isBroken(fault))
    : verdicts.every(isKept);
  return { reports: verdicts, skipped, isGood: isGood && verdicts.length > 0 };
}

function tell({ violations, folder, counts, seconds }: Verdict, isUnsafe: boolean): void {
  const runs = `${counts.ended} of ${counts.acknowledged} runs ended`;
  if (violations.length === 0) {
    return say(`  ${isUnsafe ? "NOTHING BROKE" : "ok"}: ${runs} (${seconds.toFixed(1)} s)`);
  }
  say(`  ${isUnsafe ? "broken without fences, as it must be" : "BROKEN"}: ${runs}`);
  say(formatViolations(violations));
  say(`  logs: ${folder}`);
}

async function runFailover(options: ChaosOptions, signal: AbortSignal): Promise<Outcome> {
  const reports: unknown[] = [];
  const skipped: string[] = [];
  let isGood = true;
  for (const storeKind of options.stores) {
    const why = whyNoStore(storeKind);
    if (why !== null) {
      skipped.push(`${storeKind}: ${why}`);
      continue;
    }
    if (options.kills > 0) {
      const report = await measureFailover({ ...options, storeKind, signal });
      const { kills, partitions, nodes, electionTimeoutMs } = report;
      say(`${storeKind}: ${kills} leaders killed, election time-out ${electionTimeoutMs} ms`);
      say("  ms from the kill to the first new commit   p50    p95    max");
      say(
        `  on each of ${String(partitions.count).padEnd(4)} partitions                ` +
          row(partitions),
      );
      say(`  on the last partition of each kill       ${row(nodes)}`);
      say(
        `  goal, p95 at most ${2 * electionTimeoutMs} ms: ${report.isGoalMet ? "met" : "MISSED"}`,
      );
      reports.push(report);
      isGood &&= report.isGoalMet;
    }
    if (options.crowd > 0 && !signal.aborted) {
      const report = await measureCrowd({ ...options, storeKind, runs: options.crowd });
      const { runs, goesOnMs, lost } = report;
      say(`${storeKind}: a node killed with ${runs} runs in flight`);
      say(`  ms from the kill to the run's next event   p50    p95    max`);
      say(`                                           ${row(goesOnMs)}`);
      say(`  goal, all within 3 s: ${report.isGoalMet ? "met" : "MISSED"}, ${lost} never went on`);
      reports.push(report);
      isGood &&= report.isGoalMet;
    }
  }
  return { reports, skipped, isGood };
}

function row({ p50, p95, max }: { p50: number; p95: number; max: number }): string {
  return [p50, p95, max].map((ms) => String(ms).padStart(7)).join("");
}

async function runRolling(options: ChaosOptions, signal: AbortSignal): Promise<Outcome> {
  const reports: unknown[] = [];
  const skipped: string[] = [];
  let isGood = true;
  for (const storeKind of options.stores) {
    const why = whyNoStore(storeKind);
    if (why !== null) {
      skipped.push(`${storeKind}: ${why}`);
      continue;
    }
    const report = await restartInTurn({ ...options, storeKind, signal });
    const { restarts, requests, failedRequests, counts, violations, drainMs } = report;
    say(`${storeKind}: ${restarts} restarts in order, each node in turn`);
    say(`  requests: ${requests}, failed: ${failedRequests}`);
    for (const failure of report.failures.slice(0, 3)) say(`    ${failure}`);
    say(`  runs acknowledged/ended: ${counts.acknowledged}/${counts.ended}`);
    say(`  attempts: ${counts.attempts}, adopted: ${counts.adopted}, lost: ${counts.lost}`);
    say(`  ms to drain: ${drainMs.join(", ")}; slowest submission: ${report.slowestSubmitMs}`);
    if (violations.length > 0) say(formatViolations(violations));
    reports.push(report);
    isGood &&= failedRequests === 0 && violations.length === 0;
  }
  return { reports, skipped, isGood };
}

Deno.exit(await main(Deno.args));
