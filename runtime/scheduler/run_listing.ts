import type { Clock, RunEntry } from "../../core/ports.ts";
import { hasEnded, type RunEvent } from "../../workflows/mod.ts";
import type { ActiveRun } from "./active_run.ts";

/** A run that is open for so long gets its line in the run list. */
const LIST_AFTER_MS = 50;

/**
 * Which lines of the run list go into the next commit. They change when a run opens, closes, or
 * opens again. A run that opens is listed a moment later, so that a short run costs one write and
 * not two; its journal is complete at once.
 */
export class RunListing {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  /** Open runs that have no line yet, and when they get it. */
  readonly #unlisted = new Map<ActiveRun, number>();
  #entries: RunEntry[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onDue lines have become due by themselves */
  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Lines for the next commit. */
  get entries(): readonly RunEntry[] {
    return this.#entries;
  }

  /** The same, which are written now. */
  take(): RunEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  /** Takes in what happened to a run. */
  note(run: ActiveRun, events: readonly RunEvent[]): void {
    const { type } = events[0]!;
    const isClosed = hasEnded(run.state.status);
    const isHeld = type === "RunPaused" || type === "RunResumed";
    if (!isClosed && !isHeld && type !== "RunSubmitted" && type !== "RunRetried") return;
    run.entry = { ...run.entry, status: run.state.status, finishedAt: run.state.finishedAt };
    if (isClosed || isHeld || type === "RunRetried" || run.isListedAtOnce) return this.list(run);
    this.#unlisted.set(run, this.#clock.now() + LIST_AFTER_MS);
    this.#timer ??= setTimeout(() => this.#listLater(), LIST_AFTER_MS);
  }

  /** The run gets its line with the next commit. */
  list(run: ActiveRun): void {
    this.#unlisted.delete(run);
    this.#entries.push(run.entry);
  }

  /** The same for all that wait. */
  listAll(): void {
    for (const run of this.#unlisted.keys()) this.list(run);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #listLater(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const [run, dueAt] of this.#unlisted) if (dueAt <= now) this.list(run);
    if (this.#unlisted.size > 0) {
      this.#timer = setTimeout(() => this.#listLater(), LIST_AFTER_MS);
    }
    this.#onDue();
  }
}
