import type { AssignmentRecord, CandidateFigures } from "../../core/assignment.ts";
import { formatDuration } from "../../core/duration.ts";
import { explainChoice, explainExclusion } from "../../core/explain_assignment.ts";
import type { RunEvent, RunView } from "../../workflows/mod.ts";
import { idOf } from "./failure_log.ts";
import { plainText } from "./plain_text.ts";
import { tableText } from "./table_text.ts";

/** A choice of an agent, as the journal has it. */
interface Choice {
  task: string;
  /** The task, an item of its `forEach`, or one who contends for either. */
  id: string;
  attempt: number;
  agent: string;
  record: AssignmentRecord;
}

type ContestOpened = RunEvent & { type: "ContestOpened" };

/** Choices that are told in full. */
const CHOICES_SHOWN_MAX = 50;

/** Gathers from a run's events who was chosen for what, and why. */
export class AssignmentLog {
  /** The newest of each piece of work. */
  readonly #choices = new Map<string, Choice>();
  /** Tasks of which somebody had to be found, and nobody was yet. */
  readonly #deferred = new Set<string>();
  readonly #contests: ContestOpened[] = [];
  /** What else was decided, by task. */
  readonly #notes = new Map<string, string[]>();

  add(event: RunEvent): void {
    if (event.type === "ContestOpened") this.#contests.push(event);
    if (event.type === "ContestSettled") this.#note(event.task, `${idOf(event)}: ${event.reason}`);
    if (event.type === "TaskCompleted" && event.reused !== undefined) {
      const { agent, runId, madeAt } = event.reused;
      const at = new Date(madeAt).toISOString().slice(0, 19);
      const what = `the result of ${agent} in run ${runId}, made ${at}Z, stands for the work`;
      this.#note(event.task, `${idOf(event)}: ${what}`);
    }
    if (event.type === "AssignmentDeferred") this.#deferred.add(idOf(event));
    if (event.type !== "AttemptStarted") return;
    this.#deferred.delete(idOf(event));
    const { task, attempt, agent, assignment: record } = event;
    if (record === undefined) this.#choices.delete(idOf(event));
    else {
      const id = this.#nameOf(event);
      this.#choices.set(idOf(event), { task, id, attempt, agent, record });
    }
  }

  #note(task: string, text: string): void {
    this.#notes.getOrInsertComputed(task, () => []).push(text);
  }

  /** Contenders have numbers behind the items. */
  #nameOf({ task, index }: { task: string; index?: number }): string {
    const contest = this.#contests.findLast((one) =>
      one.task === task && index !== undefined && index >= one.first &&
      index <= one.first + one.of
    );
    if (contest === undefined) return idOf({ task, index });
    const number = index! - contest.first;
    return number === contest.of
      ? `${idOf(contest)}, ${contest.way}`
      : `${idOf(contest)}, contender ${number + 1}`;
  }

  /** Why each agent, and why nobody: a line for each task and agent. */
  text({ tasks }: RunView, { isVerbose }: { isVerbose: boolean }): string {
    const lines = tasks.filter(({ id }) => !id.includes("[")).flatMap((task) => [
      ...this.#chosen(task.id, isVerbose),
      ...(this.#notes.get(task.id) ?? []).slice(-CHOICES_SHOWN_MAX)
        .map((note) => `  ${plainText(note)}\n`),
      ...this.#nobody(task),
    ]);
    return lines.length === 0 ? "" : `why these agents:\n${lines.join("")}`;
  }

  #chosen(task: string, isVerbose: boolean): string[] {
    const choices = [...this.#choices.values()].filter((choice) => choice.task === task);
    if (isVerbose) {
      const left = choices.length - CHOICES_SHOWN_MAX;
      const more = left > 0 ? [`  … and ${left} more of "${plainText(task)}"\n`] : [];
      return [...choices.slice(0, CHOICES_SHOWN_MAX).map(choiceInFull), ...more];
    }
    const byAgent = new Map<string, Choice[]>();
    for (const choice of choices) {
      byAgent.getOrInsertComputed(choice.agent, () => []).push(choice);
    }
    return [...byAgent.values()].map((some) => {
      const { agent, record } = some.at(-1)!;
      const count = choices.length === 1 ? "" : ` (${some.length} of ${choices.length})`;
      return `  ${plainText(task)}${count}: ${plainText(explainChoice(record, agent))}\n`;
    });
  }

  /** What waits for somebody says so itself. */
  #nobody({ id, reason, status }: RunView["tasks"][number]): string[] {
    const isOpen = status === "running" || status === "waiting" || status === "pending";
    const waits = [...this.#deferred].some((one) => one === id || one.startsWith(`${id}[`));
    return isOpen && waits && reason !== null ? [`  ${plainText(id)}: ${plainText(reason)}\n`] : [];
  }
}

function choiceInFull({ id, attempt, agent, record }: Choice): string {
  const { candidates, excluded = [], considered } = record;
  const head = ["agent", "score", "success", "90 % within", "tasks", "time", "USD", "load"];
  const table = candidates.length === 0 ? "" : tableText(
    [head, ...candidates.map(figuresOf)],
    { numeric: [1, 2, 3, 4, 5, 6, 7], indent: "      " },
  );
  const more = considered - candidates.length;
  return [
    `  ${plainText(id)}, attempt ${attempt}: ${plainText(explainChoice(record, agent))}\n`,
    table,
    more > 0 ? `      and ${more} more\n` : "",
    ...excluded.map((one) => `      not: ${plainText(explainExclusion(one))}\n`),
  ].join("");
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

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
