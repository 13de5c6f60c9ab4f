/**
 * What the hostile suite prints.
 *
 * @module
 */
import type { Verdict } from "./arena/mod.ts";

/** One line as soon as the row is done, with what is wrong. */
export function printRow({ behaviour, faults, endedMs }: Verdict): void {
  const isGood = faults.length === 0;
  console.log(`${isGood ? "ok    " : "FAILED"} ${behaviour.name} (${Math.round(endedMs)} ms)`);
  for (const fault of faults) console.log(`       ${fault}`);
}

/** All rows with their figures. */
export function printTable(verdicts: readonly Verdict[]): void {
  const rows = verdicts.map(toCells);
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, at) => Math.max(...all.map((cells) => cells[at]!.length)));
  console.log("");
  for (const cells of all) {
    console.log(cells.map((cell, at) => cell.padEnd(widths[at]!)).join("  ").trimEnd());
  }
  console.log("");
}

const HEAD = [
  "behaviour",
  "by",
  "verdict",
  "within",
  "after",
  "probe p99",
  "worst",
  "node",
  "tries",
  "audit",
];

function toCells(verdict: Verdict): string[] {
  const { behaviour, faults, end, endedMs, probeP99Ms, probeMaxMs, audit } = verdict;
  const { nodeGrownBytes, tries } = verdict;
  const ms = (value: number) => `${Math.round(value)} ms`;
  return [
    behaviour.name,
    behaviour.by ?? "villain",
    faults.length === 0 ? end : `FAILED (${end})`,
    ms(behaviour.withinMs),
    ms(endedMs),
    ms(probeP99Ms),
    ms(probeMaxMs),
    `+${Math.round(nodeGrownBytes / 1e6)} MB`,
    String(tries),
    audit,
  ];
}
