import type { RunEvent } from "../../workflows/mod.ts";
import type { TaskCounts } from "./run_change.ts";

type PieceStatus = "running" | "idle" | "completed" | "failed" | "dropped";

/** A plain task, or the items of a `forEach`; those who contend for them do not count. */
interface TaskPieces {
  /** `null`: a plain task, or a `forEach` that has no items yet. */
  items: number | null;
  pieces: Map<number, PieceStatus>;
}

/** The event's effect on a piece of work. */
const STATUS: Partial<Record<RunEvent["type"], PieceStatus>> = {
  AttemptStarted: "running",
  ContestOpened: "running",
  AttemptFailed: "idle",
  TaskFellBack: "idle",
  TaskRepeated: "idle",
  TaskCompleted: "completed",
  TaskFailed: "failed",
  TaskCancelled: "dropped",
  TaskSkipped: "dropped",
};

/** A plain task has one piece. */
const SOLE = 0;

/**
 * Counts the tasks of one run from its events. To hear an event twice does no harm, as long as those
 * behind it are heard again as well.
 */
export class TaskTally {
  readonly #tasks = new Map<string, TaskPieces>();
  /** Tasks of the plan; `null` until it is known. */
  tasks: number | null = null;

  apply(event: RunEvent): void {
    if (event.type === "RunRetried") return this.#forgetAllBut("completed");
    if (event.type === "TaskExpanded") {
      const { pieces } = this.#task(event.task);
      this.#tasks.set(event.task, { items: event.count, pieces });
      return;
    }
    const status = STATUS[event.type];
    if (status === undefined) return;
    const { task, index } = event as { task: string; index?: number };
    const { items, pieces } = this.#task(task);
    if (items !== null && index === undefined) return dropOpen(pieces);
    // Indexes behind those of the items are contenders'.
    if ((index ?? SOLE) < (items ?? 1)) pieces.set(index ?? SOLE, status);
  }

  counts(): TaskCounts {
    const counts = { completed: 0, failed: 0, dropped: 0, running: 0, idle: 0 };
    let more = 0;
    for (const { items, pieces } of this.#tasks.values()) {
      for (const status of pieces.values()) counts[status]++;
      if (items !== null) more += items - 1;
    }
    const { idle: _, ...rest } = counts;
    return { total: this.tasks === null ? null : this.tasks + more, ...rest };
  }

  #task(name: string): TaskPieces {
    return this.#tasks.getOrInsertComputed(name, () => ({ items: null, pieces: new Map() }));
  }

  #forgetAllBut(kept: PieceStatus): void {
    for (const { pieces } of this.#tasks.values()) {
      for (const [index, status] of pieces) if (status !== kept) pieces.delete(index);
    }
  }
}

/** A `forEach` that ends as a whole takes its items with it. */
function dropOpen(pieces: Map<number, PieceStatus>): void {
  for (const [index, status] of pieces) {
    if (status === "running" || status === "idle") pieces.set(index, "dropped");
  }
}
