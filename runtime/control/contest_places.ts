/**
 * What events with an index are about. Those who contend for an item have indexes behind the items,
 * and when a run is retried the next ones get the same indexes again: it is kept as it was when an
 * event came. Pure.
 *
 * @module
 */
import type { RunEvent } from "../../workflows/mod.ts";

type ContestOpened = RunEvent & { type: "ContestOpened" };

/** An item, or what one of several agents does of it. */
export interface Work {
  /** Item of a `forEach`; 0 for a plain task. */
  index: number;
  /** Number of the contender, from 0; who judges or merges comes behind the last. */
  contender?: number;
  /** With `contender`: which contest for this item, from 1. A retry of the run may hold another. */
  round?: number;
}

/** Of one task. */
interface TaskPlaces {
  /** By index of an event: the contest that it belongs to. */
  members: Map<number, { contest: ContestOpened; round: number }>;
  /** Contests that were opened, by item. */
  rounds: Map<number, number>;
}

/** Knows the contests of a run, as far as its events were taken in. */
export class ContestPlaces {
  readonly #tasks = new Map<string, TaskPlaces>();

  /** Takes an event in; they come in order. */
  add(event: RunEvent): void {
    // Other items: what contended for the former ones is over.
    if (event.type === "TaskExpanded") this.#tasks.get(event.task)?.members.clear();
    if (event.type !== "ContestOpened") return;
    const { members, rounds } = this.#tasks.getOrInsertComputed(event.task, createPlaces);
    const { index = 0, first, of } = event;
    const round = (rounds.get(index) ?? 0) + 1;
    rounds.set(index, round);
    for (let at = first; at <= first + of; at++) members.set(at, { contest: event, round });
  }

  /** What an event of this task with this index would be about now. */
  of({ task, index = 0 }: { task: string; index?: number }): Work {
    const member = this.#tasks.get(task)?.members.get(index);
    if (member === undefined) return { index };
    const { contest, round } = member;
    return { index: contest.index ?? 0, contender: index - contest.first, round };
  }

  /** The contest that such an event would belong to; `null` where one agent does it. */
  contestAt({ task, index = 0 }: { task: string; index?: number }): ContestOpened | null {
    return this.#tasks.get(task)?.members.get(index)?.contest ?? null;
  }
}

function createPlaces(): TaskPlaces {
  return { members: new Map(), rounds: new Map() };
}
