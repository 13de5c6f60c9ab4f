/**
 * Every attempt of a run as people read it: who did it, how it ended, and why it was theirs to do.
 *
 * @module
 */
import type { AssignmentRecord, Bid, CandidateFigures } from "../../core/assignment.ts";
import { formatDuration } from "../../core/duration.ts";
import { explainChoice, explainExclusion, percent } from "../../core/explain_assignment.ts";
import type { RunEvent, RunView } from "../../workflows/mod.ts";
import { type AttemptLine, TaskLogs } from "../control/task_logs.ts";
import { PlaceNames } from "./place_names.ts";
import { plainText } from "./plain_text.ts";
import { tableText } from "./table_text.ts";

/** Attempts of one task that are told, the last ones. */
const SHOWN_MAX = 50;
/** What begins and ends attempts. What steps and contenders returned may be large, and is not told. */
const TOLD: ReadonlySet<RunEvent["type"]> = new Set([
  "AttemptStarted",
  "AttemptFailed",
  "TaskRepeated",
  "TaskCompleted",
  "TaskFailed",
  "TaskCancelled",
]);

/** How an attempt is told: its place, and by what it is sorted. */
interface Called {
  name: string;
  order: [item: number, round: number, contender: number];
}

/** Gathers the attempts of a run from its events. */
export class AttemptLog {
  readonly #names = new PlaceNames();
  /** What each attempt was called and about when it began: indexes may come again. */
  readonly #called = new WeakMap<AttemptLine, Called>();
  readonly #logs = new TaskLogs();
  /** Who took over, by place. */
  readonly #fallbacks = new Map<string, string>();

  add(event: RunEvent): void {
    this.#names.add(event);
    if (TOLD.has(event.type)) this.#logs.add(event);
    if (event.type === "AttemptStarted") {
      const { index, round = 0, contender = 0 } = this.#names.workOf(event);
      const line = this.#logs.of(event.task).attempts.at(-1)!;
      this.#called.set(line, { name: this.#names.of(event), order: [index, round, contender] });
    }
    const isFallback = event.type === "TaskFellBack" || event.type === "AttemptFailed";
    if (!isFallback || event.fallback === undefined) return;
    this.#fallbacks.set(this.#names.of(event), event.fallback);
  }

  /** In the order of the file, then of the items; `now` in epoch milliseconds. */
  text({ tasks }: RunView, now: number): string {
    const lines = tasks.filter(({ id }) => !id.includes("[")).flatMap(({ id }) => {
      const attempts = this.#logs.of(id).attempts.toSorted((a, b) =>
        compareOrders(this.#called.get(a)!.order, this.#called.get(b)!.order)
      );
      const before = attempts.length - SHOWN_MAX;
      return [
        before > 0 ? `  … ${before} more of ${plainText(id)} before these\n` : "",
        ...attempts.slice(-SHOWN_MAX).map((line) => this.#attempt(line, now)),
      ];
    });
    const text = lines.join("");
    return text === "" ? "" : `attempts:\n${text}`;
  }

  #attempt(line: AttemptLine, now: number): string {
    const { attempt, agent, assignment } = line;
    const { name } = this.#called.get(line)!;
    const head = `  ${plainText(name)}, attempt ${attempt}: ${plainText(agent)} ${
      endOf(line, now)
    }`;
    const why = assignment !== null
      ? plainText(explainChoice(assignment, agent))
      : this.#fallbacks.get(name) === agent
      ? "the fallback, as the workflow names it"
      : "named by the workflow";
    const figures = assignment === null ? "" : figuresText(assignment);
    return `${head}\n      ${why}\n${figures}`;
  }
}

function compareOrders(a: Called["order"], b: Called["order"]): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** `failed after 120ms: UNAVAILABLE It is gone`. */
function endOf({ status, startedAt, finishedAt, error }: AttemptLine, now: number): string {
  const took = formatDuration(Math.max(0, (finishedAt ?? now) - startedAt));
  if (finishedAt === null) return `runs for ${took}`;
  const words = status === "lost" ? "was lost" : status === "repeated" ? "is to repeat it" : status;
  const why = error === null ? "" : `: ${plainText(error.code)} ${plainText(error.message)}`;
  return `${words} after ${took}${why}`;
}

/** Who was compared, what was bid, and who did not come into question. */
function figuresText(record: AssignmentRecord): string {
  const { candidates, excluded = [], considered, bids = [] } = record;
  const head = ["agent", "score", "success", "90 % within", "tasks", "time", "USD", "load"];
  const table = candidates.length === 0 ? "" : tableText(
    [head, ...candidates.map(figuresOf)],
    { numeric: [1, 2, 3, 4, 5, 6, 7], indent: "      " },
  );
  const more = considered - candidates.length;
  return [
    table,
    more > 0 ? `      and ${more} more: the journal keeps the figures of the first three\n` : "",
    bidsText(bids),
    ...excluded.map((one) => `      not: ${plainText(explainExclusion(one))}\n`),
  ].join("");
}

/** In the order of their price; what is not promised has no figure. */
function bidsText(bids: readonly Bid[]): string {
  if (bids.length === 0) return "";
  const rows = bids.map(({ agent, costUsd, success, latencyMs }) => [
    plainText(agent),
    String(costUsd),
    success === null ? "-" : percent(success),
    latencyMs === null ? "-" : formatDuration(latencyMs),
  ]);
  return tableText([["bid of", "USD", "success promised", "time promised"], ...rows], {
    numeric: [1, 2, 3],
    indent: "      ",
  });
}

function figuresOf(
  { agent, score, success, low, high, tasks, latencyMs, costUsd, load }: CandidateFigures,
): string[] {
  return [
    plainText(agent),
    String(score),
    percent(success),
    `${percent(low)} to ${percent(high)}`,
    String(tasks),
    latencyMs === null ? "-" : formatDuration(latencyMs),
    String(costUsd),
    percent(load),
  ];
}
