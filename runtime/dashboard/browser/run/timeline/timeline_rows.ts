/**
 * The rows of the timeline: one for each task or item that was ever begun, with all its attempts.
 * Attempts only ever come behind those that are known, so each is looked at once.
 *
 * @module
 */
import type { LiveRun, LiveTask, Span } from "../live/mod.ts";

/** A task or an item, or what one contender does of it, and its bars. */
export interface TimelineRow {
  position: number;
  index: number | null;
  name: string;
  spans: Span[];
}

/** Gathers rows as attempts begin. */
export class TimelineRows {
  readonly list: TimelineRow[] = [];
  readonly #byKey = new Map<string, TimelineRow>();
  #seen = 0;

  /** Takes the attempts that are new. `run` is always the same. */
  update({ spans, tasks }: LiveRun): void {
    for (; this.#seen < spans.length; this.#seen++) {
      const span = spans[this.#seen]!;
      const { position, index, contender } = span;
      const key = `${position}.${index}.${contender}`;
      let row = this.#byKey.get(key);
      if (row === undefined) {
        row = { position, index, name: nameOf(tasks[position]!, span), spans: [] };
        this.#byKey.set(key, row);
        this.list.push(row);
      }
      row.spans.push(span);
    }
  }
}

/** `list`, `measure[3]`, `agree, contender 2` or `agree, judge`. */
function nameOf({ spec, instances }: LiveTask, { index, contender }: Span): string {
  const name = index === null ? spec.id : `${spec.id}[${index}]`;
  if (contender === null) return name;
  const contest = instances[index ?? 0]?.contest ?? null;
  const isLast = contest !== null && contender >= contest.of;
  return `${name}, ${isLast ? contest.way : `contender ${contender + 1}`}`;
}

/** Instants at which the axis has a line, and what they are called. */
export interface Tick {
  /** Milliseconds since the start. */
  ms: number;
  label: string;
}

const STEPS_MS = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  1_000,
  2_000,
  5_000,
  10_000,
  15_000,
  30_000,
  60_000,
  120_000,
  300_000,
  600_000,
  1_800_000,
  3_600_000,
  7_200_000,
  21_600_000,
  43_200_000,
  86_400_000,
];

/** A step that leaves at least `gapPx` between two lines. */
export function tickStep(pxPerMs: number, gapPx = 90): number {
  return STEPS_MS.find((step) => step * pxPerMs >= gapPx) ?? 86_400_000 * Math.ceil(
        gapPx / pxPerMs / 86_400_000,
      );
}

/** Lines between two instants. */
export function ticksBetween(fromMs: number, toMs: number, stepMs: number): Tick[] {
  const ticks: Tick[] = [];
  for (let ms = Math.max(0, Math.floor(fromMs / stepMs) * stepMs); ms <= toMs; ms += stepMs) {
    ticks.push({ ms, label: labelOf(ms, stepMs) });
  }
  return ticks;
}

function labelOf(ms: number, stepMs: number): string {
  if (ms === 0) return "0";
  if (stepMs < 1_000 && ms < 10_000) return `${ms} ms`;
  if (stepMs < 1_000) return `${(ms / 1_000).toFixed(stepMs < 10 ? 3 : stepMs < 100 ? 2 : 1)} s`;
  const [hours, minutes, seconds] = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1_000) % 60,
  ];
  const pad = (value: number) => String(value).padStart(2, "0");
  if (ms < 60_000) return `${seconds} s`;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${minutes}:${pad(seconds)}`;
}
