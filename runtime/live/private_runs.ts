import { isShared } from "../../core/partitions.ts";
import type { RunEntry, Store } from "../../core/ports.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import type { RunChange } from "./run_change.ts";
import { changeOf } from "./runs_board.ts";

/** Newest lines of the run list that are looked at each time. */
const NEWEST = 50;
/** Runs that are watched until they close. */
const WATCHED_MAX = 200;

/** Runs that a process of its own works on: only the run list tells of them. */
export class PrivateRuns {
  readonly #store: Pick<Store<RunEvent>, "run" | "runs">;
  readonly #open = new Map<string, RunEntry>();
  /** Newest run that was seen; `null` before the first look. */
  #newest: string | null = null;

  constructor(store: Pick<Store<RunEvent>, "run" | "runs">) {
    this.#store = store;
  }

  /** What changed since the last look; the first one tells of nothing. */
  async look(): Promise<RunChange[]> {
    const page = await this.#store.runs({ limit: NEWEST });
    const before = this.#newest;
    this.#newest = page[0]?.runId ?? before ?? "";
    const changes = await this.#lookAtOpen();
    for (const entry of page) {
      if (isShared(entry.partition) || (before !== null && entry.runId <= before)) continue;
      if (entry.finishedAt === null && this.#open.size < WATCHED_MAX) {
        this.#open.set(entry.runId, entry);
      }
      if (before !== null) changes.push({ ...changeOf(entry), isNew: true });
    }
    return changes;
  }

  async #lookAtOpen(): Promise<RunChange[]> {
    const changes: RunChange[] = [];
    for (const before of [...this.#open.values()]) {
      const entry = await this.#store.run(before.runId);
      if (entry === null || entry.finishedAt !== null) this.#open.delete(before.runId);
      else this.#open.set(before.runId, entry);
      if (entry === null) continue;
      const isSame = entry.status === before.status && entry.finishedAt === before.finishedAt;
      if (!isSame) changes.push(changeOf(entry));
    }
    return changes;
  }
}
