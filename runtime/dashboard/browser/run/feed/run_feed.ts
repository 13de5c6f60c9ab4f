/**
 * Keeps a run up to date: its document and graph at first, then its events, folded as they come.
 * Whoever shows it looks at {@linkcode RunFeed.version}.
 *
 * @module
 */
import { type Signal, signal } from "@preact/signals";
import type { RunEvent } from "../../../../../workflows/mod.ts";
import {
  api,
  openEvents,
  type Problem,
  type RunDetail,
  type RunGraph,
  segment,
  type StreamState,
  toProblem,
} from "../../api/mod.ts";
import { createLiveRun, foldRun, type GraphTask, type LiveRun, workNameOf } from "../live/mod.ts";
import { adoptDocument, progressOfRun, progressOfView, snapshotRun } from "./snapshot_run.ts";

/** Changes are shown at most so often: a fast run brings thousands of events in a second. */
const SHOW_MS = 80;

/** How long the history waits for the first picture: longer for more tasks. */
const HISTORY_WAIT_MS_MAX = 1_000;
const TASKS_PER_MS = 20;

/** What an agent last said of its work. */
export interface TaskProgress {
  /** 0 to 1; `null` when it cannot tell. */
  fraction: number | null;
  message: string;
}

interface Update {
  taskId?: string;
  event?: RunEvent;
  fraction?: number | null;
  message?: string;
}

/** See the module. */
export class RunFeed {
  readonly runId: string;
  /** Grows with each change that is to be shown. */
  readonly version: Signal<number> = signal(0);
  readonly detail: Signal<RunDetail | null> = signal(null);
  readonly problem: Signal<Problem | null> = signal(null);
  readonly stream: Signal<StreamState | "ended"> = signal("connecting");
  /** Grows with each line that an agent logs while the page listens. */
  readonly logged: Signal<number> = signal(0);
  /** By task, or by item. */
  readonly progress = new Map<string, TaskProgress>();
  #graph: GraphTask[] = [];
  #shown: LiveRun | null = null;
  #folded: LiveRun | null = null;
  #lastId = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #starting: ReturnType<typeof setTimeout> | undefined;
  #stop = () => {};
  #isOpen = false;

  constructor(runId: string) {
    this.runId = runId;
  }

  /** The run as it is known now; `null` until its document has come. */
  get run(): LiveRun | null {
    return this.#shown;
  }

  get path(): string {
    return `/runs/${segment(this.runId)}`;
  }

  /** Loads and listens until the returned function is called. */
  open(): () => void {
    this.#isOpen = true;
    this.load();
    return () => {
      this.#isOpen = false;
      clearTimeout(this.#timer);
      clearTimeout(this.#starting);
      this.#stop();
    };
  }

  /** Loads everything again, and listens anew: after an error, or when a closed run was retried. */
  async load(): Promise<void> {
    this.problem.value = null;
    try {
      const [detail, graph] = await Promise.all([
        api.get<RunDetail>(this.path, { query: { items: false } }),
        api.get<RunGraph>(`${this.path}/graph`),
      ]);
      if (!this.#isOpen) return;
      this.detail.value = detail;
      this.#graph = graph.tasks;
      this.#show(snapshotRun(detail, this.#graph));
      // The first picture comes first: a long history would hold it up.
      const waitMs = Math.min(HISTORY_WAIT_MS_MAX, this.#graph.length / TASKS_PER_MS);
      clearTimeout(this.#starting);
      this.#starting = setTimeout(() => this.#listen(), waitMs);
    } catch (error) {
      this.problem.value = toProblem(error);
    }
  }

  /** The document again: what events do not tell (leader, parent), and the last word on tasks. */
  async #loadDetail(): Promise<void> {
    const detail = await api.get<RunDetail>(this.path, { query: { items: false } });
    if (!this.#isOpen || this.stream.peek() !== "ended") return;
    this.detail.value = detail;
    adoptDocument(this.#shown!, detail);
    this.version.value++;
  }

  /** From the first event: the history is small beside what it spares. */
  #listen(): void {
    this.#stop();
    this.#folded = createLiveRun(this.runId, this.#graph);
    this.#lastId = "";
    this.#stop = openEvents(`${this.path}/events`, {
      onEvent: (type, data, id) => this.#receive(type, data as Update, id),
      onState: (state) => this.stream.value = state,
    });
  }

  #receive(type: string, update: Update, id: string): void {
    if (type === "end") return this.#end();
    if (type === "log") {
      this.logged.value++;
      return;
    }
    if (type === "progress" && update.taskId !== undefined) {
      const { fraction = null, message = "" } = update;
      this.progress.set(workNameOf(this.#folded!, update.taskId), { fraction, message });
    } else if (update.event !== undefined && isBehind(id, this.#lastId)) {
      this.#lastId = id;
      if ("task" in update.event) {
        this.progress.delete(workNameOf(this.#folded!, update.taskId ?? update.event.task));
      }
      foldRun(this.#folded!, update.event);
    }
    this.#timer ??= setTimeout(() => this.#takeOver(), SHOW_MS);
  }

  /** Shows what was folded, once that is as new as the document. */
  #takeOver(): void {
    this.#timer = undefined;
    const folded = this.#folded!;
    if (this.#shown !== folded) {
      const known = progressOfView(this.detail.peek()!);
      const has = progressOfRun(folded);
      if (has.attempts < known.attempts || has.ended < known.ended) return;
    }
    this.#show(folded);
  }

  #end(): void {
    this.stream.value = "ended";
    this.progress.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#show(this.#folded!);
    this.#loadDetail().catch(() => {});
  }

  #show(run: LiveRun): void {
    this.#shown = run;
    this.version.value++;
  }
}

/** Whether an event id `SEGMENT.POSITION` comes behind another: a stream may begin anew. */
function isBehind(id: string, last: string): boolean {
  if (last === "" || id === "") return true;
  const [segment = 0, place = 0] = id.split(".").map(Number);
  const [lastSegment = 0, lastPlace = 0] = last.split(".").map(Number);
  return segment > lastSegment || (segment === lastSegment && place > lastPlace);
}
