import type { RunEvent } from "../../workflows/mod.ts";
import { idOf } from "./failure_log.ts";

type ContestOpened = RunEvent & { type: "ContestOpened" };

/** What pieces of work are called: those who contend for one have numbers behind the items. */
export class PlaceNames {
  readonly #contests = new Map<string, ContestOpened[]>();
  readonly #expanded = new Set<string>();

  add(event: RunEvent): void {
    if (event.type === "TaskExpanded") this.#expanded.add(event.task);
    if (event.type !== "ContestOpened") return;
    this.#contests.getOrInsertComputed(event.task, () => []).push(event);
  }

  /** `list`, `measure[3]`, `agree, contender 2` or `measure[3], judge`. */
  of({ task, index }: { task: string; index?: number }): string {
    const contest = this.#contests.get(task)?.findLast(({ first, of }) =>
      index !== undefined && index >= first && index <= first + of
    );
    if (contest === undefined) return this.#expanded.has(task) ? idOf({ task, index }) : task;
    const number = index! - contest.first;
    return number === contest.of
      ? `${idOf(contest)}, ${contest.way}`
      : `${idOf(contest)}, contender ${number + 1}`;
  }
}
