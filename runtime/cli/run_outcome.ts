import { ERRORS } from "../../core/catalogue/mod.ts";
import { formatDuration } from "../../core/duration.ts";
import { type Failure, findFailurePatterns } from "../../core/failure_patterns.ts";
import type { RunView, TaskView } from "../../workflows/view.ts";
import { FAILURES_MARK, painter, STATUS_MARKS } from "./palette.ts";
import { plainText } from "./plain_text.ts";

const FAILURES_SHOWN_MAX = 10;
const PATTERNS_SHOWN_MAX = 3;
const PROGRAM = "deno task denizen";

/**
 * How a run ended, in words: which tasks failed, if any, why, what they have in common, and which
 * commands help further.
 *
 * @param failures every failed attempt of the run that is known
 * @param options `mayResume`: nobody works on it, and `runs resume` goes on.
 *   `isShown`: it is `runs show` that says it, and need not be named
 */
export function outcomeText(
  view: RunView,
  failures: readonly Failure[],
  options: { color: boolean; mayResume?: boolean; isShown?: boolean },
): string {
  const paint = painter(options.color);
  const told = failedTasks(view);
  const hasFailures = view.status === "failed" || (view.status === "completed" && told.length > 0);
  const [mark, color] = view.status === "completed" && hasFailures
    ? FAILURES_MARK
    : STATUS_MARKS[view.status];
  const lines = [`${paint(color, mark)} ${paint("bold", view.workflow)} ${endLine(view)}`];
  if (hasFailures) lines.push(...failureLines(told), ...patternLines(failures));
  lines.push(...nextSteps(view, options));
  return lines.map((line) => `${line}\n`).join("");
}

function endLine(view: RunView): string {
  const { status, startedAt, finishedAt, tasks, error } = view;
  const took = startedAt === null || finishedAt === null
    ? ""
    : ` after ${formatDuration(Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)))}`;
  if (status === "completed") return `completed${took} · ${countTasks(tasks)}`;
  return error === null ? `${status}${took}` : `${status}${took}: ${errorText(error)}`;
}

function errorText({ code, message }: { code: string; message: string }): string {
  return `${plainText(code)} ${plainText(message)}`;
}

function countTasks(tasks: readonly TaskView[]): string {
  const plain = tasks.filter((task) => !task.id.includes("["));
  const items = plain.reduce((sum, task) => sum + (task.items?.total ?? 0), 0);
  const failed = plain.reduce(
    (sum, task) => sum + (task.items?.failed ?? (task.status === "failed" ? 1 : 0)),
    0,
  );
  return [
    count(plain.length, "task"),
    ...(items === 0 ? [] : [count(items, "item")]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ].join(", ");
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

/** Tasks and items that failed; a `forEach` whose items did is told by these. */
function failedTasks(view: RunView): TaskView[] {
  const failed = view.tasks.filter((task) => task.status === "failed" && task.error !== null);
  const parents = new Set(failed.flatMap(({ id }) => id.includes("[") ? [taskOf(id)] : []));
  return failed.filter((task) => !parents.has(task.id));
}

/** Those that failed alike are told once, the most frequent first. */
function failureLines(told: readonly TaskView[]): string[] {
  const alike = Map.groupBy(told, (task) => `${taskOf(task.id)}\n${errorText(task.error!)}`);
  const groups = [...alike.values()].sort((a, b) => b.length - a.length);
  const lines = groups.map((tasks) => {
    const [first] = tasks;
    const others = tasks.length > 1 ? ` and ${tasks.length - 1} more` : "";
    const agent = first!.agent === null ? "" : `, agent ${first!.agent}`;
    const word = first!.attempts === 1 ? "attempt" : "attempts";
    const hint = first!.error!.hint ?? ERRORS[first!.error!.code]?.hint;
    return [
      `  ${first!.id}${others}: ${errorText(first!.error!)} (${first!.attempts} ${word}${agent})`,
      ...(hint === undefined ? [] : [`    hint: ${plainText(hint)}`]),
    ];
  });
  const more = lines.length - FAILURES_SHOWN_MAX;
  return [
    ...lines.slice(0, FAILURES_SHOWN_MAX).flat(),
    ...(more > 0 ? [`  … and ${more} other failures`] : []),
  ];
}

function taskOf(id: string): string {
  return id.replace(/\[\d+\]$/, "");
}

function patternLines(failures: readonly Failure[]): string[] {
  return findFailurePatterns(failures).slice(0, PATTERNS_SHOWN_MAX).flatMap((pattern) => [
    `  pattern: ${plainText(pattern.message)}`,
    `    suggestion: ${plainText(pattern.suggestion)}`,
  ]);
}

function nextSteps(
  { status, runId }: RunView,
  { mayResume = false, isShown = false }: { mayResume?: boolean; isShown?: boolean },
): string[] {
  const hasClosed = status === "failed" || status === "cancelled";
  return [
    ...(isShown ? [] : [`look:   ${PROGRAM} runs show ${runId}`]),
    ...(hasClosed ? [`again:  ${PROGRAM} runs retry ${runId}`] : []),
    ...(mayResume ? [`resume: ${PROGRAM} runs resume ${runId}`] : []),
  ];
}
