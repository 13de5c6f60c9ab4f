import { ERRORS } from "../../core/catalogue/mod.ts";
import { formatDuration } from "../../core/duration.ts";
import { type Failure, findFailurePatterns } from "../../core/failure_patterns.ts";
import type { RunView, TaskView } from "../../workflows/view.ts";
import { painter, STATUS_MARKS } from "./palette.ts";
import { plainText } from "./plain_text.ts";

const FAILURES_SHOWN_MAX = 10;
const PATTERNS_SHOWN_MAX = 3;
const PROGRAM = "deno task denizen";

/**
 * How a run ended, in words: one line when it went well, and otherwise which tasks failed, why, what
 * they have in common, and which commands help further.
 *
 * @param failures every failed attempt of the run that is known
 */
export function outcomeText(
  view: RunView,
  failures: readonly Failure[],
  options: { color: boolean },
): string {
  const paint = painter(options.color);
  const [mark, color] = STATUS_MARKS[view.status];
  const lines = [`${paint(color, mark)} ${paint("bold", view.workflow)} ${endLine(view)}`];
  if (view.status === "failed") lines.push(...failureLines(view), ...patternLines(failures));
  lines.push(...nextSteps(view));
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
  const word = plain.length === 1 ? "task" : "tasks";
  return `${plain.length} ${word}${items === 0 ? "" : `, ${items} items`}`;
}

/** Failed tasks and items; those that failed alike are told once. */
function failureLines(view: RunView): string[] {
  const failed = view.tasks.filter((task) => task.status === "failed" && task.error !== null);
  const parents = new Set(failed.flatMap(({ id }) => id.includes("[") ? [taskOf(id)] : []));
  const told = failed.filter((task) => !parents.has(task.id));
  const alike = Map.groupBy(told, (task) => `${taskOf(task.id)}\n${errorText(task.error!)}`);
  const lines = [...alike.values()].map((tasks) => {
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

function nextSteps({ status, runId }: RunView): string[] {
  if (status === "completed") return [];
  const show = `look:   ${PROGRAM} runs show ${runId}`;
  if (status === "failed" || status === "cancelled") {
    return [show, `again:  ${PROGRAM} runs retry ${runId}`];
  }
  return [show, `resume: ${PROGRAM} runs resume ${runId}`];
}
