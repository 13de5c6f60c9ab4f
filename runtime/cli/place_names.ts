import type { RunEvent } from "../../workflows/mod.ts";
import { ContestPlaces, type Work } from "../control/contest_places.ts";
import { idOf } from "./failure_log.ts";

/** What pieces of work are called: those who contend for one have numbers behind the items. */
export class PlaceNames {
  readonly #places = new ContestPlaces();
  readonly #expanded = new Set<string>();

  add(event: RunEvent): void {
    if (event.type === "TaskExpanded") this.#expanded.add(event.task);
    this.#places.add(event);
  }

  /** What an event with this index is about, if it comes now. */
  workOf(event: { task: string; index?: number }): Work {
    return this.#places.of(event);
  }

  /** `list`, `measure[3]`, `agree, contender 2`, `measure[3], judge` or `agree, judge of round 2`. */
  of(event: { task: string; index?: number }): string {
    const { task } = event;
    const { index, contender, round = 1 } = this.#places.of(event);
    const name = this.#expanded.has(task) ? idOf({ task, index }) : task;
    if (contender === undefined) return name;
    const { of, way } = this.#places.contestAt(event)!;
    const part = contender === of ? way : `contender ${contender + 1}`;
    return `${name}, ${part}${round === 1 ? "" : ` of round ${round}`}`;
  }
}
