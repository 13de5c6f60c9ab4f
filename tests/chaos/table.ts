/**
 * What the chaos suite prints.
 *
 * @module
 */
import type { Violation } from "./checks/mod.ts";
import type { Verdict } from "./trial.ts";

const HEAD = [
  ...["store", "fault", "verdict", "strikes", "runs acknowledged/ended", "attempts", "adopted"],
  ...["lost", "stale refused ledger/store", "leader changes", "failed tries", "seconds"],
];
/** Breaches shown of each promise. */
const EXAMPLES = 3;

/** One line for each trial. */
export function formatTable(verdicts: readonly Verdict[]): string {
  const rows = [HEAD, ...verdicts.map(toCells)];
  const widths = HEAD.map((_, at) => Math.max(...rows.map((cells) => cells[at]!.length)));
  return rows
    .map((cells) => cells.map((cell, at) => cell.padEnd(widths[at]!)).join("  ").trimEnd())
    .join("\n");
}

function toCells(verdict: Verdict): string[] {
  const { counts, strikes, refusedByStore, failedTries, seconds, violations } = verdict;
  return [
    verdict.store,
    verdict.fault,
    violations.length === 0 ? "ok" : "BROKEN",
    `${strikes}`,
    `${counts.acknowledged}/${counts.ended}`,
    `${counts.attempts}`,
    `${counts.adopted}`,
    `${counts.lost}`,
    `${counts.refusedByLedger}/${refusedByStore}`,
    `${counts.leaderChanges}`,
    `${failedTries}`,
    seconds.toFixed(1),
  ];
}

/** Each promise that was broken, how often, and where. */
export function formatViolations(violations: readonly Violation[]): string {
  return [...Map.groupBy(violations, ({ promise }) => promise)]
    .map(([promise, all]) => {
      const places = all.slice(0, EXAMPLES).map(({ where }) => `    ${where}`);
      return [`  broken ${all.length} times: ${promise}`, ...places].join("\n");
    })
    .join("\n");
}
