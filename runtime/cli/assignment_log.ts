import type { AssignmentRecord } from "../../core/assignment.ts";
import { explainChoice } from "../../core/explain_assignment.ts";
import type { RunEvent, RunView } from "../../workflows/mod.ts";
import { idOf } from "./failure_log.ts";
import { PlaceNames } from "./place_names.ts";
import { plainText } from "./plain_text.ts";

/** A choice of an agent, as the journal has it. */
interface Choice {
  task: string;
  agent: string;
  record: AssignmentRecord;
  /** Of one of several agents that do the same: `agree, contender 2`. */
  contender: string | null;
  /** With which code it failed in the end, as one of several agents that do the same. */
  failure: string | null;
}

/** What was decided of one task that is told, the last of it. */
const NOTES_SHOWN_MAX = 50;

/** Gathers from a run's events who was chosen for what, and why. */
export class AssignmentLog {
  readonly #names = new PlaceNames();
  /** The newest of each piece of work. */
  readonly #choices = new Map<string, Choice>();
  /** Tasks of which somebody had to be found, and nobody was yet. */
  readonly #deferred = new Set<string>();
  /** What else was decided, by task. */
  readonly #notes = new Map<string, string[]>();

  add(event: RunEvent): void {
    this.#names.add(event);
    // Whom the others made needless has not failed.
    if (event.type === "TaskFailed" && event.error.code !== "CANCELLED") {
      const choice = this.#choices.get(idOf(event));
      if (choice?.contender != null) choice.failure = event.error.code;
    }
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
    const { task, agent, assignment: record } = event;
    if (record === undefined) return void this.#choices.delete(idOf(event));
    const isContender = this.#names.workOf(event).contender !== undefined;
    const contender = isContender ? this.#names.of(event) : null;
    this.#choices.set(idOf(event), { task, agent, record, contender, failure: null });
  }

  #note(task: string, text: string): void {
    this.#notes.getOrInsertComputed(task, () => []).push(text);
  }

  /**
   * Why each agent, and why nobody: a line for each task and agent.
   *
   * @param options `withChoices`: also why agents were chosen, where no attempt of theirs says it
   */
  text({ tasks }: RunView, { withChoices }: { withChoices: boolean }): string {
    const lines = tasks.filter(({ id }) => !id.includes("[")).flatMap((task) => [
      ...(withChoices ? this.#chosen(task.id) : []),
      ...(this.#notes.get(task.id) ?? []).slice(-NOTES_SHOWN_MAX)
        .map((note) => `  ${plainText(note)}\n`),
      ...this.#nobody(task),
    ]);
    return lines.length === 0 ? "" : `why these agents:\n${lines.join("")}`;
  }

  #chosen(task: string): string[] {
    const choices = [...this.#choices.values()].filter((choice) => choice.task === task);
    const byAgent = new Map<string, Choice[]>();
    for (const choice of choices) {
      byAgent.getOrInsertComputed(choice.agent, () => []).push(choice);
    }
    return [...byAgent.values()].map((some) => {
      const { agent, record, contender } = some.at(-1)!;
      const name = some.length === 1 && contender !== null
        ? contender
        : choices.length === 1
        ? task
        : `${task} (${some.length} of ${choices.length} choices)`;
      return `  ${plainText(name)}: ${plainText(explainChoice(record, agent))}${failed(some)}\n`;
    });
  }

  /** What waits for somebody says so itself. */
  #nobody({ id, reason, status }: RunView["tasks"][number]): string[] {
    const isOpen = status === "running" || status === "waiting" || status === "pending";
    const waits = [...this.#deferred].some((one) => one === id || one.startsWith(`${id}[`));
    return isOpen && waits && reason !== null ? [`  ${plainText(id)}: ${plainText(reason)}\n`] : [];
  }
}

/** Of several agents one may fail and the task complete: nothing else tells of it. */
function failed(choices: readonly Choice[]): string {
  const codes = choices.flatMap(({ failure }) => failure ?? []);
  if (codes.length === 0) return "";
  const which = [...new Set(codes)].map(plainText).join(", ");
  return choices.length === 1
    ? ` It failed: ${which}.`
    : ` It failed at ${codes.length} of these: ${which}.`;
}
