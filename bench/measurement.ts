import { median, quantile } from "./statistics.ts";

/** One line of the result. */
export interface Measurement {
  name: string;
  value: number;
  unit: string;
  /** The platform's own figure of the same run. */
  limit: number;
  /** Value ÷ limit. */
  ratio: number;
  /** What the limit is, for people. */
  limitName: string;
  /** Lowest and highest round. */
  spread: [low: number, high: number];
  goal?: Goal;
}

/** What the value, or its ratio to the limit, should be. */
export interface Goal {
  of: "value" | "ratio";
  atMost?: number;
  atLeast?: number;
}

/** One figure in one row, from one sample per round of it and of its limit. */
export function measurementOf(
  row: { name: string; unit: string; limitName: string; goal?: Goal },
  samples: readonly number[],
  limits: readonly number[],
): Measurement {
  const value = median(samples);
  const limit = median(limits);
  const spread: [number, number] = [quantile(samples, 0), quantile(samples, 1)];
  return { ...row, value, limit, ratio: value / limit, spread };
}

/** Whether the goal is met; `null` where there is none. */
export function isMet({ goal, value, ratio }: Measurement): boolean | null {
  if (goal === undefined) return null;
  const actual = goal.of === "value" ? value : ratio;
  return actual <= (goal.atMost ?? Infinity) && actual >= (goal.atLeast ?? -Infinity);
}

/** The document of `--json`. */
export function toDocument(machine: string, measurements: readonly Measurement[]) {
  const results = measurements.map(({ name, value, unit, limit, ratio }) => ({
    name,
    value: round(value),
    unit,
    limit: round(limit),
    ratio: round(ratio),
  }));
  return { machine, results };
}

/** The table for people. */
export function toTable(measurements: readonly Measurement[]): string {
  const rows = measurements.map((row) => [
    row.name,
    figure(row.value),
    row.unit,
    `${figure(row.spread[0])} – ${figure(row.spread[1])}`,
    figure(row.limit),
    figure(row.ratio),
    goalText(row),
    row.limitName,
  ]);
  const head = ["name", "value", "unit", "spread", "limit", "ratio", "goal", "limit is"];
  return alignColumns([head, ...rows]);
}

/** Columns side by side, two spaces between them. */
export function alignColumns(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()
  ).join("\n");
}

function goalText(row: Measurement): string {
  const { goal } = row;
  if (goal === undefined) return "";
  const wanted = goal.atMost === undefined ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`;
  return `${goal.of} ${wanted}: ${isMet(row) ? "met" : "missed"}`;
}

/** Three digits that count. */
function figure(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Math.min(digits, 4));
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}
